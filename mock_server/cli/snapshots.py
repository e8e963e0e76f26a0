"""`snapshots …`."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from mock_server.cli.commands import Target, server_command, world_command
from mock_server.cli.common import (
    binary_output,
    iso,
    stop,
    write,
    write_json,
    write_table,
    write_whole,
)

if TYPE_CHECKING:
    from mock_server.wire.control import SnapshotInfo

PIECE = 1024**2
"""How many bytes are sent at once."""

group = typer.Typer(help="Save worlds as snapshots, and put them back.", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(help="The snapshot's name.")]


@group.command("list")
@server_command
def list_snapshots(
    target: Target,
) -> None:
    """List all snapshots."""
    found = target.control.snapshots()
    if target.as_json:
        write_json({"snapshots": found})
    elif found:
        rows = [(one.name, one.world, iso(one.saved), one.release, one.size, one.hash[:12]) for one in found]
        write_table(("NAME", "WORLD", "WORLD'S TIME", "RELEASE", "BYTES", "HASH"), rows)
    else:
        write("no snapshots")


@group.command()
@world_command
def save(
    target: Target,
    name: NameArgument,
) -> None:
    """Save a world. A snapshot of the same name is replaced."""
    saved = target.world.save(name)
    _show(saved, "saved", target.as_json)


@group.command()
@world_command
def load(
    target: Target,
    name: NameArgument,
) -> None:
    """Restore a world from a snapshot, including its clock."""
    info = target.world.load(name)
    target.report(info, f"the world {target.world_name} is as {name} was at {iso(info.clock.now)}")


@group.command()
@server_command
def delete(
    target: Target,
    name: NameArgument,
) -> None:
    """Delete a snapshot."""
    target.control.delete_snapshot(name)
    target.report({}, f"the snapshot {name} is gone")


@group.command()
@server_command
def export(
    target: Target,
    name: NameArgument,
    file: Annotated[str, typer.Argument(help="Where to write it; - is standard output.")],
) -> None:
    """Write a snapshot into a file, for another server."""
    if file == "-":
        with binary_output() as output:
            target.control.download_snapshot(name, output)
        return
    try:
        size = write_whole(Path(file), lambda into: target.control.download_snapshot(name, into))
    except OSError as problem:
        stop(f"{file} cannot be written: {problem.strerror}")
    target.report({"name": name, "file": file, "size": size}, f"wrote {file}, {size} bytes")


@group.command("import")
@server_command
def import_snapshot(
    target: Target,
    name: NameArgument,
    file: Annotated[str, typer.Argument(help="What export has written; - is standard input.")],
) -> None:
    """Import a snapshot that another server has exported."""
    try:
        with _opened(file) as source:
            # As pieces: httpx would take the length of a pipe for that of its content.
            taken = target.control.import_snapshot(name, iter(lambda: source.read(PIECE), b""))
    except OSError as problem:
        stop(f"{file} cannot be read: {problem.strerror}")
    _show(taken, "imported", target.as_json)


def _show(snapshot: "SnapshotInfo", done: str, as_json: bool) -> None:
    if as_json:
        write_json(snapshot)
    else:
        write(f"{done} {snapshot.name}: {snapshot.world} at {iso(snapshot.saved)}, {snapshot.size} bytes")


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    """The file to read, or standard input, which stays open."""
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")
