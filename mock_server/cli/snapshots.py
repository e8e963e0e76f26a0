"""`snapshots …`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import (
    DEFAULT_URL,
    DEFAULT_WORLD,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    connected,
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
def list_snapshots(
    url: UrlOption = DEFAULT_URL, control_token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """List all snapshots."""
    with connected(url, control_token) as control:
        found = control.snapshots()
    if as_json:
        write_json({"snapshots": found})
    elif found:
        rows = [(one.name, one.world, iso(one.saved), one.release, one.size, one.hash[:12]) for one in found]
        write_table(("NAME", "WORLD", "WORLD'S TIME", "RELEASE", "BYTES", "HASH"), rows)
    else:
        write("no snapshots")


@group.command()
def save(
    name: NameArgument,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a world. A snapshot of the same name is replaced."""
    with connected(url, control_token) as control:
        saved = control.world(world).save(name)
    _show(saved, "saved", as_json)


@group.command()
def load(
    name: NameArgument,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a world back to what was saved, its clock included."""
    with connected(url, control_token) as control:
        info = control.world(world).load(name)
    write_json(info) if as_json else write(f"the world {world} is as {name} was at {iso(info.clock.now)}")


@group.command()
def delete(
    name: NameArgument, url: UrlOption = DEFAULT_URL, control_token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """Forget a snapshot."""
    with connected(url, control_token) as control:
        control.delete_snapshot(name)
    write_json({}) if as_json else write(f"the snapshot {name} is gone")


@group.command()
def export(
    name: NameArgument,
    file: Annotated[str, typer.Argument(help="Where to write it; - is standard output.")],
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a snapshot into a file, for another server."""
    with connected(url, control_token) as control:
        content = control.export_snapshot(name)
    if file == "-":
        write_bytes(content)
        return
    try:
        _write_whole(Path(file), content)
    except OSError as problem:
        stop(f"{file} cannot be written: {problem.strerror}")
    answer = {"name": name, "file": file, "size": len(content)}
    write_json(answer) if as_json else write(f"wrote {file}, {len(content)} bytes")


@group.command("import")
def import_snapshot(
    name: NameArgument,
    file: Annotated[str, typer.Argument(help="What export has written; - is standard input.")],
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in a snapshot that another server has exported."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        stop(f"{file} cannot be read: {problem.strerror}")
    with connected(url, control_token) as control:
        taken = control.import_snapshot(name, content)
    _show(taken, "took in", as_json)


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
