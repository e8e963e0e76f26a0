"""Steering a world: its clock and what happens while it moves, the plans of runs, stopping them."""

from collections.abc import Iterator

from mock_server.clock import ClockSetting
from mock_server.domain import durations, lifecycle
from mock_server.domain.lifecycle import FOREVER, Plan
from mock_server.errors import BadRequestError
from mock_server.services import access, attachment_state, computations
from mock_server.store import file_trees, queries
from mock_server.wire.control import (
    AdvanceClock,
    Advanced,
    Change,
    ClockInfo,
    Counts,
    EntityKind,
    RunPlan,
    SetClock,
    StageInfo,
)
from mock_server.world import World

MOST_CHANGES = 1000
"""How many changes an advance lists."""


class Thing:
    """Something with a plan: what a change of its state is told with."""

    def __init__(self, kind: EntityKind, entity: str, name: str | None, of: str | None, plan: Plan) -> None:
        self.kind, self.entity, self.name, self.of, self.plan = kind, entity, name, of, plan

    def changes(self, after: float, until: float) -> Iterator[Change]:
        """What it comes into after the one time and until the other."""
        for step in lifecycle.steps(self.plan):
            if after < step.at <= until:
                yield Change(
                    at=step.at,
                    kind=self.kind,
                    entity=self.entity,
                    name=self.name,
                    of=self.of,
                    before=step.before,
                    after=step.after,
                )


def clock(world: World) -> ClockInfo:
    """How a world's clock stands."""
    now = world.clock.now()
    anchor = world.clock.anchor
    return ClockInfo(
        mode=anchor.mode,
        now=now,
        iso=durations.iso(now),
        scale=anchor.scale,
        ahead=world.clock.ahead,
        next_change=_next_change(world, now),
    )


def pace(wish: SetClock) -> ClockSetting:
    """A wish in the clock's own terms."""
    return ClockSetting(wish.mode, wish.at, wish.offset, wish.scale)


def set_clock(world: World, wish: SetClock) -> ClockInfo:
    """Let the clock run as wished. Raises `BadRequestError` when it would run backwards."""
    try:
        with world.setting_clock() as running:
            running.run(pace(wish))
    except ValueError as problem:
        raise BadRequestError(str(problem)) from None
    return clock(world)


def advance(world: World, wish: AdvanceClock) -> Advanced:
    """Move the clock forwards; what happens on the way. Raises `BadRequestError` when it would run backwards."""
    try:
        with world.setting_clock() as running:
            before = running.now()
            things = list(_unsettled(world, before))
            if wish.to is not None:
                running.move_to(wish.to)
            else:
                next_change = _next_change(world, before) if wish.next_change else None
                running.move_past(max(before + (wish.by or 0), next_change or before))
            now = running.now()
    except ValueError as problem:
        raise BadRequestError(str(problem)) from None
    changes = sorted(
        (change for thing in things for change in thing.changes(before, now)),
        key=lambda change: (change.at, change.kind, change.entity),
    )
    shown = changes[:MOST_CHANGES]
    return Advanced(before=before, now=now, iso=durations.iso(now), changes=shown, more=len(changes) - len(shown))


def plan(world: World, computation_id: str) -> RunPlan:
    """What drives a run."""
    row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
    drawn = row.plan
    moment = lifecycle.state_at(drawn, world.clock.now())
    stages = []
    since = drawn.started
    for stage in drawn.stages:
        lasting = stage.seconds >= FOREVER
        stages.append(StageInfo(state=stage.state, since=since, until=None if lasting else since + stage.seconds))
        since += stage.seconds
    end = {name: value for name, value in drawn.end._asdict().items() if value is not None}
    return RunPlan(
        id=row.id,
        scenario=drawn.scenario,
        state=moment.state,
        end_status=moment.end.end_status if moment.end else None,
        stages=stages,
        end=end,
    )


def stop(world: World, computation_id: str) -> RunPlan:
    """Stop a run, as the app's button does; one that has ended stays as it is. The results that are there stay, and
    the service adds nothing to them.
    """
    with world.write():
        row = access.find(world, queries.COMPUTATIONS, "computation", computation_id)
        now = world.clock.now()
        if lifecycle.state_at(row.plan, now).end is None:
            results = computations.results(world, row)
            ended = lifecycle.stopped(row.plan, now, has_results=bool(results.entries))
            stopped = row.model_copy(update={"plan": ended, "settles": ended.ends_at})
            if not row.cloud_workstation:
                stopped.tree, stopped.own_tree = file_trees.keep(world.db, results), ended.end.has_results
                stopped.log = None
            queries.stop_computation(world.db, stopped)
            file_trees.drop_unused(world.db, row.tree)
    return plan(world, computation_id)


def counts(world: World) -> Counts:
    """How much a world holds."""
    return Counts(
        **queries.counts(world.db),
        scenarios=len(world.scenarios),
        faults=len(world.faults),
        requests=world.journal.last,
    )


def _next_change(world: World, now: float) -> float | None:
    steps = (lifecycle.next_step(thing.plan, now) for thing in _unsettled(world, now))
    return min((step.at for step in steps if step is not None), default=None)


def _unsettled(world: World, now: float) -> Iterator[Thing]:
    """Everything that still has a state before it."""
    for run in queries.unsettled_runs(world.db, now):
        yield Thing("computation", run.id, run.name, run.capsule_id, run.plan)
    for asset in queries.unsettled_data_assets(world.db, now):
        yield Thing("data_asset", asset.id, asset.name, None, asset.plan)
    for job in queries.unsettled_releases(world.db, now):
        yield Thing("release", job.id, None, job.capsule_id, job.plan)
    for capsule in queries.capsules_that_mounted(world.db):
        for attached in capsule.attached:
            drawn = attachment_state.plan_of(attached)
            if drawn is not None and drawn.ends_at > now:
                yield Thing("attachment", attached["id"], attached["mount"], capsule.id, drawn)
