"""The one failure of the client."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from mock_server.wire.control import Problem

Place = tuple[str | int, ...]
"""Where in nested data something stands."""


class ControlError(Exception):
    """The control plane could not be asked, or refused. `message` is one line; `status` is the answer's, None when
    there was none; `problems` say what is wrong where.
    """

    def __init__(self, message: str, status: int | None = None, problems: Sequence[Problem] = ()) -> None:
        self.message = " ".join(message.split())
        self.status = status
        self.problems = list(problems)
        super().__init__(self.message)


class WrongArgumentError(ControlError):
    """What was asked for cannot be, so nothing was sent."""


def places_of(failure: ValidationError, content: Any) -> dict[Place, str]:
    """What pydantic found wrong in `content`: a sentence for each place. Of several the one that was written for it."""
    found: dict[Place, str] = {}
    for error in failure.errors(include_url=False, include_context=False, include_input=False):
        place = _without_types(error["loc"], content)
        if place not in found or error["type"] == "value_error":
            found[place] = error["msg"].removeprefix("Value error, ")
    return found


def _without_types(place: Place, content: Any) -> Place:
    """A place without the types by which pydantic tells the members of a union apart: no file has them as keys."""
    kept: list[str | int] = []
    for step in place:
        try:
            content = content[step]
        except (LookupError, TypeError):
            # A field that is missing is one of a mapping; `check` names the type of a check.
            if not isinstance(content, Mapping) or step == content.get("check"):
                continue
            content = None
        kept.append(step)
    return tuple(kept)
