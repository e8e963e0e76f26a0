"""What the suite works on: what is there to stay, rather than what another client has made a moment ago."""

from collections.abc import Iterator
from typing import Any

from contract_tests.deployment import ADMIN, Caller, Deployment, Subjects
from contract_tests.discovery import discover


def capsules(caller: Caller, **search: str) -> list[str]:
    found = caller.ask("POST", "/capsules/search", 200, json={"limit": 100, **search}).json()
    return [row["id"] for row in found["results"]]


def runs(caller: Caller) -> Iterator[dict[str, Any]]:
    for capsule in capsules(caller):
        yield from caller.ask("GET", f"/capsules/{capsule}/computations", 200).json()


def run_everything(deployment: Deployment) -> list[str]:
    """Run each capsule, and let half an hour go by."""
    caller = deployment.http()
    started = [
        caller.ask("POST", "/computations", 200, json={"capsule_id": key}).json()
        for key in capsules(caller, ownership="created")
    ]
    deployment.pass_time(1800)
    return [run["id"] for run in started]


def test_a_run_that_was_made_a_moment_ago_is_not_worked_on(deployment: Deployment) -> None:
    settled = deployment.subjects
    run_everything(deployment)
    assert discover(deployment, Subjects()) == settled


def test_a_young_run_is_worked_on_where_there_is_no_other(deployment: Deployment) -> None:
    admin = deployment.http(ADMIN)
    for run in list(runs(admin)):
        if run["state"] == "completed":
            admin.ask("DELETE", f"/computations/{run['id']}", 204)
    young = run_everything(deployment)
    assert discover(deployment, Subjects()).computation in young
