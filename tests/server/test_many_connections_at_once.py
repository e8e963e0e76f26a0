"""A burst of connections: none starves, and those for which there is no room are served when there is."""

import resource
import selectors
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import ids
from tests.process import Process, started
from tests.server.raw import START_RUN, RawClient, request

MOST_ANSWERS = 4
"""What a connection may have been answered by the time at which each of the others has been answered once."""


@contextmanager
def files_of_this_process(count: int) -> Iterator[None]:
    """Let this process open so many files, beside those that tests before have open, and what it starts too."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    # With the one that lists them.
    count += len([*Path("/dev/fd").iterdir()]) - 1
    if before[1] < count:
        pytest.skip(f"a process may have no more than {before[1]} files open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def server() -> Iterator[Process]:
    with started("--in-memory") as server:
        yield server


@pytest.mark.parametrize("count", [200, 1000])
def test_none_of_many_connections_that_come_at_once_starves(server: Process, count: int) -> None:
    """Each sends a run, and the next as soon as it has its answer. All are there when the server sees the first."""
    with files_of_this_process(count + 200), ExitStack() as stack, selectors.DefaultSelector() as selector:
        server.popen.send_signal(signal.SIGSTOP)
        clients = [stack.enter_context(RawClient(server.url)) for _ in range(count)]
        for client in clients:
            client.send(START_RUN)
            selector.register(client.socket, selectors.EVENT_READ, client)
        server.popen.send_signal(signal.SIGCONT)
        answers = dict.fromkeys(clients, 0)
        while not all(answers.values()):
            for key, _ in selector.select():
                assert key.data.answer().status == 200
                answers[key.data] += 1
                key.data.send(START_RUN)
        assert max(answers.values()) <= MOST_ANSWERS
        for client in clients:
            assert client.answer().status == 200


def test_a_server_takes_more_connections_than_the_usual_limit_on_files() -> None:
    with (
        files_of_this_process(100),
        started("--in-memory") as server,
        files_of_this_process(1000),
        ExitStack() as stack,
    ):
        clients = [stack.enter_context(RawClient(server.url)) for _ in range(300)]
        for client in clients:
            client.send(request())
        assert {client.answer().status for client in clients} == {200}


def fill(server: Process, stack: ExitStack) -> list[RawClient]:
    """Connections, of which the first have their place and the others have to wait."""
    clients = [stack.enter_context(RawClient(server.url)) for _ in range(300)]
    for _ in range(20):
        clients[0].send(request())
        assert clients[0].answer().status == 200
    clients[-1].send(request())
    return clients


def empty(clients: list[RawClient]) -> None:
    """Close all connections but the last, which is served then."""
    for client in clients[:-1]:
        client.close()
    assert clients[-1].answer().status == 200


def test_connections_for_which_there_is_no_room_are_served_when_there_is(tmp_path: Path) -> None:
    """What else opens files goes on meanwhile: a snapshot takes several."""
    limited = started("--data-dir", str(tmp_path), shell='ulimit -n 150; exec "$@"')
    with files_of_this_process(1000), limited as server, ExitStack() as stack:
        clients = fill(server, stack)
        clients[0].send(request("PUT", "/_mock/worlds/default/snapshots/full"))
        assert clients[0].answer().status == 201
        empty(clients)
        assert server.stop()[0] == 0


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/capsules/{ids.CAPSULE}",
        f"/api/v1/capsules/{ids.CAPSULE}/app_panel",
        f"/api/v1/computations/{ids.PAST_RUN}",
        "/api/v1/custom_metadata",
        "/api/v1/data_assets?query=a",
    ],
)
def test_a_process_that_has_run_out_of_files_answers_what_it_was_never_asked_before(path: str) -> None:
    with started("--in-memory") as server, RawClient(server.url) as client:
        client.send(request(path="/nothing"))
        assert client.answer().status == 404
        resource.prlimit(server.popen.pid, resource.RLIMIT_NOFILE, (8, 8))
        client.send(request(path=path))
        assert client.answer().status == 200


def test_a_process_that_has_run_out_of_files_takes_connections_when_it_has_some_again() -> None:
    with files_of_this_process(1000), started("--in-memory") as server, ExitStack() as stack:
        resource.prlimit(server.popen.pid, resource.RLIMIT_NOFILE, (120, 120))
        clients = fill(server, stack)
        empty(clients)
        code, err = server.stop()
        assert (code, err.count("\n")) == (0, 1)
        assert "new connections have to wait" in err
