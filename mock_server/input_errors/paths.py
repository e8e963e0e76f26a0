"""Where pydantic found something wrong, in the terms of who wrote the input."""

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from mock_server.input_errors.words import in_words

FieldPath = tuple[str | int, ...]
"""Where in nested data something stands."""


def messages_by_path(errors: Iterable[Mapping[str, Any]], content: Any, model: Any = None) -> dict[FieldPath, str]:
    """Return what pydantic found wrong in `content`: one sentence for each path, in the order of `errors`. With the
    `model` that reads it, or one for each of its parts, an unknown field is followed by what may have been meant.

    Of several for one path, as a union gives them, the first that was written for it or tells of no number at all, or
    else the first; where whole numbers are taken and others too, a number. A list or mapping is not said to be of the
    wrong type when something inside it is wrong: then one member of the union takes it.
    """
    found: dict[FieldPath, str] = {}
    written, types = set(), {}
    for error in errors:
        path = _without_types(error, content)
        is_written = error["type"] in ("value_error", "finite_number")
        is_wider = error["type"].startswith("float_") and path not in written
        if path not in found or is_wider or (is_written and path not in written):
            found[path], types[path] = in_words(error, _alternatives(error, model, path)), error["type"]
        if is_written:
            written.add(path)
    around = {path[:length] for path in found for length in range(len(path))}
    return {path: words for path, words in found.items() if path not in around or not types[path].endswith("_type")}


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


def names_at(kind: Any, path: FieldPath) -> list[str]:
    """Return the names of the fields that a model, or the members of a union, may have at `path`."""
    kinds = list(_members(kind))
    for step in path:
        kinds = [member for one in kinds for below in _below(one, step) for member in _members(below)]
    return [field.alias or name for one in kinds for name, field in getattr(one, "model_fields", {}).items()]


def _alternatives(error: Mapping[str, Any], model: Any, path: FieldPath) -> list[str]:
    """Return the fields that may have been meant by an unknown one: none when another member of a union has it."""
    names = names_at(model, path[:-1]) if error["type"] == "extra_forbidden" else []
    return [] if path[-1:] and path[-1] in names else names


def _members(kind: Any) -> Iterator[Any]:
    """Yield the types that an annotation stands for."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _members(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for one in get_args(kind):
            yield from _members(one)
    else:
        yield kind


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    """Yield the annotations of what a model has in the field `step`, or a list or mapping has anywhere."""
    fields = getattr(kind, "model_fields", None)
    if isinstance(kind, Mapping):
        yield kind.get(step)
    elif fields is not None:
        yield from (field.annotation for name, field in fields.items() if step in (name, field.alias))
    else:
        yield from get_args(kind)[-1:]
