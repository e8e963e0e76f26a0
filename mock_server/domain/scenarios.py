"""How runs, data assets, attachments and releases go: how long each stage lasts, how it ends, what it leaves.

A scenario is a rule; a plan is drawn from it, once, when the thing starts.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from mock_server.domain import lifecycle
from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import ENDS, FOREVER, STAGES, End, Plan, Stage
from mock_server.ids import SeededRandom

Seconds = tuple[float, float]
"""A range that a duration is drawn from."""

TAG = "mock:scenario="
"""A tag that begins so names the scenario of the capsule or data asset that carries it."""

DRIVEN = "driven"
"""The scenario of what goes on only when somebody says so."""

EIGHT_HOURS = 8 * 3600.0

SESSION_START_SECONDS = 60.0


NO_TREE = FileTree()

LOG = "Run completed."
"""The last line of a run's log when nobody says another."""

PARTS = 3
"""How often parts of a pipeline's results appear while it is running: after each quarter of that stage but the last."""

TRACEBACK = "Traceback (most recent call last):\nRuntimeError: the script failed"

KILLED = "Killed\nOut of memory."

NEXTFLOW_ERROR = """ERROR ~ Error executing process

Caused by:
  Essential container in task exited

Command exit status:
  {status}

Command error:
  {error}

WARN: Killing running tasks (1)"""
"""What a pipeline's log says of a process that failed: public clients look for these words."""


@dataclass(frozen=True, slots=True)
class ResultTemplates:
    """What is rendered when a run starts: result files, each with the fields of one in a seed file, and the log."""

    files: tuple[dict[str, Any], ...] = ()
    log: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The templates as they are stored."""
        return {
            **({"results": list(self.files)} if self.files else {}),
            **({} if self.log is None else {"log": self.log}),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ResultTemplates":
        """The templates that `to_json` stored."""
        return cls(tuple(stored.get("results", ())), stored.get("log"))

    def __bool__(self) -> bool:
        return bool(self.files) or self.log is not None


def is_template(file: dict[str, Any]) -> bool:
    """Whether a result file is rendered when a run starts."""
    return "template" in file or "for_each" in file


NO_TEMPLATES = ResultTemplates()


@dataclass(frozen=True, slots=True)
class Scenario:
    """How one kind of thing goes: the range of each stage's length, and the end. `stuck_in` names a stage that lasts
    for ever.

    `keeps_files` says whether the files that would be left by nature are: those of the capsule for a run, the content
    for a data asset and an attachment. `files` are added to a run's results. `has_results` is what a run says of
    them; None when that is whether there are any. `log` are the last lines of its log, None when it has no log;
    `pipeline_log` are those of a pipeline, where they differ. `mix` are names of other scenarios with their weights:
    one of them is drawn in place of this one. What is `driven` goes on only when somebody says so. `templates` give
    more files, and the log, when a run starts.
    """

    name: str
    ranges: tuple[Seconds, ...]
    end: End
    stuck_in: str | None = None
    keeps_files: bool = True
    files: FileTree = NO_TREE
    has_results: bool | None = None
    log: str | None = LOG
    pipeline_log: str | None = None
    mix: tuple[tuple[str, int], ...] = ()
    driven: bool = False
    templates: ResultTemplates = NO_TEMPLATES

    def renders(self, own: dict[str, Any]) -> bool:
        """Whether anything of a run is rendered whose capsule has the templates `own`, as they are stored."""
        return bool(self.templates) or (self.keeps_files and bool(own))

    def log_of(self, *, pipeline: bool) -> str | None:
        """The last lines of a run's log."""
        return self.pipeline_log if pipeline and self.pipeline_log is not None else self.log


Lookup = Callable[[str], Scenario]
"""Gives the scenario of a name."""


def _computations() -> list[Scenario]:
    quick = ((1.0, 1.5), (4.5, 6.0), (1.0, 1.5))
    done = End("completed", end_status="succeeded", exit_code=0)
    return [
        Scenario("succeeds", quick, done),
        _failing("fails", quick, done._replace(end_status="failed", exit_code=1)),
        _failing("out-of-memory", quick, done._replace(end_status="failed", exit_code=137), KILLED, 137),
        Scenario("silent-failure", quick, done._replace(exit_code=1), keeps_files=False),
        _failing("succeeded-exit-1", quick, done._replace(exit_code=1)),
        _failing("failed-exit-0", quick, done._replace(end_status="failed")),
        Scenario("stopped", quick, done._replace(end_status="stopped"), keeps_files=False, log=None),
        Scenario("stuck", quick, done, stuck_in="running"),
        Scenario("slow", (quick[0], (EIGHT_HOURS, EIGHT_HOURS), quick[2]), done),
        Scenario(DRIVEN, quick, done, keeps_files=False, log=None, driven=True),
    ]


def _failing(name: str, ranges: tuple[Seconds, ...], end: End, error: str = TRACEBACK, status: int = 1) -> Scenario:
    """A script that fails with `status`, whatever the platform makes of it: the log says why."""
    pipeline_log = NEXTFLOW_ERROR.format(status=status, error=error.replace("\n", "\n  "))
    return Scenario(name, ranges, end, keeps_files=False, log=error, pipeline_log=pipeline_log)


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
        Scenario("succeeded-exit-1", quick, End(done), keeps_files=False),
        Scenario("failed-exit-0", quick, End(failed, failure_reason=f"{what} failed"), keeps_files=False),
        Scenario("stopped", quick, End(stopped, failure_reason=f"{what} was stopped"), keeps_files=False),
        Scenario("stuck", quick, End(done), stuck_in=STAGES[kind][-1]),
        Scenario("slow", slow, End(done)),
        # Nobody can drive attachments and releases: they succeed.
        Scenario(DRIVEN, quick, End(done), driven=kind == "data_asset"),
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
    if scenario.driven:
        return lifecycle.driven(kind, scenario.name, started)
    return Plan(started, _stages(kind, scenario, draws), scenario.end, scenario.name)


def _stages(kind: str, scenario: Scenario, draws: SeededRandom) -> tuple[Stage, ...]:
    stuck_in, uniform = scenario.stuck_in, draws.uniform
    stages = []
    for state, (low, high) in zip(STAGES[kind], scenario.ranges, strict=True):
        if state == stuck_in:
            stages.append(Stage(state, FOREVER))
            break
        stages.append(Stage(state, round(uniform(low, high), 3)))
    return tuple(stages)


def run_plan(scenario: Scenario, started: float, draws: SeededRandom, *, leaves_files: bool, pipeline: bool) -> Plan:
    """The plan of a run that starts at `started`. `leaves_files` says whether its code does; those of a pipeline
    appear part by part while it is running (recorded answers).
    """
    if scenario.driven:
        return lifecycle.driven("computation", scenario.name, started)
    stages = _stages("computation", scenario, draws)
    parts: tuple[float, ...] = ()
    if pipeline and leaves_files and len(stages) > 1:
        before, running = (stage.seconds for stage in stages[:2])
        length = running if running < FOREVER else draws.uniform(*scenario.ranges[1])
        parts = tuple(before + length * number / (PARTS + 1) for number in range(1, PARTS + 1))
    return Plan(started, stages, _run_end(scenario, leaves_files=leaves_files), scenario.name, parts)


def _run_end(scenario: Scenario, *, leaves_files: bool) -> End:
    """The end of a run: without anything said it has results when its code leaves files, not for its log alone
    (recorded answers).
    """
    state, end_status, exit_code, _, failure_reason = scenario.end
    has_results = leaves_files if scenario.has_results is None else scenario.has_results
    return End(state, end_status, exit_code, has_results, failure_reason)


def past_run(scenario: Scenario, started: float, seconds: float, *, leaves_files: bool) -> Plan:
    """The plan of a run that took `seconds` in all, as a seed file tells of it."""
    edge = min(1.0, seconds / 4)
    return run_in(scenario, started, (edge, seconds - 2 * edge, edge), leaves_files=leaves_files)


def run_in(scenario: Scenario, started: float, lengths: Sequence[float], *, leaves_files: bool) -> Plan:
    """The plan of a run whose first stages take `lengths` seconds, and that has no others."""
    stages = tuple(Stage(state, length) for state, length in zip(STAGES["computation"], lengths, strict=False))
    return Plan(started, stages, _run_end(scenario, leaves_files=leaves_files), scenario.name)


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
