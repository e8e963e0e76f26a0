"""How things go through their states: a stored plan and a time give the state, and nothing else does.

Computations go initializing → running → finalizing → completed or failed; data assets go draft → ready or failed;
attachments go mounting → mounted or error; releases go created → started → completed, failed or canceled. What is
driven goes on only when somebody says so: its plan is changed then, and never for times that are over.
"""

import math
from typing import Any, NamedTuple

from mock_server.clock import LATEST

STAGES: dict[str, tuple[str, ...]] = {
    "computation": ("initializing", "running", "finalizing"),
    "data_asset": ("draft",),
    "attachment": ("mounting",),
    "release": ("created", "started"),
}
"""The stages that each kind of thing passes before its end (docs: computation page; SDK models/computation.py,
models/data_asset.py, models/capsule.py)."""

ENDS: dict[str, tuple[str, ...]] = {
    "computation": ("completed", "failed"),
    "data_asset": ("ready", "failed"),
    "attachment": ("mounted", "error"),
    "release": ("completed", "failed", "canceled"),
}
"""The states in which each kind of thing stays: that of success, then that of failure. `error` is a recorded
`mount_state`.
"""

FOREVER = 1e15
"""The seconds of a stage that does not end by itself."""


class Stage(NamedTuple):
    """A state that lasts `seconds` of the world's clock."""

    state: str
    seconds: float


class End(NamedTuple):
    """The final state and what comes with it. `end_status`, `exit_code` and `has_results` are a computation's;
    `failure_reason` is everything else's.
    """

    state: str
    end_status: str | None = None
    exit_code: int | None = None
    has_results: bool = False
    failure_reason: str | None = None


class Plan(NamedTuple):
    """What will happen, drawn once when it starts: the stages from `started` on, then the end. `scenario` is the name
    of what it was drawn from. `parts` are the seconds after the start at which parts of a run's results appear; without
    any, all of them appear at the end. A `driven` one stays in its last stage until `reached` or `ended` is called.
    """

    started: float
    stages: tuple[Stage, ...]
    end: End
    scenario: str = ""
    parts: tuple[float, ...] = ()
    driven: bool = False

    @property
    def ends_at(self) -> float:
        """When the end is reached."""
        return _reaching(self.started, sum(stage.seconds for stage in self.stages))

    @property
    def endless(self) -> bool:
        """Whether it does not end by itself."""
        return any(stage.seconds >= FOREVER for stage in self.stages)

    def to_json(self) -> dict[str, Any]:
        """The plan as it is stored. In lists, as named tuples take six times as long to be written."""
        stages, end = list(map(list, self.stages)), list(self.end)
        stored: dict[str, Any] = {"started": self.started, "stages": stages, "end": end, "scenario": self.scenario}
        if self.parts:
            stored["parts"] = self.parts
        if self.driven:
            stored["driven"] = True
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Plan":
        """The plan that `to_json` stored."""
        stages = tuple(map(Stage._make, stored["stages"]))
        end = End._make(stored["end"])
        parts = tuple(stored.get("parts", ()))
        return cls(stored["started"], stages, end, stored.get("scenario", ""), parts, stored.get("driven", False))


class Moment(NamedTuple):
    """Where a plan stands at one time. `end` is None until it is reached; `elapsed` stops there."""

    state: str
    elapsed: float
    end: End | None


def state_at(plan: Plan, now: float) -> Moment:
    """Where `plan` stands at `now`. The same plan and time always give the same answer."""
    elapsed = max(0.0, now - plan.started)
    passed = 0.0
    for stage in plan.stages:
        passed += stage.seconds
        if elapsed < passed:
            return Moment(stage.state, elapsed, None)
    return Moment(plan.end.state, passed, plan.end)


class Span(NamedTuple):
    """A stage on the clock: from `since` on; `until` is None for one that does not end by itself."""

    state: str
    since: float
    until: float | None


def spans(plan: Plan) -> list[Span]:
    """When each stage of a plan lasts, in order, those of no length too."""
    found = []
    since = plan.started
    for stage in plan.stages:
        found.append(Span(stage.state, since, None if stage.seconds >= FOREVER else since + stage.seconds))
        since += stage.seconds
    return found


class Step(NamedTuple):
    """A change of state: when, from what, into what."""

    at: float
    before: str
    after: str


def steps(plan: Plan) -> list[Step]:
    """All changes of state that are still to come when a plan starts, in order. Stages of no length are not seen."""
    found = []
    passed = 0.0
    seen = state_at(plan, plan.started).state
    for stage in plan.stages:
        passed += stage.seconds
        when = _reaching(plan.started, passed)
        state = state_at(plan, when).state
        if state != seen and passed < FOREVER:
            found.append(Step(when, seen, state))
            seen = state
    return found


def _reaching(started: float, passed: float) -> float:
    """The first time at which `passed` seconds are over: sums of floats may miss it by a hair, either way."""
    when = started + passed
    while when - started < passed:
        when = math.nextafter(when, math.inf)
    while (before := math.nextafter(when, -math.inf)) - started >= passed:
        when = before
    return when


def next_step(plan: Plan, now: float) -> Step | None:
    """The next change of state after `now`, or None. What would come after the last time there is never comes."""
    return next((step for step in steps(plan) if now < step.at <= LATEST), None)


def ended(plan: Plan, now: float, end: End) -> Plan:
    """The plan of what comes to this `end` at `now`, whatever was to come."""
    return plan._replace(stages=_until(plan, now), end=end, parts=())


def refuse_strangers(kind: str, states: tuple[str, ...], end: str) -> None:
    """Raise `ValueError` for stages, or an end, that things of a kind do not have. What is driven may skip some."""
    known = iter(STAGES[kind])
    if not all(state in known for state in states):
        raise ValueError(f"the stages are not {', '.join(STAGES[kind])}, in this order")
    if end not in ENDS[kind]:
        raise ValueError(f"the end is not {' or '.join(ENDS[kind])}")


def stopped(plan: Plan, now: float, *, has_results: bool = False) -> Plan:
    """The plan of a run that somebody stops at `now`: it ends there, with the results that are there by then."""
    return ended(plan, now, End("completed", end_status="stopped", exit_code=0, has_results=has_results))


def driven(kind: str, scenario: str, started: float) -> Plan:
    """The plan of something that stays in its first stage until it is driven on."""
    return Plan(started, (Stage(STAGES[kind][0], FOREVER),), End(ENDS[kind][0]), scenario, driven=True)


def reached(plan: Plan, now: float, stage: str) -> Plan:
    """The plan of something driven that comes into a later stage at `now`, and stays there until it is driven on."""
    return plan._replace(stages=(*_until(plan, now), Stage(stage, FOREVER)))


def _until(plan: Plan, now: float) -> tuple[Stage, ...]:
    """The stages up to `now`, where the last of them is over."""
    elapsed = max(0.0, now - plan.started)
    kept = []
    passed = 0.0
    for stage in plan.stages:
        length = min(stage.seconds, elapsed - passed)
        # Sums of floats may go beyond `now` by a hair, and the stage would not be over yet.
        while passed + length > elapsed:
            length = math.nextafter(length, 0.0)
        passed += length
        kept.append(Stage(stage.state, length))
    return tuple(kept)
