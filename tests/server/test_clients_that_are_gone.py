"""Clients that close their connection in the middle of anything: nothing is written to it any more, nothing is logged,
and the server goes on.
"""

from collections.abc import Iterator

import pytest

from tests import ids
from tests.conftest import Client, Server
from tests.process import PATIENCE
from tests.server.raw import RUN, START_RUN, RawClient, download, huge_file, request

WORLD = "/_ui/worlds/default"
WAIT = b'{"match": {"operation": "run_capsule"}, "timeout": "10m"}'
WAITING = request("POST", "/_mock/worlds/default/journal/wait", WAIT)


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture, server: Server) -> Iterator[None]:
    yield
    with Client(server.url) as client:
        client.ask("GET", f"/capsules/{ids.CAPSULE}")
    assert [*caplog.get_records("call"), *caplog.get_records("teardown")] == []


def runs(client: Client) -> int:
    return len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations"))


def wait_for(client: Client, operation: str) -> None:
    """Return when the journal has a request of that operation."""
    wish = {"match": {"operation": operation}, "timeout": "10m"}
    answer = client.post(f"{client.url}/_mock/worlds/default/journal/wait", json=wish, timeout=PATIENCE)
    assert answer.json()["met"] is True


def test_a_download_whose_client_is_gone_does_not_keep_the_server_busy(server: Server, client: Client) -> None:
    url, path = huge_file(client)
    for sent in (download(url), request("GET", f"{WORLD}/data_assets/{ids.COMMONCRAWL}/raw?path={path}")):
        with RawClient(server.url) as raw:
            raw.send(sent)
            assert raw.head().status == 200
        for _ in range(20):
            runs(client)


@pytest.mark.parametrize("behind", [b"", START_RUN, b"garbage\r\n\r\n", b"GET /half HTTP/1.1\r\n"])
def test_a_long_poll_whose_client_is_gone_is_over(server: Server, client: Client, behind: bytes) -> None:
    """What waited behind it takes no effect."""
    before = runs(client)
    with RawClient(server.url) as raw:
        raw.send(WAITING, behind)
        runs(client)
    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert runs(client) == before + 1


@pytest.mark.parametrize("behind", [b"", request(), b"garbage\r\n\r\n"])
def test_an_open_page_whose_browser_is_gone_is_over(server: Server, client: Client, behind: bytes) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("GET", f"{WORLD}/live"), behind)
        assert raw.head().status == 200
    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})


@pytest.mark.parametrize(
    "path", ["/api/v1/computations", "/_mock/worlds", "/_ui/login", f"{WORLD}/user", f"{WORLD}/world/scenarios"]
)
def test_a_client_that_is_gone_in_the_middle_of_a_body(server: Server, client: Client, path: str) -> None:
    host = server.url.removeprefix("http://").encode()
    with RawClient(server.url) as raw:
        raw.send(request("POST", path, b"", b"Content-Length: 1000").replace(b"localhost", host), RUN)
    for _ in range(20):
        runs(client)


@pytest.mark.parametrize("fault", [{"close": True}, {"truncate": 3, "phase": "after"}])
def test_a_fault_that_closes_a_connection_on_which_more_requests_wait(
    server: Server, client: Client, fault: dict[str, object]
) -> None:
    faults = f"{client.url}/_mock/worlds/default/faults"
    client.ask("POST", faults, 201, json={"operation": "run_capsule", "first": 1, **fault})
    with RawClient(server.url) as raw:
        raw.send(START_RUN, request(), START_RUN, b"garbage\r\n\r\n")
        raw.rest()
    wait_for(client, "run_capsule")
    for _ in range(20):
        runs(client)


def test_a_client_that_is_gone_while_its_answer_is_delayed(server: Server, client: Client) -> None:
    """What it asked for is done all the same, as on the real service."""
    before = runs(client)
    faults = f"{client.url}/_mock/worlds/default/faults"
    client.ask("POST", faults, 201, json={"operation": "run_capsule", "latency": 0.3})
    with RawClient(server.url) as raw:
        raw.send(START_RUN, request())
    wait_for(client, "run_capsule")
    assert runs(client) == before + 1


def test_clients_that_are_gone_before_anything_was_read(server: Server, client: Client) -> None:
    for sent in (b"", b"G", request(), START_RUN * 50, b"garbage\r\n\r\n"):
        for _ in range(20):
            with RawClient(server.url) as raw:
                raw.send(sent)
    for _ in range(20):
        runs(client)
