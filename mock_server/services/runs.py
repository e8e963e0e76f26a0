"""All runs that somebody may see, whatever capsule they are of: the list that the app shows and the API does not."""

from dataclasses import replace
from typing import NamedTuple

from mock_server.domain import lifecycle, naming
from mock_server.domain.access import Caller
from mock_server.domain.lifecycle import Plan
from mock_server.services import access, computations
from mock_server.services.driven import row as driven_rows
from mock_server.store import file_trees, queries, runs
from mock_server.store.runs import OutcomeFilter, RunQuery
from mock_server.store.schema import CapsuleRow, ComputationRow
from mock_server.wire.computations import Computation
from mock_server.wire.control import RunPlan, StageInfo
from mock_server.wire.runs import RunFilters, RunInfo, RunList
from mock_server.world import World

__all__ = ["Driver", "OutcomeFilter", "Run", "RunQuery", "get", "listed", "unfinished"]


EVERYTHING = Caller(user_id="", email="", admin=True, scopes=frozenset())
"""Whoever steers a world, and sees all of it."""


class Driver(NamedTuple):
    """Who drives a run: the `runner` that executes it, if one does, and how often it was claimed so far."""

    runner: str | None
    attempts: int


class Run(NamedTuple):
    """A run with what it is a run of; `progress` is the share of its plan that is over, None when it has no end.
    `capsule_name` is None when the capsule is gone, `driver` when the run goes on by itself or has ended.
    """

    shown: Computation
    capsule_id: str
    kind: str
    capsule_name: str | None
    progress: float | None
    driver: Driver | None
    plan: Plan

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.shown.end_status is not None or self.shown.state in lifecycle.ENDS["computation"]

    @property
    def endless(self) -> bool:
        """Whether it goes on until somebody stops it."""
        return self.progress is None and self.driver is None and not self.ended


def get(world: World, caller: Caller, computation_id: str) -> Run:
    """One run, as it stands now. Nobody polls here: a skipping clock stays where it is."""
    row = access.computation(world, caller, computation_id)
    return _run(world, row, world.capsules.get(row.capsule_id))


def listed(world: World, caller: Caller, wanted: RunQuery) -> list[Run]:
    """A page of the runs that the caller may see, newest first."""
    # What does not depend on the time is found again under the same key.
    query = wanted if wanted.outcome else wanted._replace(now=0.0)
    rows = world.remembered(_seen, (caller, query), *runs.SEEN_IN)
    capsules = world.capsules.each({row.capsule_id for row in rows})
    return [_run(world, row, capsules[row.capsule_id]) for row in rows]


def _seen(world: World, key: tuple[Caller, RunQuery]) -> list[ComputationRow]:
    return runs.seen_by(world.db, *key)


def of_everybody(world: World, filters: RunFilters) -> RunList:
    """The runs that fit, whoever they belong to, newest first."""
    is_id = world.capsules.get(filters.capsule) is not None or naming.is_uuid(filters.capsule)
    query = RunQuery(
        outcome=filters.state or "",
        now=world.clock.now(),
        limit=filters.limit + 1,
        capsule=filters.capsule if is_id else "",
        capsule_name="" if is_id else filters.capsule,
    )
    found = listed(world, EVERYTHING, query)
    return RunList(runs=[_info(run) for run in found[: filters.limit]], more=len(found) > filters.limit)


def _info(run: Run) -> RunInfo:
    shown = run.shown
    return RunInfo(
        id=shown.id,
        name=shown.name,
        capsule=run.capsule_id,
        capsule_name=run.capsule_name,
        owner=shown.owner,
        created=shown.created,
        run_time=shown.run_time,
        state=shown.state,
        end_status=shown.end_status,
        exit_code=shown.exit_code,
        scenario=run.plan.scenario,
        driven=run.plan.driven,
    )


def before(world: World, caller: Caller, computation_id: str) -> Run | None:
    """The run of the same capsule that was started before this one, as far as the caller may see it."""
    row = access.computation(world, caller, computation_id)
    found = listed(world, caller, RunQuery(capsule=row.capsule_id, created_before=row.created, limit=1))
    return found[0] if found else None


def unfinished(world: World, caller: Caller, limit: int) -> list[Run]:
    """The newest runs that have not ended."""
    return listed(world, caller, RunQuery(outcome="unfinished", now=world.clock.now(), limit=limit))


def _run(world: World, row: ComputationRow, capsule: CapsuleRow | None) -> Run:
    return Run(
        computations.show(world, row),
        row.capsule_id,
        row.kind,
        capsule.name if capsule else None,
        _progress(world, row),
        _driver(world, row),
        row.plan,
    )


def _driver(world: World, row: ComputationRow) -> Driver | None:
    """Who drives a run; None when it goes on by itself or has ended."""
    if not row.plan.driven or world.state_of(row.plan).end is not None:
        return None
    going = queries.DRIVEN.get(world.db, row.id)
    return Driver(going.runner, going.attempts) if going else None


def _progress(world: World, row: ComputationRow) -> float | None:
    if row.plan.endless:
        return None
    whole = row.settles - row.plan.started
    return min(1.0, world.state_of(row.plan).elapsed / whole) if whole > 0 else 1.0


def plan_of(world: World, computation_id: str) -> RunPlan:
    """Return the plan that drives a run."""
    row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
    return _plan(world, row, _driver(world, row))


def _plan(world: World, row: ComputationRow, driver: Driver | None) -> RunPlan:
    drawn = row.plan
    moment = lifecycle.state_at(drawn, world.clock.now())
    is_open = drawn.driven and moment.end is None
    end = {} if is_open else {name: value for name, value in drawn.end._asdict().items() if value is not None}
    return RunPlan(
        id=row.id,
        scenario=drawn.scenario,
        driven=drawn.driven,
        runner=driver.runner if driver else None,
        attempts=driver.attempts if driver else None,
        state=moment.state,
        end_status=moment.end.end_status if moment.end else None,
        stages=[StageInfo(**span._asdict()) for span in lifecycle.spans(drawn)],
        end=end,
    )


def stop(world: World, computation_id: str) -> RunPlan:
    """Stop a run, as the app's button does; one that has ended stays as it is. The results that are there stay, and
    the service adds nothing to them; of a driven run, its log stays too.
    """
    with world.write():
        row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
        now = world.clock.now()
        going = queries.DRIVEN.get(world.db, row.id) if row.plan.driven else None
        if lifecycle.state_at(row.plan, now).end is not None:
            pass
        elif going is not None:
            ended = lifecycle.stopped(row.plan, now, has_results=driven_rows.has_results(world, row))
            driven_rows.write_end(world, row, going, ended, results=True)
        else:
            _stop(world, row, now)
    return plan_of(world, computation_id)


def _stop(world: World, row: ComputationRow, now: float) -> None:
    results = computations.results(world, row)
    ended = lifecycle.stopped(row.plan, now, has_results=bool(results.entries))
    stopped = replace(row, plan=ended, settles=ended.ends_at)
    if not row.cloud_workstation:
        stopped.tree, stopped.own_tree = file_trees.keep(world.db, results), ended.end.has_results
        stopped.log = None
    queries.stop_computation(world.db, stopped)
    file_trees.drop_unused(world.db, row.tree)
