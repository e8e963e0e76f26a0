"""`clock …`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    iso,
    length,
    number,
    write,
    write_facts,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from mock_server.wire.control import Advanced, Change, ClockInfo

group = typer.Typer(help="Show, set and move a world's clock.", no_args_is_help=True, rich_markup_mode=None)


class ClockMode(StrEnum):
    """How a clock runs; see docs/control-plane.md."""

    WALL = "wall"
    FROZEN = "frozen"
    OFFSET = "offset"
    SCALED = "scaled"
    SKIPPING = "skipping"


AtOption = Annotated[str | None, typer.Option("--at", help="The time to show now: ISO 8601, or Unix seconds.")]
ByOption = Annotated[
    str | None, typer.Option("--by", "--offset", help="How far ahead of real time: 90s, 1h30m. For offset.")
]
ScaleOption = Annotated[float | None, typer.Option("--scale", help="Its seconds per real second. For scaled.")]


@group.command()
@world_command
def show(
    target: Target,
) -> None:
    """Show the clock's time and mode."""
    _show(target.world.clock(), target.as_json)


@group.command("set")
@world_command
def set_clock(
    target: Target,
    mode: Annotated[ClockMode, typer.Argument(help="How it runs.")],
    at: AtOption = None,
    by: ByOption = None,
    scale: ScaleOption = None,
) -> None:
    """Change how the clock runs. It never runs backwards."""
    _show(target.world.set_clock(mode.value, at=number(at), offset=number(by), scale=scale), target.as_json)


@group.command()
@world_command
def advance(
    target: Target,
    by: Annotated[str | None, typer.Argument(help="How far: 90s, 1h30m, 2d.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="To this time: ISO 8601, or Unix seconds.")] = None,
    next_change: Annotated[
        bool, typer.Option("--next", help="To the next change; with a duration, to the later of the two.")
    ] = False,
) -> None:
    """Move the clock forward. Prints what happened on the way."""
    if by is None and to is None and not next_change:
        raise typer.BadParameter("give a duration, --to or --next")
    advanced = target.world.advance(number(by), to=number(to), next_change=next_change)
    if target.as_json:
        write_json(advanced)
        return
    _write_advanced(advanced, "no change is in sight" if next_change else "nothing changed")


def _show(clock: "ClockInfo", as_json: bool) -> None:
    if as_json:
        write_json(clock)
        return
    write_facts(_facts(clock))


def _facts(clock: "ClockInfo") -> Iterator[tuple[str, object]]:
    yield "mode", clock.mode
    yield "now", iso(clock.now)
    if clock.mode == "scaled":
        yield "scale", clock.scale
    ahead = round(clock.ahead)
    yield "real time", f"{length(abs(ahead))} {'ahead' if ahead > 0 else 'behind'}" if ahead else "the same"
    yield "next change", iso(clock.next_change) if clock.next_change is not None else "none in sight"


def _write_advanced(advanced: "Advanced", nothing: str) -> None:
    write(f"{iso(advanced.before)} -> {iso(advanced.now)}, {length(advanced.now - advanced.before)} later")
    if advanced.changes:
        write_table(("AT", "WHAT", "ID", "STATE", "NAME", "OF"), map(_row, advanced.changes))
    else:
        write(nothing)
    if advanced.more:
        write(f"and {advanced.more} more")


def _row(change: "Change") -> tuple[object, ...]:
    state = f"{change.before} -> {change.after}"
    return (iso(change.at), change.kind.replace("_", " "), change.entity, state, change.name, change.of)
