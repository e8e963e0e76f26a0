"""Leases: who executes a driven run, until when, and what becomes of it when its runner is lost.

A lease is in real time, whatever the world's clock does. When one lapses, that is written down as everything is that a
run is told, so that its state stays a function of what is stored and of the world's clock.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from mock_server import ids
from mock_server.errors import ApiError, ConflictError, NotFoundError
from mock_server.services.driven import log
from mock_server.services.driven import row as rows
from mock_server.store import queries
from mock_server.store.schema import ComputationRow, DrivenRow
from mock_server.wire.driven import ClaimRequest, Renewed
from mock_server.world import World
from mock_server.worlds import Worlds

GRACE = 30.0
"""For how many seconds after its start a server lets no lease lapse: nobody could renew one while it was down."""

LONGEST_SLEEP = 1.0
"""After how many seconds at the latest leases are looked at again: another server may have given some."""


def take(world: World, going: DrivenRow, request: ClaimRequest, now: float) -> DrivenRow:
    """Give a runner the lease of a run, from the real time `now` on; call it inside `World.write`."""
    first = going.attempts == 0
    taken = replace(
        going,
        runner=request.runner,
        lease=ids.random_token(),
        lapses=now + request.lease,
        attempts=going.attempts + 1,
        retries=request.retries if first else going.retries,
    )
    queries.update_driven(world.db, taken)
    return taken


def renew(world: World, computation_id: str, lease: str, seconds: float, now: float) -> Renewed:
    """Have a lease last until `seconds` after the real time `now`, if the run is still to go on."""
    try:
        with world.write():
            run = rows.find(world, computation_id, lease)
            if not run.is_over:
                queries.update_driven(world.db, replace(rows.require_going(run), lapses=now + seconds))
                return Renewed(go_on=True)
    except NotFoundError:
        return Renewed(go_on=False, reason="deleted")
    except ConflictError:
        return Renewed(go_on=False, reason="lost")
    is_stopped = run.moment.end is not None and run.moment.end.end_status == "stopped"
    return Renewed(go_on=False, reason="stopped" if is_stopped else "finished")


def give_back(world: World, computation_id: str, lease: str) -> None:
    """Offer a run again, without what was put in so far. Raises `ConflictError` when it has ended, or the lease is
    not the one that it is held by.
    """
    with world.write():
        run = rows.find(world, computation_id, lease)
        _offer(world, run.row, rows.require_going(run), "gave the run back")


def lapse(world: World, now: float) -> None:
    """Write what becomes of the runs whose lease has lapsed by the real time `now`: they are offered again, or fail as
    on a machine that is lost.
    """
    if not queries.lapsed(world.db, now):
        return
    with world.write():
        for going in queries.lapsed(world.db, now):
            run = queries.COMPUTATIONS.get(world.db, going.id)
            if run is None or world.state_of(run.plan).end is not None:
                queries.DRIVEN.delete(world.db, going.id)
            elif going.retries > 0:
                _offer(world, run, replace(going, retries=going.retries - 1), "was lost")
            else:
                _lose(world, run, going)


def lapse_if_possible(world: World, now: float) -> None:
    """Have leases lapse as `lapse` does, unless the world cannot be read or written now: then they do later."""
    with suppress(ApiError):
        lapse(world, now)


def _offer(world: World, run: ComputationRow, going: DrivenRow, what: str) -> None:
    run = _said(world, run, going, f"runner {going.runner} {what}; the run is offered again")
    rows.write_files(world, run, rows.log_alone(rows.files_of(world, run)))
    queries.update_driven(world.db, replace(going, runner=None, lease=None, lapses=None))


def _lose(world: World, run: ComputationRow, going: DrivenRow) -> None:
    run = _said(world, run, going, f"runner {going.runner} was lost")
    rows.write_end(world, run, going, rows.lost(world, run), results=False)


def _said(world: World, run: ComputationRow, going: DrivenRow, what: str) -> ComputationRow:
    """Say something in the log of a run, on a line of its own."""
    start = "" if not going.tail or going.tail.endswith(b"\n") else "\n"
    return log.write(world, run, going, f"{start}codeocean-mock: {what}\n".encode())


class LeaseWatch:
    """Sees to it that leases lapse when their time is over, for as long as there are any."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._task: asyncio.Task[None] | None = None

    def resume(self) -> None:
        """Go on with the leases that were given before the server started, after a time of grace."""
        db = self._worlds.default.db
        if queries.next_lapse(db) is not None:
            with self._worlds.default.write():
                queries.grant_grace(db, self._worlds.real() + GRACE)
            self.wake()

    def wake(self) -> None:
        """Somebody has been given a lease."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Look at no lease any more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while (soonest := self._soonest()) is not None:
            await asyncio.sleep(min(max(soonest - self._worlds.real(), 0.0), LONGEST_SLEEP))

    def _soonest(self) -> float | None:
        """Let lapse what is over; when the next lease is, None when there is none."""
        found = []
        for world in self._worlds.all():
            try:
                lapse(world, self._worlds.real())
                found.append(queries.next_lapse(world.db))
            except ApiError:
                # A world that cannot be written now is looked at again.
                found.append(self._worlds.real() + LONGEST_SLEEP)
        return min((at for at in found if at is not None), default=None)
