"""Two servers on one data directory: what the one did, the other knows when it is asked next."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import ids
from tests.conftest import HandClock
from tests.steering.servers import Servers

CONTROL = "/_mock/worlds/default"


@pytest.fixture
def servers(clock: HandClock) -> Iterator[Servers]:
    servers = Servers(clock)
    yield servers
    servers.close()


def ask(servers: Servers, server: int, method: str, path: str, **more: Any) -> Any:
    servers.chosen = server
    status, answer = servers.ask(method, path, **more)
    assert status < 300, answer
    return answer


def start(servers: Servers, server: int) -> str:
    key: str = ask(servers, server, "POST", "/api/v1/computations", json={"capsule_id": ids.SLOW})["id"]
    return key


def start_driven(servers: Servers, server: int) -> str:
    """A run that goes on only when it is told to."""
    loaded = {"name": "told", "like": "driven", "when": {"capsule": ids.SLOW}}
    ask(servers, server, "PUT", f"{CONTROL}/scenarios", json={"version": 1, "scenarios": [loaded]})
    return start(servers, server)


def claim(servers: Servers, server: int, **how: Any) -> Any:
    """The work that a runner gets from a server, None when there is none."""
    return ask(servers, server, "POST", "/_mock/work/claim", json={"runner": f"of-{server}", **how}).get("work")


def test_a_run_is_stopped_at_the_time_that_the_other_one_has_set(servers: Servers) -> None:
    key = start(servers, 1)
    ask(servers, 0, "POST", f"{CONTROL}/clock/advance", json={"by": "1h"})
    ask(servers, 1, "POST", f"{CONTROL}/computations/{key}/stop")
    for server in (0, 1):
        assert ask(servers, server, "GET", f"/api/v1/computations/{key}")["run_time"] == 3600


def test_advances_add_up(servers: Servers) -> None:
    before = ask(servers, 0, "GET", f"{CONTROL}/clock")["now"]
    for server in (0, 1, 0, 1):
        ask(servers, server, "POST", f"{CONTROL}/clock/advance", json={"by": 10})
    assert {ask(servers, server, "GET", f"{CONTROL}/clock")["now"] for server in (0, 1)} == {before + 40}


def test_faults_of_both_are_set(servers: Servers) -> None:
    for server in (0, 1):
        ask(servers, server, "POST", f"{CONTROL}/faults", json={"name": f"by-{server}", "nth": 9, "status": 500})
    for server in (0, 1):
        found = ask(servers, server, "GET", f"{CONTROL}/faults")["faults"]
        assert [fault["name"] for fault in found] == ["by-0", "by-1"]


def test_a_snapshot_knows_the_ids_that_the_other_one_has_given_out(servers: Servers) -> None:
    known = {start(servers, server) for server in (0, 1, 1)}
    ask(servers, 0, "PUT", f"{CONTROL}/snapshots/both")
    ask(servers, 0, "POST", f"{CONTROL}/snapshots/both/load")
    known |= {start(servers, server) for server in (0, 1)}
    assert len(known) == 5


def test_a_reset_empties_the_journal_of_both(servers: Servers) -> None:
    start(servers, 1)
    ask(servers, 0, "POST", f"{CONTROL}/reset")
    assert ask(servers, 1, "GET", f"{CONTROL}/journal")["requests"] == []


def test_a_reset_takes_both_back_in_time(servers: Servers) -> None:
    before = ask(servers, 1, "GET", f"{CONTROL}/clock")["now"]
    ask(servers, 1, "POST", f"{CONTROL}/clock/advance", json={"by": "1h"})
    ask(servers, 0, "POST", f"{CONTROL}/reset")
    assert [ask(servers, server, "GET", f"{CONTROL}/clock")["now"] for server in (0, 1)] == [before, before]


def test_what_a_run_is_told_by_one_is_seen_by_the_other(servers: Servers) -> None:
    key = start_driven(servers, 0)
    run = f"{CONTROL}/computations/{key}"
    ask(servers, 1, "POST", f"{run}/progress", json={"state": "running"})
    assert ask(servers, 0, "GET", f"/api/v1/computations/{key}")["state"] == "running"
    ask(servers, 0, "POST", f"{run}/log", content=b"one\n")
    assert ask(servers, 1, "POST", f"{run}/log", params={"offset": 4}, content=b"two\n") == {"length": 8}
    ask(servers, 0, "PUT", f"{run}/results/a", content=b"x" * 5000)
    assert ask(servers, 1, "PUT", f"{run}/results/b", content=b"x") == {"files": 2, "size": 5001}
    ended = ask(servers, 1, "POST", f"{run}/finish", json={"exit_code": 3})
    assert ask(servers, 0, "POST", f"{run}/finish", json={"exit_code": 3}) == ended
    servers.chosen = 0
    assert servers.ask("POST", f"{run}/finish", json={})[0] == 409
    assert servers.send("GET", f"{run}/log").content == b"one\ntwo\n"
    listed = ask(servers, 0, "POST", f"/api/v1/computations/{key}/results", json={"path": ""})["items"]
    assert {item["name"]: item["size"] for item in listed} == {"a": 5000, "b": 1, "output": 8}


def test_a_run_is_handed_out_by_one_of_them(servers: Servers) -> None:
    keys = {start_driven(servers, server) for server in (0, 1)}
    work = [claim(servers, server) for server in (0, 1, 0, 1)]
    assert {one["id"] for one in work if one} == keys
    assert work[2:] == [None, None]


def lease_path(work: Any) -> str:
    return f"{CONTROL}/computations/{work['id']}/lease"


def test_a_lease_that_one_has_given_is_renewed_and_given_back_at_the_other(servers: Servers, clock: HandClock) -> None:
    key = start_driven(servers, 0)
    first = claim(servers, 0, lease=10)
    lease = {"lease": first["lease"]}
    for server in (1, 0, 1):
        clock.advance(9)
        assert ask(servers, server, "PUT", lease_path(first), params=lease, json={"seconds": 10}) == {"go_on": True}
    ask(servers, 1, "DELETE", lease_path(first), params=lease)
    second = claim(servers, 0, lease=10)
    assert (second["id"], second["attempt"]) == (key, 2)
    lost = ask(servers, 1, "PUT", lease_path(first), params=lease, json={"seconds": 10})
    assert lost == {"go_on": False, "reason": "lost"}


@pytest.mark.parametrize("server", [0, 1])
def test_a_lease_is_over_when_its_time_is_whoever_gave_it(servers: Servers, clock: HandClock, server: int) -> None:
    """Nobody has to wait until a server has seen that: the next that has to do with the run sees it."""
    key = start_driven(servers, 0)
    work = claim(servers, 0, lease=10, retries=1)
    clock.advance(10)
    answer = ask(servers, server, "PUT", lease_path(work), params={"lease": work["lease"]}, json={"seconds": 10})
    assert answer == {"go_on": False, "reason": "lost"}
    again = claim(servers, server, lease=10)
    assert (again["id"], again["attempt"]) == (key, 2)
    clock.advance(10)
    assert claim(servers, 1 - server) is None
    shown = [ask(servers, one, "GET", f"/api/v1/computations/{key}") for one in (0, 1)]
    assert [one["state"] for one in shown] == ["failed", "failed"]
    assert shown[0] == shown[1]


def test_a_server_that_starts_gives_runners_time_to_renew(servers: Servers, clock: HandClock) -> None:
    start_driven(servers, 0)
    work = claim(servers, 0, lease=10)
    clock.advance(3600)
    servers.chosen = 1
    servers.restart()
    answer = ask(servers, 1, "PUT", lease_path(work), params={"lease": work["lease"]}, json={"seconds": 10})
    assert answer == {"go_on": True}
    clock.advance(10)
    assert ask(servers, 0, "GET", f"{CONTROL}/computations/{work['id']}")["state"] == "failed"


def test_a_lease_of_a_snapshot_is_over_when_its_time_is(servers: Servers, clock: HandClock) -> None:
    start_driven(servers, 0)
    work = claim(servers, 0, lease=10)
    ask(servers, 0, "PUT", f"{CONTROL}/snapshots/held")
    ask(servers, 0, "POST", f"{CONTROL}/computations/{work['id']}/finish", json={})
    clock.advance(5)
    ask(servers, 1, "POST", f"{CONTROL}/snapshots/held/load")
    assert ask(servers, 0, "GET", f"{CONTROL}/computations/{work['id']}")["runner"] == "of-0"
    clock.advance(5)
    assert ask(servers, 1, "GET", f"{CONTROL}/computations/{work['id']}")["state"] == "failed"
