"""`worlds …` and `reset`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.clock import AtOption, ByOption, ClockMode, ScaleOption
from mock_server.cli.commands import Target, server_command, world_command
from mock_server.cli.common import (
    PREFIX,
    binary_output,
    iso,
    length,
    number,
    shown,
    stop,
    write_facts,
    write_json,
    write_table,
    write_whole,
)
from mock_server.domain.naming import DEFAULT_WORLD

if TYPE_CHECKING:
    from mock_server.wire.control import WorldInfo

group = typer.Typer(
    help="List, create and delete worlds, each a Code Ocean of its own.", no_args_is_help=True, rich_markup_mode=None
)


@group.command("list")
@server_command
def list_worlds(target: Target) -> None:
    """List all worlds."""
    worlds = target.control.worlds()
    if target.as_json:
        write_json({"worlds": worlds})
        return
    heading = ("NAME", "SEED", "CLOCK", "NOW", "RUNS", "DATA ASSETS", "SCENARIOS", "FAULTS", "REQUESTS", "IDLE")
    write_table(heading, map(_row, worlds))


@group.command()
@server_command
def show(
    target: Target,
    name: Annotated[str, typer.Argument(envvar=f"{PREFIX}WORLD", help="Its name.")] = DEFAULT_WORLD,
) -> None:
    """Show a world: seed, clock, what it holds, tokens."""
    _show(target.control.world(name).info(), target.as_json)


@group.command()
@server_command
def create(
    target: Target,
    name: Annotated[str, typer.Argument(help="Its name; TOKEN@NAME is then a token of it.")],
    seed: Annotated[
        str | None, typer.Option(help="demo, empty or a seed file; the server's own seed when left out.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="The snapshot to start from, instead of a seed.")] = None,
    random_seed: Annotated[int | None, typer.Option(help="Makes its ids and durations repeatable.")] = None,
    clock: Annotated[ClockMode | None, typer.Option(help="How its clock runs.")] = None,
    at: AtOption = None,
    by: ByOption = None,
    scale: ScaleOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Drop a world of the same name first.")] = False,
) -> None:
    """Create a world."""
    fields = {"mode": clock, "at": number(at), "offset": number(by), "scale": scale}
    setting = {field: value for field, value in fields.items() if value is not None}
    if setting and clock is None:
        raise typer.BadParameter("--at, --by and --scale need --clock")
    world = target.control.create_world(
        name,
        seed=_reachable(seed),
        snapshot=snapshot,
        random_seed=random_seed,
        clock=setting or None,
        replace=replace,
    )
    _show(world.info(), target.as_json)


@group.command()
@server_command
def delete(
    target: Target,
    name: Annotated[str, typer.Argument(help="Its name.")],
) -> None:
    """Delete a world and everything in it."""
    target.control.delete_world(name)
    target.report({}, f"deleted the world {name}")


@world_command
def reset(target: Target) -> None:
    """Reset a world to its seed. Data, ids, clock, scenarios, faults and journal are as they were."""
    info = target.world.reset()
    target.report(info, f"the world {target.world_name} is as it was when it was made")


@world_command
def export(
    target: Target,
    out: Annotated[str, typer.Option("--out", "-o", help="Where to write it; - is standard output.")] = "-",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the current state of a world as a seed file: text to read, commit and start from."""
    if out == "-":
        with binary_output() as output:
            target.world.download_seed(output)
        return
    try:
        if Path(out).is_file() and not force:
            stop(f"{out} exists; --force replaces it")
        size = write_whole(Path(out), target.world.download_seed)
    except OSError as problem:
        stop(f"{out} cannot be written: {problem.strerror}")
    target.report({"world": target.world_name, "file": out, "size": size}, f"wrote {out}, {size} bytes")


def _reachable(seed: str | None) -> str | None:
    """A seed file of this folder by its whole path: the server may run in another."""
    if seed is None or seed in ("demo", "empty"):
        return seed
    try:
        return str(Path(seed).absolute()) if Path(seed).is_file() else seed
    except OSError:  # The server will say what is wrong with it.
        return seed


def _row(world: "WorldInfo") -> tuple[object, ...]:
    if world.problem is not None:
        return (world.name, world.problem)
    counts = world.counts
    held = (counts.computations, counts.data_assets, counts.scenarios, counts.faults, counts.requests)
    return (world.name, world.seed, world.clock.mode, iso(world.clock.now), *held, length(world.idle))


def _show(world: "WorldInfo", as_json: bool) -> None:
    if as_json:
        write_json(world)
        return
    write_facts(_facts(world))


def _facts(world: "WorldInfo") -> Iterator[tuple[str, object]]:
    yield "name", world.name
    if world.problem is not None:
        yield "problem", world.problem
    yield "seed", world.seed
    yield "random seed", world.random_seed
    yield "clock", f"{world.clock.mode}, {iso(world.clock.now)}"
    yield "idle", length(world.idle)
    for name, count in world.counts:
        yield name.replace("_", " "), count
    for token, what in world.tokens.items():
        yield "token", f"{shown(token)}: {what}"
