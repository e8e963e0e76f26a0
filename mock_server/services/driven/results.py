"""The result files of a driven run: put in one by one, or many as a tar."""

import os
import tarfile
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from mock_server import background
from mock_server.domain.content import BLOCK, SMALL, Content, Stored, small_file
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.paths import clean
from mock_server.errors import BadRequestError, UnavailableError
from mock_server.services.driven import row as rows
from mock_server.services.driven.row import OUTPUT
from mock_server.store.stored_files import Incoming, StoredFiles
from mock_server.wire.driven import ResultFiles
from mock_server.world import World

MOST_FILES = 1_000_000
"""The most files that a run can have."""


async def put(
    world: World, computation_id: str, path: str, pieces: AsyncIterable[bytes], lease: str | None
) -> ResultFiles:
    """Put a file into the results of a driven run. Raises `ConflictError` when it has ended, `BadRequestError` for a
    path that cannot be, `UnavailableError` when the file cannot be written.
    """
    rows.require_going(rows.find(world, computation_id, lease))
    place = _place(path)
    with world.db.files.receive() as incoming:
        async for piece in pieces:
            incoming.write(piece)
        small = await background.run(_small, incoming)
        with world.write():
            content = small or world.db.files.keep(incoming)
            return _add(world, computation_id, {place: content}, lease)


async def put_tar(world: World, computation_id: str, pieces: AsyncIterable[bytes], lease: str | None) -> ResultFiles:
    """Put the files of a tar into the results of a driven run, all or none. Raises as `put` does, and
    `BadRequestError` for what is not a tar, or holds anything but files and folders.
    """
    rows.require_going(rows.find(world, computation_id, lease))
    with world.db.files.receive() as incoming:
        async for piece in pieces:
            incoming.write(piece)
        contents = await background.run(_unpacked, incoming.side_file.file, world.db.files)
        with world.write():
            stored = (content.sha256 for content in contents.values() if isinstance(content, Stored))
            if not all(world.db.files.has(sha256) for sha256 in stored):
                # Somebody else's run had the same file, and was deleted meanwhile.
                raise UnavailableError("a file was removed while the others came; send them again")
            return _add(world, computation_id, contents, lease)


def _add(world: World, computation_id: str, contents: dict[str, Content], lease: str | None) -> ResultFiles:
    """Add files to those of a run; call it inside `World.write`."""
    run = rows.find(world, computation_id, lease)
    rows.require_going(run)
    more = FileTree(tuple(Entry(path, content) for path, content in contents.items()))
    files = rows.files_of(world, run.row).with_files(more)
    own = rows.without_log(files)
    _refuse_clashes({entry.path for entry in own.entries})
    rows.write_files(world, run.row, files)
    return ResultFiles(files=own.files, size=own.size)


def _refuse_clashes(paths: set[str]) -> None:
    """Raise `BadRequestError` for a file that is in the place of a folder."""
    if len(paths) > MOST_FILES:
        raise BadRequestError(f"a run has at most {MOST_FILES} result files")
    for path in paths:
        parts = path.split("/")
        above = next((name for at in range(1, len(parts)) if (name := "/".join(parts[:at])) in paths), None)
        if above is not None:
            raise BadRequestError(f'"{above}" cannot be both a file and the folder of "{path}"')


def _place(path: str) -> str:
    place = clean(path)
    if not place:
        raise BadRequestError("the path of a result file is empty")
    if place.partition("/")[0] == OUTPUT:
        raise BadRequestError(f'"{OUTPUT}" is the log of the run; append to it')
    return place


def _small(incoming: Incoming) -> Content | None:
    """The content of a file that is so small that it is kept in the database; of others, it is seen to that the disk
    has them.
    """
    if incoming.size > SMALL:
        incoming.sync()
        return None
    incoming.side_file.file.seek(0)
    return small_file(incoming.side_file.file.read())


def _unpacked(file: BinaryIO, files: StoredFiles) -> dict[str, Content]:
    """The files of a tar by their paths, those that are not small kept beside the database already."""
    file.flush()
    file.seek(0, os.SEEK_SET)
    contents: dict[str, Content] = {}
    with _as_bad_request(), tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="strict") as tar:
        for member in _files_of(tar):
            place = _place(member.name)
            packed = tar.extractfile(member)
            if packed is None or len(contents) >= MOST_FILES:
                raise BadRequestError(f"a run has at most {MOST_FILES} result files")
            contents[place] = files.store(member.size, iter(partial(packed.read, BLOCK), b""))
            # What was read is remembered otherwise, member by member.
            tar.members = []  # type: ignore[attr-defined]
    return contents


def _files_of(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        if member.isdir():
            continue
        if not member.isreg():
            raise BadRequestError(f'"{member.name}" in the tar is neither a file nor a folder')
        yield member


@contextmanager
def _as_bad_request() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise BadRequestError("a name in the tar is not UTF-8") from None
    except (tarfile.TarError, EOFError, ValueError) as problem:
        raise BadRequestError(f"not a tar: {problem}") from None
