"""Fields of a request that nothing reads: what a client sends in vain, or with a slip of the pen."""

import json
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import parse_qsl

from pydantic import BaseModel


def in_query(query: bytes, known: set[str]) -> list[str]:
    """The names in a query string that are not `known`."""
    try:
        fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []
    return sorted({f"query.{name}" for name, _ in fields if name not in known})


def in_body(body: bytes, kind: Any) -> list[str]:
    """The members of a JSON body that its type `kind` does not declare, with their places."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return sorted(set(_unknown(content, kind, "body")))


def _unknown(content: Any, kind: Any, place: str) -> Iterator[str]:
    models = [part for part in _parts(kind) if isinstance(part, type) and issubclass(part, BaseModel)]
    if isinstance(content, list):
        items = [item for part in _parts(kind) for item in get_args(part)]
        for number, entry in enumerate(content):
            for item in items:
                yield from _unknown(entry, item, f"{place}.{number}")
    elif isinstance(content, dict) and models:
        fields = {(field.alias or name): field.annotation for name, field in models[0].model_fields.items()}
        for key, value in content.items():
            if key in fields:
                yield from _unknown(value, fields[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"


def _parts(kind: Any) -> list[Any]:
    """The types that a type is made of: those of a union, or itself."""
    if getattr(kind, "__metadata__", None):
        return _parts(get_args(kind)[0])
    if get_args(kind) and not (isinstance(getattr(kind, "__origin__", None), type)):
        return [part for option in get_args(kind) for part in _parts(option)]
    return [kind]
