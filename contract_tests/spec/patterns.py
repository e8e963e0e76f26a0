"""Patterns of long texts, written so that Schemathesis can take them."""

from typing import Any

LONG = 256
"""From this length on."""

_DATA = ("const", "default", "enum", "example", "examples")
"""What stands under these is no schema."""


def set_apart(schema: Any) -> None:
    """Move patterns away from their `maxLength`, everywhere in a document; they mean the same.

    Schemathesis makes one pattern of both, `{0,10000}` at its end, and compiling that takes a tenth of a second and
    tens of megabytes each time. What stands in `allOf` it leaves apart.
    """
    if isinstance(schema, list):
        for part in schema:
            set_apart(part)
    elif isinstance(schema, dict):
        for name, part in schema.items():
            if name not in _DATA:
                set_apart(part)
        length = schema.get("maxLength")
        if isinstance(length, int) and length >= LONG and isinstance(schema.get("pattern"), str):
            schema["allOf"] = [*schema.get("allOf", ()), {"pattern": schema.pop("pattern")}]
