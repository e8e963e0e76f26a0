"""What somebody who looks at a world should know first: what failed lately, hangs, or is set to fail."""

from typing import NamedTuple

from mock_server.domain.access import READ_CAPSULES, READ_DATA_ASSETS, Caller, Role
from mock_server.domain.journal import Journal
from mock_server.services import access, data_assets, faults, runs
from mock_server.services.runs import Run
from mock_server.store import queries
from mock_server.store.schema import DataAssetRow
from mock_server.wire.control import FaultInfo
from mock_server.wire.data_assets import DataAsset
from mock_server.world import World

LATELY = 86400.0
"""For how many seconds of the world's clock something that failed is worth attention."""

MINUTE = 60.0
"""How often data assets that failed are looked for, in seconds of the world's clock, unless one is changed."""

LOOKED_AT = 50
"""How many data assets that failed are looked at for those that the caller may see."""

WAITING = 600.0
"""After how many seconds without a runner a run hangs."""

MOST = 5
"""How many things of a kind are named."""


class ErrorCount(NamedTuple):
    """How often an operation answered with a `status`, 0 for a connection that was closed; `operation` is None for a
    path that is not served. `last` is the number of the newest such request.
    """

    operation: str | None
    status: int
    many: int
    last: int


class Attention(NamedTuple):
    """Runs that failed, runs that hang, data assets that failed, errors that clients met, faults in force."""

    failed: list[Run]
    stuck: list[Run]
    data_assets: list[DataAsset]
    errors: list[ErrorCount]
    faults: list[FaultInfo]


def of(world: World, caller: Caller, unfinished: list[Run]) -> Attention:
    """What deserves attention in a world, as far as the caller may see it; of the runs, those that are `unfinished`."""
    now = world.clock.now()
    stuck = [run for run in unfinished if _hangs(run)][:MOST]
    failed, assets = [], []
    if caller.scopes.issuperset(READ_CAPSULES):
        query = runs.RunQuery(outcome="failed", now=now, ended_after=now - LATELY, limit=MOST)
        failed = runs.listed(world, caller, query)
    if caller.scopes.issuperset(READ_DATA_ASSETS):
        rows = world.remembered(_failed, int(now // MINUTE), queries.DATA_ASSETS.table)
        lately = [row for row in rows if now - LATELY < row.settles <= now]
        seen = [row for row in lately if access.role(world, caller, row.id, row.owner) >= Role.DISCOVERABLE]
        assets = [data_assets.show(world, row) for row in seen[:MOST]]
    in_force = [fault for fault in faults.listed(world).faults if not fault.over]
    return Attention(failed, stuck, assets, _errors(world.journal, now - LATELY), in_force)


def _failed(world: World, minute: int) -> list[DataAssetRow]:
    """The data assets that fail in a minute of the world's clock, or did so lately."""
    end = (minute + 1) * MINUTE
    return queries.failed_data_assets(world.db, end - MINUTE - LATELY, end, LOOKED_AT)


def _hangs(run: Run) -> bool:
    """Whether a run goes on without an end that somebody works on. A cloud workstation is meant to stay open."""
    if run.driver is not None:
        waits = run.driver.attempts > 0 or run.shown.state == "initializing"
        return run.driver.runner is None and waits and run.shown.run_time >= WAITING
    return run.endless and not run.shown.cloud_workstation


def _errors(journal: Journal, since: float) -> list[ErrorCount]:
    """The errors that clients met since a time, those that were met last first."""
    counts: dict[tuple[str | None, int], ErrorCount] = {}
    for number, record in reversed(journal.records()):
        if record.time < since:
            break
        if not 200 <= record.status < 400:
            key = (record.operation.name if record.operation else None, record.status)
            before = counts.get(key) or ErrorCount(*key, 0, number)
            counts[key] = before._replace(many=before.many + 1)
    return list(counts.values())[:MOST]
