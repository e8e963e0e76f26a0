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
        control.advance(to=ceil(control.clock().now))
        _check_changes(deployment, control, WHOLE, 9)
        for start in STARTS:
            control.advance(start)
            _check_changes(deployment, control, PARTS, 3)


def _check_changes(deployment: Deployment, control: WorldControl, stages: Sequence[float], digits: int) -> None:
    """Follow a run with stages of these lengths; the times of its changes are exact to so many digits."""
    began = control.clock().now
    scenario = deployment.scenario("timed") | dict(zip(STATES, stages, strict=False))
    expected = [
        (*pair, round(passed, digits)) for pair, passed in zip(pairwise(STATES), accumulate(stages), strict=True)
    ]
    with deployment.scenarios(scenario), fixtures.start_run(deployment, capsule_id=deployment.capsule) as run:
        found: list[Any] = []
        for _ in range(MOST):
            if len(found) == len(expected):
                break
            found += _next_changes(deployment, control, run.id)
        actual = [(change.before, change.after, round(change.at - began, digits)) for change in found]
        expect(actual == expected, f"a run that began at {began} changed {actual}, not {expected}")


def _next_changes(deployment: Deployment, control: WorldControl, run: str) -> list[Any]:
    """Go to the next change, and give those of a run. Raises `CheckSkipped` when somebody else moves the clock."""
    shown = control.clock()
    moved = control.advance(next_change=True)
    if moved.before != shown.now:
        raise CheckSkipped("the clock is moved by others")
    at = {change.at for change in moved.changes}
    right = shown.next_change is not None and at == {shown.next_change} and moved.now >= shown.next_change
    expect(right, f"the next change, at {shown.next_change}, was {at} when the clock went on to {moved.now}")
    mine = [change for change in moved.changes if change.entity == run]
    for change in mine:
        state = deployment.http().ask("GET", f"/computations/{run}", 200).json()["state"]
        expect(state == change.after, f"a run that came into {change.after} at {change.at} is {state} then")
    return mine


CHECKS = (changes_to_come,)
