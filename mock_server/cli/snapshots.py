"""`snapshots …`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, server_command, world_command
from mock_server.cli.common import (
    iso,
    stop,
    write,
    write_bytes,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from mock_server.wire.control import SnapshotInfo

group = typer.Typer(help="Snapshots: worlds that were saved.", no_args_is_help=True, rich_markup_mode=None)

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
    """Put a world back to what was saved, its clock included."""
    info = target.world.load(name)
    target.report(info, f"the world {target.world_name} is as {name} was at {iso(info.clock.now)}")


@group.command()
@server_command
def delete(
    target: Target,
    name: NameArgument,
) -> None:
    """Forget a snapshot."""
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
    content = target.control.export_snapshot(name)
    if file == "-":
        write_bytes(content)
        return
    try:
        _write_whole(Path(file), content)
    except OSError as problem:
        stop(f"{file} cannot be written: {problem.strerror}")
    answer = {"name": name, "file": file, "size": len(content)}
    target.report(answer, f"wrote {file}, {len(content)} bytes")


@group.command("import")
@server_command
def import_snapshot(
    target: Target,
    name: NameArgument,
    file: Annotated[str, typer.Argument(help="What export has written; - is standard input.")],
) -> None:
    """Import a snapshot that another server has exported."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        stop(f"{file} cannot be read: {problem.strerror}")
    taken = target.control.import_snapshot(name, content)
    _show(taken, "imported", target.as_json)


def _show(snapshot: "SnapshotInfo", done: str, as_json: bool) -> None:
    if as_json:
        write_json(snapshot)
    else:
        write(f"{done} {snapshot.name}: {snapshot.world} at {iso(snapshot.saved)}, {snapshot.size} bytes")


def _write_whole(file: Path, content: bytes) -> None:
    """Write to the side and rename, so that nobody ever sees half a file. A device or a pipe is written as it is."""
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_bytes(content)
        aside.replace(file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
