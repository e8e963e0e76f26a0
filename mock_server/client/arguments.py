"""From what a caller of the client says to what is sent."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from mock_server.client.errors import ControlError, WrongArgumentError
from mock_server.domain.naming import NAME_WORDS
from mock_server.input_errors.paths import messages_by_path
from mock_server.wire.control import WORLD_NAME, Problem, SetClock

Model = TypeVar("Model", bound=BaseModel)

Length = float | str | timedelta
"""Seconds, text such as `"1h30m"`, or a `timedelta`."""

When = float | str | datetime
"""Unix seconds, ISO 8601 text, or a `datetime`; UTC unless it says otherwise."""

Document = Path | str | Mapping[str, Any] | Sequence[Any]
"""A YAML or JSON file: where it is, its text, or what it holds."""


class MatchFields(TypedDict, total=False):
    """Which requests are meant: the fields of `wire.journal.Match`."""

    operation: str | None
    method: str | None
    path: str | None
    entity: str | None
    user: str | None
    status: str | int | None
    fault: str | None
    after: int | None


class RunFields(TypedDict, total=False):
    """Which runs are meant: the fields of `wire.runs.RunFilters`. `capsule` is an id, or a part of a name."""

    state: str | None
    capsule: str | None
    limit: int | None


class WorldFields(TypedDict, total=False):
    """What a new world is made from; what is None or left out is as the server's settings have it.

    `seed` is `demo`, `empty` or a file on the server's machine, `snapshot` the name of one to start from instead;
    `random_seed` makes ids and durations repeatable, `clock` says how the clock runs, and `replace` drops a world of
    the same name first.
    """

    seed: str | None
    snapshot: str | None
    random_seed: int | None
    clock: SetClock | Mapping[str, Any] | None
    replace: bool


def model(kind: type[Model], fields: Mapping[str, Any]) -> Model:
    """The model with these fields; those that are None are left out. Raises `WrongArgumentError`."""
    if not isinstance(fields, Mapping):
        raise WrongArgumentError(f"{fields!r} is no {kind.__name__.lower()}: it must be a mapping of fields")
    given = {name: _plain(value) for name, value in fields.items() if value is not None}
    try:
        return kind.model_validate(given)
    except ValidationError as failure:
        problems = [
            Problem(line=1, field=".".join(map(str, path)), message=message)
            for path, message in messages_by_path(failure.errors(), given, kind).items()
        ]
        raise WrongArgumentError(described(problems), problems=problems) from None


def described(problems: Sequence[Problem]) -> str:
    """What is wrong, without lines: what was given has none."""
    return "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in problems)


def body(kind: type[Model], **fields: Any) -> dict[str, Any]:
    """The JSON of that model. Raises `WrongArgumentError`."""
    return dump(model(kind, fields))


def dump(filled: BaseModel) -> dict[str, Any]:
    """The JSON of a model, without what is as it would be anyway."""
    return filled.model_dump(mode="json", exclude_defaults=True)


def name_of(kind: str, name: str) -> str:
    """The name of a world, snapshot, scenario or fault. Raises `WrongArgumentError` for what can be none."""
    if not re.fullmatch(WORLD_NAME, name):
        raise WrongArgumentError(f"{name!r} is not a valid {kind} name: it {NAME_WORDS}")
    return name


def id_of(kind: str, identity: str) -> str:
    """An id as one part of a path. Raises `WrongArgumentError` for one that would make it another path."""
    try:
        written = quote(identity, safe="")
    except UnicodeEncodeError:
        written = ""
    if written in ("", ".", ".."):
        raise WrongArgumentError(f"{identity!r} is not a valid {kind} id")
    return written


def document(given: Document) -> dict[str, Any]:
    """What httpx is to send for a document. Raises `ControlError`."""
    if isinstance(given, Path):
        source = given.absolute()
        return {"content": _read(source), "params": {"source": str(source)}, "headers": _type("application/yaml")}
    try:
        if isinstance(given, str):
            return {"content": given.encode(), "headers": _type("application/yaml")}
        return {"content": json.dumps(given, allow_nan=False).encode(), "headers": _type("application/json")}
    except (TypeError, ValueError) as problem:
        raise WrongArgumentError(f"the content cannot be sent: {problem}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise ControlError(f"{path} cannot be read: {reason}") from None


def _type(name: str) -> dict[str, str]:
    return {"Content-Type": name}
