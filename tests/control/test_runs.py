"""What drives a run, and stopping it as the app's button does."""

import pytest

from tests import ids
from tests.conftest import START, Client
from tests.control.conftest import World, ended, names_of, started


def test_what_drives_a_run(own: World, user: Client) -> None:
    run = started(user)
    plan = own.ask("GET", f"/computations/{run}")
    assert (plan["id"], plan["scenario"], plan["state"], "end_status" in plan) == (
        run,
        "succeeds",
        "initializing",
        False,
    )
    assert plan["end"] == {"state": "completed", "end_status": "succeeded", "exit_code": 0, "has_results": True}
    edges = [START, *(stage["until"] for stage in plan["stages"])]
    assert [stage["since"] for stage in plan["stages"]] == edges[:-1]
    for stage in plan["stages"]:
        own.advance(to=stage["since"] + 0.01)
        assert user.ask("GET", f"/computations/{run}")["state"] == stage["state"]
    own.advance(to=edges[-1] + 0.01)
    assert user.ask("GET", f"/computations/{run}")["state"] == "completed"
    later = own.ask("GET", f"/computations/{run}")
    assert later == plan | {"state": "completed", "end_status": "succeeded"}


def test_a_workstation_never_ends_by_itself(own: World) -> None:
    plan = own.ask("GET", f"/computations/{ids.WORKSTATION}")
    assert [stage.get("until") is None for stage in plan["stages"]] == [False, True]
    stopped = own.ask("POST", f"/computations/{ids.WORKSTATION}/stop")
    assert (stopped["state"], stopped["end_status"]) == ("completed", "stopped")


@pytest.mark.parametrize(("after", "stages"), [(0.5, 1), (3, 2), (7.6, 3)])
def test_stopping(own: World, user: Client, after: float, stages: int) -> None:
    run = started(user)
    own.advance(by=after)
    before = user.ask("GET", f"/computations/{run}")
    assert before["state"] == ("initializing", "running", "finalizing")[stages - 1]
    plan = own.ask("POST", f"/computations/{run}/stop")
    assert (plan["state"], plan["end_status"]) == ("completed", "stopped")
    assert len([stage for stage in plan["stages"] if stage["until"] > stage["since"]]) == stages
    assert own.ask("GET", "/clock")["next_change"] is None
    end = ended(user, own, run)
    assert (end["state"], end["end_status"], end["exit_code"], end["has_results"]) == ("completed", "stopped", 0, False)
    assert end["run_time"] == int(after)
    assert names_of(user, run) == []


def test_stopping_what_has_ended_changes_nothing(own: World, user: Client) -> None:
    run = started(user)
    end = ended(user, own, run)
    plan = own.ask("GET", f"/computations/{run}")
    assert own.ask("POST", f"/computations/{run}/stop") == plan
    assert user.ask("GET", f"/computations/{run}") == end
