"""`faults …`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    number,
    refuse_file,
    write,
    write_json,
    write_table,
)
from mock_server.input_errors.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_server.wire.control import Fault, FaultInfo

group = typer.Typer(
    help="Set, list and clear faults: failures to rehearse.", no_args_is_help=True, rich_markup_mode=None
)

WHICH = (
    "operation",
    "method",
    "path",
    "entity",
    "user",
    "nth",
    "first",
    "every",
    "probability",
    "after",
    "lasts",
    "times",
)
WHAT = ("phase", "status", "message", "headers", "latency", "close", "truncate", "malform")


class Phase(StrEnum):
    """When a fault strikes."""

    BEFORE = "before"
    AFTER = "after"


@group.command("list")
@world_command
def list_faults(
    target: Target,
) -> None:
    """List the faults that are set, and how many requests each has seen and hit."""
    found = target.world.faults()
    _show(found, target.as_json)


@group.command("set")
@world_command
def set_fault(
    target: Target,
    name: Annotated[str | None, typer.Option(help="Its name; a fault of that name is replaced.")] = None,
    operation: Annotated[str | None, typer.Option(help="Requests of this operation, such as run_capsule.")] = None,
    method: Annotated[str | None, typer.Option(help="Requests with this method.")] = None,
    path: Annotated[str | None, typer.Option(help="Requests for this path, a pattern with *.")] = None,
    entity: Annotated[str | None, typer.Option(help="Requests about the object with this id.")] = None,
    user: Annotated[str | None, typer.Option(help="Requests of this user, by id or address.")] = None,
    nth: Annotated[int | None, typer.Option(help="Of those, the one with this number.")] = None,
    first: Annotated[int | None, typer.Option(help="Of those, the first N.")] = None,
    every: Annotated[int | None, typer.Option(help="Of those, every N-th.")] = None,
    probability: Annotated[float | None, typer.Option(help="Of those, this share.")] = None,
    after: Annotated[str | None, typer.Option(help="Start this long from now, on the world's clock.")] = None,
    lasts: Annotated[str | None, typer.Option(help="End this long after the start.")] = None,
    times: Annotated[int | None, typer.Option(help="Hit at most this many requests.")] = None,
    phase: Annotated[
        Phase | None, typer.Option(help="before: the operation is not reached; after: it has taken effect.")
    ] = None,
    status: Annotated[int | None, typer.Option(help="Answer with this status, 400 to 599.")] = None,
    message: Annotated[str | None, typer.Option(help="The message of that answer.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="A header of that answer, as 'Name: value'; repeatable.")
    ] = None,
    latency: Annotated[str | None, typer.Option(help="Delay the answer: 0.5, 500ms, or a range as 0.1..0.5.")] = None,
    close: Annotated[bool, typer.Option("--close", help="Close the connection instead of answering.")] = False,
    truncate: Annotated[
        int | None, typer.Option(help="Close the connection after this many bytes of the body.")
    ] = None,
    malform: Annotated[bool, typer.Option("--malform", help="Send a body that is not valid JSON.")] = False,
) -> None:
    """Set one fault."""
    fault = target.world.set_fault(
        name=name,
        operation=operation,
        method=method,
        path=path,
        entity=entity,
        user=user,
        nth=nth,
        first=first,
        every=every,
        probability=probability,
        after=number(after),
        lasts=number(lasts),
        times=times,
        phase=phase.value if phase else None,
        status=status,
        message=message,
        headers=dict(map(_header, header or ())),
        latency=_latency(latency),
        close=close,
        truncate=truncate,
        malform=malform,
    )
    if target.as_json:
        write_json(fault, exclude_none=True)
    else:
        write(f"set {fault.name}: {_wording(fault.spec, WHAT)}")


@group.command()
@world_command
def load(
    target: Target,
    file: Annotated[str, typer.Argument(help="A YAML file with the list `faults`.")],
) -> None:
    """Replace all faults with those of a file."""
    from mock_server.cli import files
    from mock_server.documents.document_error import DocumentError

    try:
        wanted = files.faults(file)
    except DocumentError as failure:
        refuse_file(file, failure.problems)
    found = target.world.set_faults(wanted)
    _show(found, target.as_json)


@group.command()
@world_command
def delete(
    target: Target,
    name: Annotated[str, typer.Argument(help="Its name.")],
) -> None:
    """Delete a fault."""
    target.world.delete_fault(name)
    target.report({}, f"the fault {name} is gone")


@group.command()
@world_command
def clear(
    target: Target,
) -> None:
    """Delete all faults."""
    target.world.clear_faults()
    target.report({}, "all faults are cleared")


def _header(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon:
        raise typer.BadParameter(f"{written!r} is not of the form 'Name: value'", param_hint="--header")
    return name.strip(), value.strip()


def _latency(written: str | None) -> object:
    low, dots, high = (written or "").partition("..")
    return [number(low), number(high)] if dots else number(written)


def _show(faults: "Sequence[FaultInfo]", as_json: bool) -> None:
    if as_json:
        write_json({"faults": faults}, exclude_none=True)
    elif faults:
        rows = [
            (
                one.name,
                _wording(one.spec, WHICH),
                _wording(one.spec, WHAT),
                one.seen,
                one.applied,
                _state(one),
            )
            for one in faults
        ]
        write_table(("NAME", "REQUESTS", "WHAT", "SEEN", "HIT", "STATE"), rows, coloured=("STATE",))
    else:
        write("no faults are set")


def _state(fault: "FaultInfo") -> str:
    if fault.over:
        return "over"
    return "paused" if fault.spec.paused else "active"


def _wording(fault: "Fault", fields: tuple[str, ...]) -> str:
    given = fault.model_dump(mode="json", exclude_defaults=True, include=set(fields))
    words = [name if given[name] is True else f"{name} {_value(given[name])}" for name in fields if name in given]
    return ", ".join(words) or "all"


def _value(value: object) -> str:
    if isinstance(value, list):
        return "..".join(plain(one) for one in value)
    if isinstance(value, dict):
        return " ".join(f"'{name}: {one}'" for name, one in value.items())
    return plain(value) if isinstance(value, float) else str(value)
