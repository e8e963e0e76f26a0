"""What a driven run holds so far, for those who look at it."""

from typing import NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.content import Content
from mock_server.services import access
from mock_server.services.driven import log
from mock_server.services.driven import row as rows
from mock_server.store import queries
from mock_server.wire.driven import ResultFiles
from mock_server.world import World


class Contents(NamedTuple):
    """The log of a driven run, and how many files were put into its results."""

    log: Content
    results: ResultFiles


def of_run(world: World, caller: Caller, computation_id: str) -> Contents:
    """What a run that the caller may read holds. Raises `ConflictError` when it is not driven."""
    row = access.computation(world, caller, computation_id)
    rows.require_driven(row)
    files = rows.files_of(world, row)
    own = rows.without_log(files)
    return Contents(
        log.joined(files, queries.DRIVEN.get(world.db, row.id)), ResultFiles(files=own.files, size=own.size)
    )
