"""Connections that are of no use any more are closed, and half-sent requests are given up; who waits for the server is
left alone, however long that takes. Under HTTPS, too.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from mock_server.app import create_app
from mock_server.serving.limits import Limits
from mock_server.serving.tls import Tls, tls_of
from mock_server.settings import Settings, TlsSetting
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.server.raw import RUN, START_RUN, RawClient, download, huge_file, request

SHORT = Limits(
    idle_seconds=0.4,
    head_seconds=0.4,
    body_seconds=0.4,
    body_rate=1000,
    unread_seconds=0.4,
    lingering_seconds=0.4,
    look_seconds=0.1,
)
WAIT = b'{"match": {"operation": "run_capsule"}, "timeout": "10m"}'


@pytest.fixture(scope="module")
def tls() -> Iterator[Tls]:
    tls = tls_of(TlsSetting(), Settings(data_dir=None), "127.0.0.1")
    yield tls
    tls.close()


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, tls: Tls) -> Iterator[Server]:
    app = create_app(Settings(data_dir=None, random_seed=7), HandClock())
    with LiveServer(app, limits=SHORT, tls=tls.context if request.param == "https" else None) as live:
        yield Server(live.url, app)
    app.worlds.close()


def let_the_limits_pass(server: Server, times: int = 3) -> None:
    """Return when connections that were opened one after the other have been closed for being idle."""
    for _ in range(times):
        with RawClient(server.url) as idle:
            assert idle.rest() == b""


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "an empty line"])
def test_a_connection_that_never_sends_a_request_is_closed(server: Server, sent: bytes) -> None:
    with RawClient(server.url) as raw:
        raw.send(sent)
        assert raw.rest() == b""


def test_a_connection_on_which_nothing_more_is_asked_is_closed(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(request())
        assert raw.answer().status == 200
        assert raw.rest() == b""


@pytest.mark.parametrize("before", [b"", request()], ids=["first", "second"])
@pytest.mark.parametrize(
    "sent", [b"G", b"GET /docs HTTP/1.1\r\nHost: localhost\r\n", START_RUN.partition(b"\r\n\r\n")[0]]
)
def test_a_head_that_was_sent_by_half_is_given_up_with_408(server: Server, before: bytes, sent: bytes) -> None:
    with RawClient(server.url) as raw:
        raw.send(before, sent)
        if before:
            assert raw.answer().status == 200
        late = raw.answer()
        assert (late.status, late.json) == (408, {"message": "the request did not arrive in time"})
        assert late.headers["connection"] == "close"
        assert raw.rest() == b""


@pytest.mark.parametrize(
    "path", ["/api/v1/computations", "/_mock/worlds", "/_ui/login", "/_mock/worlds/default/journal/wait"]
)
@pytest.mark.parametrize("kind", ["length", "chunked"])
def test_a_body_that_was_sent_by_half_is_given_up_with_408(
    server: Server, path: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    framing = b"Content-Length: 1000" if kind == "length" else b"Transfer-Encoding: chunked"
    piece = RUN if kind == "length" else b"%x\r\n%s\r\n" % (len(RUN), RUN)
    with RawClient(server.url) as raw:
        raw.send(
            request("POST", path, b"", framing, b"Origin: " + server.url.encode()).replace(
                b"localhost", urlsplit(server.url).netloc.encode()
            ),
            piece,
        )
        late = raw.answer()
        assert (late.status, late.json) == (408, {"message": "the request did not arrive in time"})
        assert raw.rest() == b""
    assert caplog.text == ""
    with Client(server.url) as client:
        assert client.ask("GET", f"/capsules/{ids.CAPSULE}/computations") != []


def test_a_request_that_was_sent_by_half_takes_no_effect(server: Server) -> None:
    with Client(server.url) as client:
        before = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
        with RawClient(server.url) as raw:
            raw.send(request("POST", "/api/v1/computations", b"", b"Content-Length: %d" % (len(RUN) + 1)), RUN)
            assert raw.answer().status == 408
        assert client.ask("GET", f"/capsules/{ids.CAPSULE}/computations") == before


def test_a_body_that_comes_slowly_is_taken(server: Server) -> None:
    """For as long as it comes with some bytes a second."""
    body = b'{"query": "x"}'
    with RawClient(server.url) as raw:
        raw.send(request("POST", "/api/v1/capsules/search", b"", b"Content-Length: %d" % (len(body) + 60_000)))
        for _ in range(3):
            raw.send(b" " * 20_000)
            let_the_limits_pass(server, 1)
        raw.send(body, request())
        assert [raw.answer().status, raw.answer().status] == [200, 200]


def test_the_rest_of_a_body_whose_request_was_answered_is_not_waited_for(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("POST", "/api/v1/nothing", b"", b"Content-Length: 1000"))
        assert raw.answer().status == 404
        assert raw.rest() == b""


def test_a_client_that_does_not_read_its_answer_is_given_up(server: Server) -> None:
    with Client(server.url) as client, RawClient(server.url) as raw:
        raw.send(download(huge_file(client)[0]))
        assert raw.head().status == 200
        let_the_limits_pass(server)
        read = 0
        while (piece := raw.socket.recv(2**20)) and read < 100_000_000:
            read += len(piece)
        assert read < 100_000_000


def test_a_client_that_does_not_close_what_was_ended_is_hung_up_on(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(b"garbage\r\n\r\n")
        assert raw.answer().status == 400
        with pytest.raises(OSError, match=r"Broken pipe|reset|EOF"):  # noqa: PT012 - any of them may fail
            while True:
                raw.send(b"more")
                let_the_limits_pass(server, 1)


def test_a_long_poll_is_left_alone(server: Server) -> None:
    with Client(server.url) as client, RawClient(server.url) as raw:
        raw.send(request("POST", "/_mock/worlds/default/journal/wait", WAIT))
        let_the_limits_pass(server)
        client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
        assert raw.answer().json["met"] is True


def test_an_event_stream_is_left_alone(server: Server) -> None:
    with Client(server.url) as client, client.stream("GET", f"{server.url}/_ui/worlds/default/live") as stream:
        lines = stream.iter_lines()
        let_the_limits_pass(server)
        client.speaking_as("cop_demo_user").ask("GET", f"/capsules/{ids.NOBODYS}", 404)
        while "404" not in next(lines):
            pass


def test_requests_that_wait_behind_a_long_poll_are_left_alone(server: Server) -> None:
    with Client(server.url) as client, RawClient(server.url) as raw:
        raw.send(request("POST", "/_mock/worlds/default/journal/wait", WAIT), request(), START_RUN)
        let_the_limits_pass(server)
        client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
        assert [raw.answer().status for _ in range(3)] == [200, 200, 200]
