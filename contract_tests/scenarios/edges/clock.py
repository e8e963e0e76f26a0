"""The fake's clock: what it says of changes that are to come, and what comes of moving it to them."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from mock_server.client import WorldControl

STATES = ("initializing", "running", "finalizing", "completed")

WHOLE = (10.0, 100.0, 7.0)
"""Seconds of each stage of a run that begins on a second: its changes come on one too."""

PARTS = (10.1, 100.7, 7.3)
"""Such whose sums are not exact in floating point."""

STARTS = (0.1, 0.35, 1e-3)
"""Parts of a second by which the clock is moved on before a run of `PARTS` is started."""

MOST = 200
"""Changes, of others too, among which those of a run are looked for."""


@check("run_capsule", "get_computation", "delete_computation", full=True)
def changes_to_come(deployment: Deployment) -> None:
    """The clock tells the time of the next change; an advance to it ends right there, names each change of that moment,
    and afterwards the run is in the state that it came into.
    """
    with deployment.clock_held() as control:
        now = control.clock().now
        _check_changes(deployment, control, ceil(now) - now, WHOLE, 9)
        for start in STARTS:
            _check_changes(deployment, control, start, PARTS, 3)


def _check_changes(
    deployment: Deployment, control: WorldControl, start: float, stages: Sequence[float], digits: int
) -> None:
    """Follow a run that begins so many seconds from now with stages of these lengths; the times of its changes are
    exact to so many digits. Raises `CheckSkipped` when somebody else moves the clock.
    """
    scenario = deployment.scenario("timed") | dict(zip(STATES, stages, strict=False))
    expected = [
        (*pair, round(passed, digits)) for pair, passed in zip(pairwise(STATES), accumulate(stages), strict=True)
    ]
    began = now = control.advance(start).now
    with deployment.scenarios(scenario), fixtures.start_run(deployment, capsule_id=deployment.capsule) as run:
        found: list[Any] = []
        for _ in range(MOST):
            if len(found) == len(expected):
                break
            following = _next_change(control, now)
            moved = control.advance(next_change=True)
            state = deployment.http().ask("GET", f"/computations/{run.id}", 200).json()["state"]
            _require_alone(moved.before, now)
            _next_change(control, moved.now)
            _check_moment(moved, following, run.id, state)
            found += [change for change in moved.changes if change.entity == run.id]
            now = moved.now
        actual = [(change.before, change.after, round(change.at - began, digits)) for change in found]
        expect(actual == expected, f"a run that began at {began} changed {actual}, not {expected}")


def _next_change(control: WorldControl, now: float) -> float | None:
    """When the clock says that something will change. Raises `CheckSkipped` unless it stands where it was put."""
    shown = control.clock()
    _require_alone(shown.now, now)
    return shown.next_change


def _require_alone(actual: float, now: float) -> None:
    """Raise `CheckSkipped` when the clock does not show what it was left at."""
    if actual != now:
        raise CheckSkipped("the clock is moved by others")


def _check_moment(moved: Any, following: float | None, run: str, state: str) -> None:
    """Look at an advance to the next change, of whatever it is, that was to come at `following`; others may have made
    an earlier one meanwhile, or have deleted what was to change.
    """
    moments = {change.at for change in moved.changes}
    right = len(moments) == 1 and moved.before < min(moments) <= moved.now
    expect(right, f"an advance from {moved.before} to the next change, at {moved.now}, passes changes at {moments}")
    for change in moved.changes:
        if change.entity == run:
            early = following is not None and following <= change.at
            expect(early, f"the next change after {moved.before} was to come at {following}, not at {change.at}")
            expect(state == change.after, f"a run that came into {change.after} at {change.at} is {state} then")


CHECKS = (changes_to_come,)
