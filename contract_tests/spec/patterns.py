"""Patterns of long texts, written so that Schemathesis can take them."""

import re
from typing import Any

LONG = 256
"""From this length on a pattern is taken away from its `maxLength`."""

VERY_LONG = 10_000
"""From this length on even a pattern by itself costs too much, and one that only forbids characters becomes a `not`."""

_DATA = ("const", "default", "enum", "example", "examples")
"""What stands under these is no schema."""

_WITHOUT = re.compile(r"\^\[\^(?!\^)((?:[^\]\[\\]|\\.)+)\]\*\$")
"""A pattern that only forbids characters: `^[^…]*$`."""


def set_apart(schema: Any) -> None:
    """Take patterns away from their `maxLength`, everywhere in a document; what they mean stays the same.

    Schemathesis makes one pattern of both, `{0,10000}` at its end, and compiling that takes up to two seconds and
    hundreds of megabytes. A pattern is moved into an `allOf`, where fewer are joined; where the text may be very
    long and the pattern only forbids characters, it becomes a `not`, so that texts are generated without any pattern.
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
            _rewrite(schema, pattern, length)


def _rewrite(schema: dict[str, Any], pattern: str, length: int) -> None:
    forbids = _WITHOUT.fullmatch(pattern) if length >= VERY_LONG else None
    del schema["pattern"]
    if forbids and "not" not in schema:
        # With the type, lest its opposite be a number.
        schema["not"] = {"type": "string", "pattern": f"[{forbids[1]}]"}
    else:
        schema["allOf"] = [*schema.get("allOf", ()), {"pattern": pattern}]
