"""A world's clock: how it runs, setting and advancing it, what changes on the way."""

from collections.abc import Iterator

from mock_server.clock import LATEST, ClockSetting
from mock_server.domain import durations, lifecycle
from mock_server.domain.lifecycle import Plan
from mock_server.errors import BadRequestError
from mock_server.services import attachment_state
from mock_server.store import queries
from mock_server.wire.control import (
    AdvanceClock,
    Advanced,
    Change,
    ClockInfo,
    EntityKind,
    SetClock,
)
from mock_server.world import World

CLOSE = 1.0
"""By how many seconds a clock may be ahead of real time that is said to show it."""

MINUTE = 60.0
"""How often the changes to come are looked for, in seconds of the world's clock, unless a plan is changed."""

PLANNED = tuple(
    rows.table for rows in (queries.COMPUTATIONS, queries.DATA_ASSETS, queries.RELEASE_JOBS, queries.CAPSULES)
)
"""The tables with plans."""

MOST_CHANGES = 1000
"""How many changes an advance lists."""


class Planned:
    """Something with a plan, and how a change of its state is reported."""

    def __init__(self, kind: EntityKind, entity: str, name: str | None, of: str | None, plan: Plan) -> None:
        self.kind, self.entity, self.name, self.of, self.plan = kind, entity, name, of, plan

    def changes(self, after: float, until: float) -> Iterator[Change]:
        """Yield its changes after the one time and until the other."""
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
    """Return the state of a world's clock, and when the next thing will change."""
    shown = hands(world)
    return shown.model_copy(update={"next_change": _next_change(world, shown.now)})


def hands(world: World) -> ClockInfo:
    """Return the state of a world's clock alone: nothing is read for it."""
    now = world.clock.now()
    anchor = world.clock.anchor
    return ClockInfo(
        mode=anchor.mode,
        now=now,
        iso=durations.iso(now),
        scale=anchor.scale,
        ahead=world.clock.ahead,
        next_change=None,
    )


def setting(request: SetClock) -> ClockSetting:
    """Return a request in the clock's own terms."""
    return ClockSetting(request.mode, request.at, request.offset, request.scale)


def set_clock(world: World, request: SetClock) -> ClockInfo:
    """Have the clock run as requested. Raises `BadRequestError` when it would run backwards."""
    try:
        with world.setting_clock() as running:
            running.run(setting(request))
    except ValueError as problem:
        raise BadRequestError(str(problem)) from None
    return clock(world)


def advance(world: World, request: AdvanceClock) -> Advanced:
    """Advance the clock, and return what happens on the way. Raises `BadRequestError` when it would run backwards."""
    try:
        with world.setting_clock() as running:
            before = running.now()
            planned = list(_unsettled(world, before))
            if request.to is not None:
                running.move_to(request.to)
            else:
                next_change = _next_change(world, before) if request.next_change else None
                running.move_past(max(before + (request.by or 0), next_change or before))
            now = running.now()
    except ValueError as problem:
        raise BadRequestError(str(problem)) from None
    changes = sorted(
        (change for item in planned for change in item.changes(before, now)),
        key=lambda change: (change.at, change.kind, change.entity),
    )
    listed = changes[:MOST_CHANGES]
    return Advanced(before=before, now=now, iso=durations.iso(now), changes=listed, more=len(changes) - len(listed))


def beginning(world: World) -> float | None:
    """Where the clock of a world that is like this one has to begin; None when it may begin at real time: nothing is
    under way then that would be over, and nothing is made later than that.
    """
    shown = clock(world)
    return shown.now if shown.next_change is not None or shown.ahead > CLOSE else None


def _next_change(world: World, now: float) -> float | None:
    changes = world.remembered(_changes_from, int(now // MINUTE), *PLANNED)
    return next((at for at in changes if at > now), None)


def _changes_from(world: World, minute: int) -> list[float]:
    """When states change after the beginning of a minute, counted from the epoch, in order."""
    start = minute * MINUTE
    plans = [item.plan for item in _unsettled(world, start)]
    return sorted({step.at for plan in plans for step in lifecycle.steps(plan) if start < step.at <= LATEST})


def _unsettled(world: World, now: float) -> Iterator[Planned]:
    """Everything that still has a state before it."""
    for run in queries.unsettled_runs(world.db, now):
        yield Planned("computation", run.id, run.name, run.capsule_id, run.plan)
    for asset in queries.unsettled_data_assets(world.db, now):
        yield Planned("data_asset", asset.id, asset.name, None, asset.plan)
    for job in queries.unsettled_releases(world.db, now):
        yield Planned("release", job.id, None, job.capsule_id, job.plan)
    for capsule in queries.capsules_that_mounted(world.db):
        for attached in capsule.attached:
            drawn = attachment_state.plan_of(attached)
            if drawn is not None and drawn.ends_at > now:
                yield Planned("attachment", attached["id"], attached["mount"], capsule.id, drawn)
