"""How runs, data assets, attachments and releases go: how long each stage lasts, how it ends, what it leaves.

A scenario is a rule; a plan is drawn from it, once, when the thing starts.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate

from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import ENDS, FOREVER, STAGES, End, Plan, Stage
from mock_server.ids import SeededRandom

Seconds = tuple[float, float]
"""A range that a duration is drawn from."""

TAG = "mock:scenario="
"""A tag that begins so names the scenario of the capsule or data asset that carries it."""

EIGHT_HOURS = 8 * 3600.0

SESSION_START_SECONDS = 60.0


NO_TREE = FileTree()


@dataclass(frozen=True, slots=True)
class Scenario:
    """How one kind of thing goes: the range of each stage's length, and the end. `stuck_in` names a stage that lasts
    for ever.

    `keeps_files` says whether the files that would be left by nature are: those of the capsule for a run (its log
    `output` is there whenever it has results), the content for a data asset and an attachment. `files` are added to
    a run's results; `log` is the last line of its log. `mix` are names of other scenarios with their weights: one of
    them is drawn in place of this one.
    """

    name: str
    ranges: tuple[Seconds, ...]
    end: End
    stuck_in: str | None = None
    keeps_files: bool = True
    files: FileTree = NO_TREE
    log: str = "Run completed."
    mix: tuple[tuple[str, int], ...] = ()


Lookup = Callable[[str], Scenario]
"""Gives the scenario of a name."""


def _computations() -> list[Scenario]:
    quick = ((1.0, 1.5), (4.5, 6.0), (1.0, 1.5))
    done = End("completed", end_status="succeeded", exit_code=0, has_results=True)
    crashed = done._replace(end_status="failed", exit_code=1)
    traceback = "Traceback (most recent call last):\nRuntimeError: the script failed"
    killed = "Killed\nThe process was killed: out of memory"
    return [
        Scenario("succeeds", quick, done),
        Scenario("fails", quick, crashed, keeps_files=False, log=traceback),
        Scenario("out-of-memory", quick, crashed._replace(exit_code=137), keeps_files=False, log=killed),
        Scenario("silent-failure", quick, done._replace(exit_code=1, has_results=False), keeps_files=False),
        Scenario("stopped", quick, End("completed", end_status="stopped", exit_code=0), keeps_files=False),
        Scenario("stuck", quick, done, stuck_in="running"),
        Scenario("slow", (quick[0], (EIGHT_HOURS, EIGHT_HOURS), quick[2]), done),
    ]


def _others(kind: str, quick: tuple[Seconds, ...]) -> list[Scenario]:
    """The built-in scenarios of what only becomes ready, or does not."""
    done, failed, stopped = ENDS[kind][0], ENDS[kind][1], ENDS[kind][-1]
    what = {"data_asset": "the data asset", "attachment": "the mount", "release": "the release"}[kind]
    slow = (*quick[:-1], (EIGHT_HOURS, EIGHT_HOURS))
    return [
        Scenario("succeeds", quick, End(done)),
        Scenario("fails", quick, End(failed, failure_reason=f"{what} failed"), keeps_files=False),
        Scenario("out-of-memory", quick, End(failed, failure_reason=f"{what} ran out of memory"), keeps_files=False),
        Scenario("silent-failure", quick, End(done), keeps_files=False),
        Scenario("stopped", quick, End(stopped, failure_reason=f"{what} was stopped"), keeps_files=False),
        Scenario("stuck", quick, End(done), stuck_in=STAGES[kind][-1]),
        Scenario("slow", slow, End(done)),
    ]


_FLAKY = (("succeeds", 2), ("fails", 1))

_FAMILIES = {
    "computation": _computations(),
    "data_asset": _others("data_asset", ((1.5, 3.0),)),
    "attachment": _others("attachment", ((0.0, 0.0),)),
    "release": _others("release", ((0.5, 1.0), (2.0, 4.0))),
}

BUILT_IN: dict[str, dict[str, Scenario]] = {
    kind: {scenario.name: scenario for scenario in (*family, replace(family[0], name="flaky", mix=_FLAKY))}
    for kind, family in _FAMILIES.items()
}
"""The scenarios that are always there, by kind and name. `flaky` fails one time in three, drawn from the seed."""

NAMES = tuple(BUILT_IN["computation"])
"""The names of the built-in scenarios; every kind has all of them."""


def named_by(tags: list[str]) -> str | None:
    """The name of the scenario that a tag sets, or None."""
    return next((tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)), None)


def resolve_mix(scenario: Scenario, lookup: Lookup, draws: SeededRandom) -> Scenario:
    """The scenario itself, or for a mix the one that is drawn; a mix inside a mix is drawn from in turn."""
    while scenario.mix:
        names = [name for name, _ in scenario.mix]
        bounds = list(accumulate(weight for _, weight in scenario.mix))
        scenario = lookup(names[bisect_right(bounds, draws.uniform(0, bounds[-1]), hi=len(names) - 1)])
    return scenario


def draw(kind: str, scenario: Scenario, started: float, draws: SeededRandom) -> Plan:
    """The plan of one thing that starts at `started`."""
    stages = []
    for state, (low, high) in zip(STAGES[kind], scenario.ranges, strict=True):
        if state == scenario.stuck_in:
            stages.append(Stage(state, FOREVER))
            break
        stages.append(Stage(state, round(draws.uniform(low, high), 3)))
    return Plan(started, tuple(stages), scenario.end, scenario.name)


def past_run(scenario: Scenario, started: float, seconds: float) -> Plan:
    """The plan of a run that took `seconds` in all, as a seed file tells of it."""
    edge = min(1.0, seconds / 4)
    lengths = (edge, seconds - 2 * edge, edge)
    stages = tuple(Stage(state, length) for state, length in zip(STAGES["computation"], lengths, strict=True))
    return Plan(started, stages, scenario.end, scenario.name)


def session(started: float) -> Plan:
    """The plan of a cloud workstation: it runs until somebody shuts it down."""
    stages = (Stage("initializing", SESSION_START_SECONDS), Stage("running", FOREVER))
    return Plan(started, stages, End("completed", end_status="stopped", exit_code=0))


def failing(scenario: Scenario, reason: str) -> Scenario:
    """The same scenario, ending in failure for `reason`."""
    return replace(scenario, end=End("failed", failure_reason=reason), stuck_in=None, keeps_files=False)


def ready_since(started: float) -> Plan:
    """The plan of a data asset that was ready from the start."""
    return Plan(started, (), End("ready"))
