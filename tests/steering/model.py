"""What the clock, the runs and the data assets of a world are to show at any time. It shares no code with the server:
what it knows is from docs/scenarios.md, docs/control-plane.md, and for each run the plan that the server told when it
started.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HAIR = 1e-5
"""How exact times are that were added up from floats. As close as this to a change, before and after are both right."""

ENDED = ("completed", "failed")

STAGES = ("initializing", "running", "finalizing")

EIGHT_HOURS = 8 * 3600.0

QUICK = {"initializing": (1.0, 1.5), "running": (4.5, 6.0), "finalizing": (1.0, 1.5)}
SLOW = QUICK | {"running": (EIGHT_HOURS, EIGHT_HOURS)}
STUCK = {"initializing": QUICK["initializing"], "running": (math.inf, math.inf)}

End = tuple[str | None, int | None, bool]
"""A run's end_status, exit_code and has_results when its code leaves files."""

RUNS: dict[str, tuple[dict[str, tuple[float, float]], set[End]]] = {
    "succeeds": (QUICK, {("succeeded", 0, True)}),
    "fails": (QUICK, {("failed", 1, False)}),
    "out-of-memory": (QUICK, {("failed", 137, False)}),
    "silent-failure": (QUICK, {("succeeded", 1, False)}),
    "succeeded-exit-1": (QUICK, {("succeeded", 1, False)}),
    "failed-exit-0": (QUICK, {("failed", 0, False)}),
    "stopped": (QUICK, {("stopped", 0, False)}),
    "stuck": (STUCK, {("succeeded", 0, True)}),
    "slow": (SLOW, {("succeeded", 0, True)}),
    "flaky": (QUICK, {("succeeded", 0, True), ("failed", 1, False)}),
    "driven": ({"initializing": (math.inf, math.inf)}, set()),
}
"""How long the stages of a run may last, and how it may end, by the name of its scenario."""

ASSETS: dict[str, tuple[tuple[float, float], set[str]]] = {
    "succeeds": ((1.5, 3.0), {"ready"}),
    "fails": ((1.5, 3.0), {"failed"}),
    "out-of-memory": ((1.5, 3.0), {"failed"}),
    "silent-failure": ((1.5, 3.0), {"ready"}),
    "succeeded-exit-1": ((1.5, 3.0), {"ready"}),
    "failed-exit-0": ((1.5, 3.0), {"failed"}),
    "stopped": ((1.5, 3.0), {"failed"}),
    "stuck": ((math.inf, math.inf), {"ready"}),
    "slow": ((EIGHT_HOURS, EIGHT_HOURS), {"ready"}),
    "flaky": ((1.5, 3.0), {"ready", "failed"}),
    "driven": ((math.inf, math.inf), set()),
}
"""How long a data asset may be a draft, and what it may become."""


@dataclass
class Clock:
    """A world's time: at real second `since` it was `shown`, and goes `scale` times as fast from there."""

    since: float
    shown: float
    scale: float = 1.0
    skipping: bool = False

    def now(self, real: float) -> float:
        return self.shown + (real - self.since) * self.scale


class Shown(NamedTuple):
    """What a run shows."""

    state: str
    end_status: str | None
    exit_code: int | None
    has_results: bool
    run_time: int


@dataclass
class Run:
    """A run: when each stage ends, how it ends, and when somebody stopped it."""

    capsule: str
    name: str
    started: float
    until: list[tuple[str, float]]
    end: End
    uses: str | None
    stopped: float | None = None

    @classmethod
    def planned(cls, capsule: str, answer: dict[str, Any], plan: dict[str, Any], uses: str | None) -> "Run":
        """The run that was answered, with the plan that was told of it."""
        until = [(stage["state"], stage.get("until", math.inf)) for stage in plan["stages"]]
        end = plan["end"]
        return cls(
            capsule,
            answer["name"],
            plan["stages"][0]["since"],
            until,
            (end["end_status"], end["exit_code"], end["has_results"]),
            uses,
        )

    def fits(self, scenario: str, *, leaves_files: bool) -> bool:
        """Whether the plan is one of that scenario, for a capsule whose code leaves files or leaves none: without files
        there are no results, however the run ends (docs/scenarios.md).
        """
        ranges, of_scenario = RUNS[scenario]
        ends = {(status, code, has_results and leaves_files) for status, code, has_results in of_scenario}
        since, lengths = self.started, {}
        for state, until in self.until:
            lengths[state], since = until - since, until
        within = (ranges[state][0] - HAIR <= length <= ranges[state][1] + HAIR for state, length in lengths.items())
        return lengths.keys() == ranges.keys() and all(within) and self.end in ends

    def shows(self, now: float) -> set[Shown]:
        """What it may show: one thing, or as close as a hair to a change two."""
        return {self._at(now, hair) for hair in (-HAIR, 0, HAIR)}

    def ended(self, now: float) -> set[bool]:
        """Whether it has ended."""
        return {shown.state in ENDED for shown in self.shows(now)}

    def changes(self, after: float, until: float) -> set[tuple[str, str]]:
        """The states that it leaves and comes into after the one time and until the other."""
        states = [state for state, _ in self.until] + ["completed"]
        last = math.inf if self.stopped is None else self.stopped
        return {
            (before, states[place + 1])
            for place, (before, when) in enumerate(self.until)
            if after < when <= until and when < last
        }

    def next_change(self, now: float) -> float:
        """When it next changes by itself, for ever if it does not."""
        if self.stopped is not None:
            return math.inf
        return min((when for _, when in self.until if when > now + HAIR), default=math.inf)

    def _at(self, now: float, hair: float) -> Shown:
        if self.stopped is not None and now + HAIR >= self.stopped:
            return Shown("completed", "stopped", 0, False, int(self.stopped + hair - self.started))
        for state, until in self.until:
            if now + hair < until:
                return Shown(state, None, None, False, max(0, int(now + hair - self.started)))
        return Shown("completed", *self.end, int(self.until[-1][1] + hair - self.started))


Fields = dict[str, Any]
"""A request or an answer."""


@dataclass
class Driven(Run):
    """A run that goes on only when it is told to: what it was told, and who has it by lease until when in real time."""

    since: list[tuple[str, float]] = field(default_factory=list)
    log: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    runner: str | None = None
    lease: str | None = None
    lapses: float = math.inf
    attempts: int = 0
    retries: int = 0

    @classmethod
    def started_at(cls, capsule: str, name: str, since: float, uses: str | None) -> "Driven":
        """One that has been told nothing."""
        return cls(capsule, name, since, [], (None, None, False), uses, since=[(STAGES[0], since)])

    @property
    def state(self) -> str:
        """What it is, for as long as nobody tells it anything."""
        return self.since[-1][0]

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state in ENDED

    @property
    def is_free(self) -> bool:
        """Whether a runner can have it."""
        return not self.is_over and self.lease is None

    def reach(self, stage: str, now: float) -> bool:
        """It is told to have come into a stage; whether it can have."""
        if self.is_over or STAGES.index(stage) < STAGES.index(self.state):
            return False
        if stage != self.state:
            self.since.append((stage, now))
        return True

    def finish(self, fields: Fields, now: float) -> bool:
        """It is told to have ended; whether it can have."""
        results = fields.get("has_results")
        state = fields.get("state", "completed")
        code = fields.get("exit_code", 0)
        status = fields.get("end_status") or ("failed" if code else "succeeded")
        outcome = (None, None) if state == "failed" else (status, code)
        if self.is_over:
            return (state, *outcome) == (self.state, *self.end[:2]) and results in (None, self.end[2])
        self.since.append((state, now))
        self.end = (*outcome, bool(self.files) if results is None else results)
        if results is False:
            self.files = {}
        self.runner, self.lease, self.lapses = None, None, math.inf
        return True

    def take(self, lease: str, runner: str, lapses: float, retries: int) -> None:
        """A runner gets it."""
        self.retries = self.retries if self.attempts else retries
        self.runner, self.lease, self.lapses, self.attempts = runner, lease, lapses, self.attempts + 1

    def offer(self, why: str) -> None:
        """It is to be had again."""
        self.says(f"runner {self.runner} {why}; the run is offered again")
        self.files = {}
        self.runner, self.lease, self.lapses = None, None, math.inf

    def lapse(self, now: float, real: float) -> None:
        """Its lease is over when its time is."""
        if self.lapses > real:
            return
        if self.retries:
            self.retries -= 1
            self.offer("was lost")
        else:
            self.says(f"runner {self.runner} was lost")
            self.finish({"state": "failed", "has_results": False}, now)

    def says(self, what: str) -> None:
        """The server adds a line to the log."""
        start = "" if not self.log or self.log.endswith(b"\n") else "\n"
        self.log += f"{start}codeocean-mock: {what}\n".encode()

    def fits(self, scenario: str, *, leaves_files: bool) -> bool:
        """Whether it is one of that scenario."""
        return scenario == "driven"

    def shows(self, now: float) -> set[Shown]:
        """What it may show. Only its run time is not exact."""
        last = self.since[-1][1] if self.is_over else now
        end = self.end if self.is_over else (None, None, False)
        return {Shown(self.state, *end, max(0, int(last + hair - self.started))) for hair in (-HAIR, 0, HAIR)}

    def changes(self, after: float, until: float) -> set[tuple[str, str]]:
        """None: no time brings it on."""
        return set()

    def next_change(self, now: float) -> float:
        """Never."""
        return math.inf


def planned(capsule: str, answer: Fields, plan: Fields, uses: str | None) -> Run:
    """The run that was answered, with the plan that was told of it."""
    if not plan["driven"]:
        return Run.planned(capsule, answer, plan, uses)
    [stage] = plan["stages"]
    assert (stage["state"], plan["end"], "until" in stage) == (STAGES[0], {}, False)
    return Driven.started_at(capsule, answer["name"], stage["since"], uses)


@dataclass
class Asset:
    """A data asset. When it settles is only known from what it was seen to be: not before `earliest`, at the latest at
    `latest`.
    """

    name: str
    created: float
    earliest: float
    latest: float
    becomes: set[str]
    tags: list[str] = field(default_factory=list)

    driven: bool = False

    @classmethod
    def made(cls, name: str, now: float, scenario: str, tags: list[str]) -> "Asset":
        """A data asset of that scenario."""
        (low, high), becomes = ASSETS[scenario]
        return cls(name, now, now + low, now + high, set(becomes), tags, scenario == "driven")

    def finish(self, state: str) -> bool:
        """It is told to be that; whether it can be."""
        if self.driven and not self.becomes:
            self.becomes, self.earliest, self.latest = {state}, -math.inf, -math.inf
        return self.driven and self.becomes == {state}

    def states(self, now: float) -> set[str]:
        """What it may be."""
        draft = {"draft"} if now - HAIR < self.latest else set()
        return draft | (self.becomes if now + HAIR >= self.earliest else set())

    def was(self, state: str, now: float) -> None:
        """It was seen to be that."""
        if state == "draft":
            self.earliest = max(self.earliest, now)
        else:
            self.latest = min(self.latest, now)
            self.becomes = {state}


@dataclass
class World:
    """A world: its clock, what is in it, and the scenario that was loaded for one capsule."""

    clock: Clock
    runs: dict[str, Run] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    loaded: str | None = None

    def driven(self) -> dict[str, Driven]:
        """The driven runs."""
        return {key: run for key, run in self.runs.items() if isinstance(run, Driven)}

    def uses(self, asset: str, now: float) -> set[bool]:
        """Whether a run that has not ended uses a data asset."""
        going = [{not ended for ended in run.ended(now)} for run in self.runs.values() if run.uses == asset]
        if {True} in going:
            return {True}
        return {True, False} if {True, False} in going else {False}
