"""Conditions of a request: whether the client has what it asks for."""

import re
from collections.abc import Mapping
from typing import Any

_TAG = re.compile(rb'(?:W/)?("[!\x23-\x7e\x80-\xff]*")')


def has_already(scope: Mapping[str, Any], tag: bytes) -> bool:
    """Whether the client has what is tagged `tag`, as its `If-None-Match` says (RFC 9110, 13.1.2)."""
    known = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    return known.strip() == b"*" or tag in _TAG.findall(known)
