"""The prelude of the commands that talk to a server: its options, the connection, and what the command acts on."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from mock_server.cli.common import (
    DEFAULT_URL,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    connected,
    write,
    write_json,
)
from mock_server.domain.naming import DEFAULT_WORLD

if TYPE_CHECKING:
    from mock_server.client import Control, WorldControl

_SERVER = {"url": (UrlOption, DEFAULT_URL), "control_token": (TokenOption, None), "as_json": (JsonOption, False)}
_WORLD = {"world": (WorldOption, DEFAULT_WORLD)} | _SERVER


@dataclass(frozen=True, slots=True)
class Target:
    """What a command acts on, and how it prints: the server, a world of it, and whether as JSON."""

    control: "Control"
    world_name: str
    as_json: bool

    @property
    def world(self) -> "WorldControl":
        """The world of `--world`."""
        return self.control.world(self.world_name)

    def report(self, answer: object, text: str) -> None:
        """Print `answer` as JSON when that is wanted, else `text`."""
        write_json(answer) if self.as_json else write(text)


def server_command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function that takes a `Target` first: `--url`, `--control-token` and `--json` are added."""
    return _connecting(function, _SERVER)


def world_command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function that takes a `Target` first: as `server_command`, and `--world` is added."""
    return _connecting(function, _WORLD)


def _connecting(function: Callable[..., None], options: dict[str, tuple[Any, Any]]) -> Callable[..., None]:
    _, *own = inspect.signature(function).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=option)
        for name, (option, default) in options.items()
    ]

    @wraps(function)
    def command(
        *, url: str, control_token: str | None, as_json: bool, world: str = DEFAULT_WORLD, **arguments: Any
    ) -> None:
        with connected(url, control_token) as control:
            function(Target(control, world, as_json), **arguments)

    # Typer reads the options from here.
    command.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *added)}
    return command
