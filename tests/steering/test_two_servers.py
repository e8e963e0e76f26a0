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
