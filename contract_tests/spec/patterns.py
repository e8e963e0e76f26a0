"""Patterns of long texts, written so that Schemathesis can take them."""

import re
from typing import Any

LONG = 256
"""From this length on."""

_DATA = ("const", "default", "enum", "example", "examples")
"""What stands under these is no schema."""

_WITHOUT = re.compile(r"\^\[\^(?!\^)((?:[^\]\[\\]|\\.)+)\]\*\$")
"""A pattern that only forbids characters: `^[^…]*$`."""


def set_apart(schema: Any) -> None:
    """Take patterns away from their `maxLength`, everywhere in a document; what they mean stays the same.

    Schemathesis makes one pattern of both, `{0,10000}` at its end, and compiling that takes up to two seconds and
    hundreds of megabytes. A pattern that only forbids characters becomes a `not`, so that texts are generated without
    any pattern; others are moved into an `allOf`, where fewer of them are joined.
    """
    if isinstance(schema, list):
        for part in schema:
            set_apart(part)
    elif isinstance(schema, dict):
        for name, part in schema.items():
            if name not in _DATA:
                set_apart(part)
        length, pattern = schema.get("maxLength"), schema.get("pattern")
        if isinstance(length, int) and length >= LONG and isinstance(pattern, str):
            _rewrite(schema, pattern)


def _rewrite(schema: dict[str, Any], pattern: str) -> None:
    forbids = _WITHOUT.fullmatch(pattern)
    del schema["pattern"]
    if forbids and "not" not in schema:
        # With the type, lest its opposite be a number.
        schema["not"] = {"type": "string", "pattern": f"[{forbids[1]}]"}
    else:
        schema["allOf"] = [*schema.get("allOf", ()), {"pattern": pattern}]
