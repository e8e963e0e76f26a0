"""How a run or a data asset goes: durations, outcome and what it leaves. Named ones are built in."""

from dataclasses import dataclass, replace

from mock_server.domain.lifecycle import COMPUTATION_STAGES, DATA_ASSET_STAGES, End, Plan, Stage
from mock_server.ids import Draws

Seconds = tuple[float, float]
"""A range that a duration is drawn from."""

EIGHT_HOURS = 8 * 3600.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a computation goes.

    `keeps_files` says whether the capsule's own result files are left behind (the `output`
    log is there whenever the run has results); `log` is the last line of that log.
    """

    end: End
    initializing: Seconds = (1.0, 1.5)
    running: Seconds = (4.5, 6.0)
    finalizing: Seconds = (1.0, 1.5)
    keeps_files: bool = True
    log: str = "Run completed."

    def lasting(self, seconds: float) -> "Scenario":
        """The same scenario with a running stage of exactly `seconds`."""
        return replace(self, running=(seconds, seconds))


def _completed(end_status: str, exit_code: int, *, has_results: bool) -> End:
    return End("completed", end_status=end_status, exit_code=exit_code, has_results=has_results)


TRACEBACK = "Traceback (most recent call last):\nRuntimeError: the script failed"

BUILT_IN: dict[str, Scenario] = {
    "succeeds": Scenario(_completed("succeeded", 0, has_results=True)),
    "fails": Scenario(
        _completed("failed", 1, has_results=True),
        keeps_files=False,
        log=TRACEBACK,
    ),
    "silent-failure": Scenario(
        _completed("succeeded", 1, has_results=False),
        keeps_files=False,
    ),
    "slow": Scenario(_completed("succeeded", 0, has_results=True)).lasting(EIGHT_HOURS),
}
"""The scenarios that a seed file can name."""

CAPTURE_SECONDS: Seconds = (1.5, 3.0)
"""How long a data asset stays a draft."""


RELEASE_STAGES: tuple[tuple[str, Seconds], ...] = (("created", (0.5, 1.0)), ("started", (2.0, 4.0)))
"""The stages of a release job."""

FOREVER = 1e15


def draw_run(scenario: Scenario, started: float, draws: Draws) -> Plan:
    """The plan of one run that starts at `started`."""
    ranges = (scenario.initializing, scenario.running, scenario.finalizing)
    stages = tuple(
        Stage(state, round(draws.uniform(*seconds), 3))
        for state, seconds in zip(COMPUTATION_STAGES, ranges, strict=True)
    )
    return Plan(started, stages, scenario.end)


def past_run(scenario: Scenario, started: float, seconds: float) -> Plan:
    """The plan of a run that took `seconds` in all, as a seed file tells of it."""
    edge = min(1.0, seconds / 4)
    lengths = (edge, seconds - 2 * edge, edge)
    stages = tuple(Stage(state, length) for state, length in zip(COMPUTATION_STAGES, lengths, strict=True))
    return Plan(started, stages, scenario.end)


def session(started: float) -> Plan:
    """The plan of a cloud workstation: it runs until somebody shuts it down."""
    stages = (Stage("initializing", 60.0), Stage("running", FOREVER))
    return Plan(started, stages, End("completed", end_status="stopped", exit_code=0))


def draw_release(started: float, draws: Draws, outcome: str) -> Plan:
    """The plan of a release job (SDK models/capsule.py, `CapsuleReleaseJobStatus`)."""
    stages = tuple(Stage(state, round(draws.uniform(*seconds), 3)) for state, seconds in RELEASE_STAGES)
    return Plan(started, stages, End(outcome))


def draw_capture(started: float, draws: Draws, failure_reason: str | None = None) -> Plan:
    """The plan of a data asset that is being made: a draft first, then ready, or failed with a reason."""
    stages = tuple(Stage(state, round(draws.uniform(*CAPTURE_SECONDS), 3)) for state in DATA_ASSET_STAGES)
    end = End("ready") if failure_reason is None else End("failed", failure_reason=failure_reason)
    return Plan(started, stages, end)


def ready_since(started: float) -> Plan:
    """The plan of a data asset that was ready from the start."""
    return Plan(started, (), End("ready"))
