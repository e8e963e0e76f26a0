"""The log of a driven run while it goes on. What is appended is kept in the database until it is worth a file."""

from collections.abc import Iterator

from mock_server.domain.content import Binary, Content, Joined
from mock_server.domain.files import Entry, FileTree
from mock_server.errors import ConflictError
from mock_server.services import access
from mock_server.services.driven import row as rows
from mock_server.services.driven.row import OUTPUT
from mock_server.store import queries
from mock_server.store.schema import ComputationRow, DrivenRow
from mock_server.wire.driven import LogLength
from mock_server.world import World

WORTH_A_FILE = 1024**2
"""From how many bytes on the end of a log becomes a file."""


def append(world: World, computation_id: str, text: bytes, offset: int | None, lease: str | None) -> LogLength:
    """Add to the log of a driven run. With an `offset`, how long the log was before, what is there already is not added
    again. Raises `ConflictError` when that is more than it has, or the run has ended and this is not in its log.
    """
    with world.write():
        run = rows.find(world, computation_id, lease)
        length = _content(world, run.row, run.going).size
        if offset is not None and offset > length:
            raise ConflictError(f"the log has {length} bytes, not {offset}")
        more = text if offset is None else text[length - offset :]
        if more or offset is None:
            going = rows.require_going(run)
            write(world, run.row, going, more)
    return LogLength(length=length + len(more))


def write(world: World, row: ComputationRow, going: DrivenRow, more: bytes) -> ComputationRow:
    """Add to the log; call it inside `World.write`."""
    going.tail += more
    if len(going.tail) >= WORTH_A_FILE:
        files = rows.files_of(world, row)
        with world.db.files.receive() as incoming:
            incoming.write(going.tail)
            piece = world.db.files.keep(incoming)
        entry = Entry(OUTPUT, Joined((*rows.log_pieces(files), piece)))
        row = rows.write_files(world, row, files.with_files(FileTree((entry,))))
        going.tail = b""
    queries.update_driven(world.db, going)
    return row


def read(world: World, computation_id: str, offset: int) -> Iterator[bytes]:
    """The log of a run from an offset on, as far as it goes: of a driven run what was appended so far, of others the
    file `output` once it is there.
    """
    row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
    content = _content(world, row, queries.DRIVEN.get(world.db, row.id))
    return content.read(offset, content.size)


def _content(world: World, row: ComputationRow, going: DrivenRow | None) -> Content:
    return joined(rows.files_of(world, row) if row.plan.driven else FileTree(), going)


def joined(files: FileTree, going: DrivenRow | None) -> Content:
    """The log of a run, of which some may be among its files, and some not yet."""
    return Joined((*rows.log_pieces(files), Binary(going.tail if going else b"")))
