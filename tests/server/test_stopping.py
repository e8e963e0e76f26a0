"""A stop: what has been asked is answered, then connections are closed. What cannot be answered gets 503 as JSON, or no
answer at all where it may have taken effect; nobody is told something untrue about what was written.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.serving.limits import Limits
from mock_server.serving.service import ASGIApplication
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.conftest import Client
from tests.process import PATIENCE, Process, started
from tests.server.raw import RUN, START_RUN, RawClient, request

STOPPING = {"message": "the server is stopping"}
WAITING = request("POST", "/_mock/worlds/default/journal/wait", b'{"match": {}, "count": 99, "timeout": "10m"}')


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    with started("--data-dir", str(tmp_path)) as server:
        yield server


def runs(url: str) -> set[str]:
    with Client(url) as client:
        return {run["id"] for run in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")}


def stop(server: Process, number: signal.Signals = signal.SIGTERM) -> None:
    """Stop it; it stops in order and says nothing."""
    assert server.stop(number) == (0, "")


def set_fault(server: Process, **fault: object) -> None:
    faults = f"{server.url}/_mock/worlds/default/faults"
    httpx.post(faults, json={"operation": "run_capsule", **fault}, timeout=PATIENCE).raise_for_status()


def has_come(server: Process, raw: RawClient) -> None:
    """Return when the server has read what was sent on a connection before."""
    with RawClient(server.url) as other:
        other.send(request())
        assert other.answer().status == 200


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "number"), [("before", signal.SIGTERM), ("after", signal.SIGINT)])
def test_a_run_whose_answer_is_delayed_is_answered_at_once(
    server: Process, tmp_path: Path, phase: str, number: signal.Signals
) -> None:
    set_fault(server, latency="1h" if phase == "before" else 60, phase=phase)
    with RawClient(server.url) as raw:
        raw.send(START_RUN)
        has_come(server, raw)
        stop(server, number)
        answer = raw.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert raw.rest() == b""
    with started("--data-dir", str(tmp_path)) as again:
        assert answer.json["id"] in runs(again.url)


def test_a_fault_that_was_to_come_late_comes_at_once(server: Process) -> None:
    set_fault(server, latency=60, status=429)
    with RawClient(server.url) as raw:
        raw.send(START_RUN)
        has_come(server, raw)
        stop(server)
        assert raw.answer().status == 429


def test_a_long_poll_ends_at_once(server: Process) -> None:
    with RawClient(server.url) as raw:
        raw.send(WAITING)
        has_come(server, raw)
        stop(server)
        answer = raw.answer()
        assert (answer.status, answer.json) == (503, STOPPING)
        assert answer.headers["content-type"] == "application/json"
        assert raw.rest() == b""


@pytest.mark.slow
def test_requests_behind_a_long_poll_are_answered(server: Process, tmp_path: Path) -> None:
    with RawClient(server.url) as raw:
        raw.send(WAITING, START_RUN * 20)
        has_come(server, raw)
        stop(server)
        answers = [raw.answer() for _ in range(21)]
        assert [answer.status for answer in answers] == [503] + [200] * 20
        assert [answer.headers.get("connection") for answer in answers] == [None] * 20 + ["close"]
        assert raw.rest() == b""
    with started("--data-dir", str(tmp_path)) as again:
        assert {answer.json["id"] for answer in answers[1:]} <= runs(again.url)


@pytest.mark.slow
def test_a_body_that_was_sent_by_half_gets_503(server: Process, tmp_path: Path) -> None:
    before = runs(server.url)
    host = server.url.removeprefix("http://").encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server.url)) for _ in range(3)]
        for raw, path in zip(clients, ("/api/v1/computations", "/_mock/worlds", "/_ui/login"), strict=True):
            raw.send(request("POST", path, b"", b"Content-Length: 1000").replace(b"localhost", host), RUN)
            has_come(server, raw)
        stop(server)
        for raw in clients:
            answer = raw.answer()
            assert (answer.status, answer.json) == (503, STOPPING)
            assert answer.headers["connection"] == "close"
            assert raw.rest() == b""
    with started("--data-dir", str(tmp_path)) as again:
        assert runs(again.url) == before


def test_connections_on_which_nothing_is_owed_are_closed(server: Process) -> None:
    with RawClient(server.url) as unused, RawClient(server.url) as half, RawClient(server.url) as idle:
        half.send(b"POST /api/v1/comp")
        idle.send(request())
        assert idle.answer().status == 200
        stop(server)
        assert [raw.rest() for raw in (unused, half, idle)] == [b"", b"", b""]


def work(url: str, answers: list[httpx.Response], enough: threading.Event) -> None:
    """Start one run after the other until the server is gone."""
    with Client(url) as client:
        while True:
            try:
                answers.append(client.post("/computations", json={"capsule_id": ids.CAPSULE}))
            except httpx.TransportError:
                return
            if len(answers) > 300:
                enough.set()


@pytest.mark.slow
def test_nobody_is_told_something_untrue_in_the_middle_of_many_writes(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    enough = threading.Event()
    with started("--data-dir", str(tmp_path)) as server:
        before = runs(server.url)
        threads = [threading.Thread(target=work, args=(server.url, answers, enough)) for _ in range(16)]
        for thread in threads:
            thread.start()
        assert enough.wait(PATIENCE)
        stop(server)
        for thread in threads:
            thread.join()
    assert {answer.status_code for answer in answers} <= {200, 503}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 200}
    with started("--data-dir", str(tmp_path)) as again:
        after = runs(again.url) - before
    assert made <= after
    assert len(after - made) <= len(threads), "a run that was not answered is one whose connection was closed"


@pytest.mark.slow
def test_thousands_that_are_waiting_for_an_answer_get_it(tmp_path: Path) -> None:
    """They have been read, and take longer than a moment."""
    with started("--data-dir", str(tmp_path)) as server, ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server.url)) for _ in range(50)]
        for client in clients:
            client.send(WAITING, START_RUN * 40)
        has_come(server, clients[-1])
        stop(server)
        statuses = [client.answer().status for client in clients for _ in range(41)]
    assert statuses == ([503] + [200] * 40) * 50


# What the application cannot answer, whatever it is.


class Stuck:
    """An application that never answers; `entered` is set when it is to."""

    def __init__(self, begins: bool = False) -> None:
        self.entered = threading.Event()
        self._begins = begins

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        if self._begins:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
        self.entered.set()
        await asyncio.Event().wait()


@contextmanager
def stopped(app: Stuck, sent: bytes) -> Iterator[RawClient]:
    """A connection on which a request was sent that was not answered when the server stopped."""
    limits = Limits(stop_seconds=0.2, grace_seconds=0.1)
    with LiveServer(app, limits=limits) as live:
        raw = RawClient(live.url)
        raw.send(sent)
        assert app.entered.wait(PATIENCE)
    with raw:
        yield raw


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_what_changes_nothing_gets_503_when_it_cannot_be_answered(method: str) -> None:
    with stopped(Stuck(), request(method)) as raw:
        answer = raw.answer()
        assert (answer.status, answer.json, answer.headers["connection"]) == (503, STOPPING, "close")
        assert raw.rest() == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_may_have_taken_effect_gets_no_answer_when_it_cannot_be_answered(method: str) -> None:
    with stopped(Stuck(), request(method)) as raw:
        assert raw.rest() == b""


def test_an_answer_that_cannot_be_finished_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    with stopped(Stuck(begins=True), request()) as raw:
        assert raw.head().headers["content-length"] == "9"
        assert raw.rest() == b"part"
    assert caplog.text == ""


def failing(answer: Callable[[Any], Any]) -> ASGIApplication:
    """An application with a fault of its own."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer(send)

    return app


async def _raises(_send: Any) -> None:
    raise ZeroDivisionError("secret")


async def _returns(_send: Any) -> None:
    return


@pytest.mark.parametrize("answer", [_raises, _returns])
def test_a_request_that_the_application_fails_to_answer_gets_500_as_json(
    caplog: pytest.LogCaptureFixture, answer: Callable[[Any], Any]
) -> None:
    with LiveServer(failing(answer)) as live, RawClient(live.url) as raw:
        raw.send(request())
        reply = raw.answer()
        assert (reply.status, reply.json) == (500, {"message": "internal error"})
        assert raw.rest() == b""
    assert caplog.messages


async def _stops_halfway(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"part", "more_body": True})


def test_an_answer_that_the_application_breaks_off_is_cut() -> None:
    with LiveServer(failing(_stops_halfway)) as live, RawClient(live.url) as raw:
        raw.send(request())
        assert raw.head().status == 200
        assert raw.rest() == b"part"
