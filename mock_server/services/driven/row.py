"""The rows of a driven run: found, checked, and written when it is told something."""

from dataclasses import replace
from typing import NamedTuple

from mock_server.domain import lifecycle
from mock_server.domain.content import Binary, Joined, Stored
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.lifecycle import Moment, Plan
from mock_server.errors import ConflictError
from mock_server.services import access
from mock_server.store import file_trees, queries
from mock_server.store.schema import ComputationRow, DrivenRow
from mock_server.world import World

OUTPUT = "output"
"""The result file that holds a run's log."""


class DrivenRun(NamedTuple):
    """A driven run; `going` is None when it has ended."""

    row: ComputationRow
    going: DrivenRow | None
    moment: Moment

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.going is None or self.moment.end is not None


def find(world: World, computation_id: str, lease: str | None) -> DrivenRun:
    """A driven run. Raises `NotFoundError`, and `ConflictError` when it is not driven, or the lease is not the one that
    it is held by.
    """
    row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
    require_driven(row)
    going = queries.DRIVEN.get(world.db, row.id)
    if lease is not None and going is not None and going.lease != lease:
        raise ConflictError("the lease has lapsed, or is another's")
    return DrivenRun(row, going, world.state_of(row.plan))


def require_driven(row: ComputationRow) -> None:
    """Raise `ConflictError` for a run that follows a plan of its own."""
    if not row.plan.driven:
        raise ConflictError(f"the run is not driven: it follows the scenario {row.plan.scenario}")


def require_going(run: DrivenRun) -> DrivenRow:
    """What is kept of a run that goes on. Raises `ConflictError` for one that has ended."""
    if run.going is None or run.moment.end is not None:
        raise ConflictError(f"the run has ended: {_outcome(run.moment)}")
    return run.going


def _outcome(moment: Moment) -> str:
    end = moment.end
    return moment.state if end is None or end.end_status is None else f"{moment.state}, {end.end_status}"


def write_plan(world: World, row: ComputationRow, plan: Plan) -> ComputationRow:
    """Have a run follow another plan."""
    return _write(world, replace(row, plan=plan, settles=plan.ends_at))


def write_files(world: World, row: ComputationRow, files: FileTree) -> ComputationRow:
    """Have a run leave other files."""
    before = row.tree
    changed = _write(world, replace(row, tree=file_trees.keep(world.db, files), own_tree=bool(files.entries)))
    if before != changed.tree:
        file_trees.drop_unused(world.db, before)
    return changed


def _write(world: World, row: ComputationRow) -> ComputationRow:
    queries.stop_computation(world.db, row)
    return row


def files_of(world: World, row: ComputationRow) -> FileTree:
    """The files that were put into a run so far, the pieces of its log that are files among them."""
    return file_trees.get(world.db, row.tree)


def without_log(files: FileTree) -> FileTree:
    """The files of a run but for its log."""
    return FileTree(tuple(entry for entry in files.entries if entry.path != OUTPUT))


def log_alone(files: FileTree) -> FileTree:
    """The log of a run, as far as it is among its files."""
    return FileTree(tuple(entry for entry in files.entries if entry.path == OUTPUT))


def has_results(world: World, row: ComputationRow) -> bool:
    """Whether files were put into a run, beside its log."""
    return bool(without_log(files_of(world, row)).entries)


def log_pieces(files: FileTree) -> tuple[Stored | Binary, ...]:
    """The pieces of a run's log that are among its files."""
    content = files.find(OUTPUT)
    if isinstance(content, Joined):
        return content.pieces
    return (content,) if isinstance(content, Stored | Binary) else ()


def write_end(world: World, row: ComputationRow, going: DrivenRow, plan: Plan, *, results: bool) -> None:
    """Have a run end as `plan` does, with its log, and with the results that were put in unless they are to be dropped.
    Nobody drives it any more.
    """
    files = files_of(world, row)
    pieces = (*log_pieces(files), *((Binary(going.tail),) if going.tail else ()))
    log = Entry(OUTPUT, pieces[0] if len(pieces) == 1 else Joined(pieces))
    left = without_log(files).entries if results else ()
    write_plan(world, write_files(world, row, FileTree((log, *left))), plan)
    queries.DRIVEN.delete(world.db, row.id)


def lost(world: World, row: ComputationRow) -> Plan:
    """The plan of a run whose machine is lost now (docs: `failed` is a failure of the platform)."""
    return lifecycle.ended(row.plan, world.clock.now(), lifecycle.End("failed"))
