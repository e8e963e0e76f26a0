"""Where pydantic found something wrong, in the words of who wrote the input."""

from collections.abc import Iterable, Mapping
from typing import Any

FieldPath = tuple[str | int, ...]
"""Where in nested data something stands."""


def messages_by_path(errors: Iterable[Mapping[str, Any]], content: Any) -> dict[FieldPath, str]:
    """Return what pydantic found wrong in `content`: one sentence for each path, in the order of `errors`.

    Of several for one path, as a union gives them, the first that was written for it, or else the first.
    """
    found: dict[FieldPath, str] = {}
    written = set()
    for error in errors:
        path = _without_types(error, content)
        is_written = error["type"] == "value_error"
        if path not in found or (is_written and path not in written):
            found[path] = str(error["msg"]).removeprefix("Value error, ")
        if is_written:
            written.add(path)
    return found


def causes_by_path(errors: Iterable[Mapping[str, Any]], content: Any) -> dict[FieldPath, Exception]:
    """Return the exceptions of validators behind what pydantic found wrong in `content`, the first for each path."""
    found: dict[FieldPath, Exception] = {}
    for error in errors:
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, Exception):
            found.setdefault(_without_types(error, content), cause)
    return found


def _without_types(error: Mapping[str, Any], content: Any) -> FieldPath:
    """Return the path of an error without the types by which pydantic tells the members of a union apart.

    A step that the content does not have is such a type, but for the last one of a field that is missing.
    """
    path: list[str | int] = []
    *steps, last = error["loc"] or ("",)
    for step in steps:
        try:
            content = content[step]
        except (LookupError, TypeError):
            continue
        path.append(step)
    if error["type"] == "missing" or _has(content, last):
        path.append(last)
    return tuple(path)


def _has(content: Any, step: str | int) -> bool:
    try:
        content[step]
    except (LookupError, TypeError):
        return False
    return True
