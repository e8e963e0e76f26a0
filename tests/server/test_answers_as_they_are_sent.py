"""How answers go over the wire: in one piece where that can be, and framed as HTTP has it, whatever is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from mock_server.serving.limits import Limits
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.conftest import Client, Server
from tests.server.raw import AUTHORIZATION, RUN, RawClient, request

Send = Callable[[dict[str, Any]], Awaitable[None]]

TEXT = b"twelve bytes"
LENGTH = (b"content-length", b"12")


class Scripted:
    """An application that answers as the path says."""

    def __init__(self) -> None:
        self.goes_on: asyncio.Event

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            self.goes_on = asyncio.Event()
            for _ in range(2):
                await send({"type": (await receive())["type"] + ".complete"})
            return
        await getattr(self, scope["path"].strip("/"))(send)

    async def plain(self, send: Send, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [LENGTH, *headers]})
        await send({"type": "http.response.body", "body": TEXT})

    async def not_modified(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body"})

    async def nothing(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    async def pieces(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await self.goes_on.wait()
        await send({"type": "http.response.body", "body": TEXT[:5], "more_body": True})
        await send({"type": "http.response.body", "body": TEXT[5:]})

    async def stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.goes_on.wait()
        await send({"type": "http.response.body", "body": TEXT, "more_body": True})
        await send({"type": "http.response.body"})

    async def late(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await self.goes_on.wait()

    async def go_on(self, send: Send) -> None:
        self.goes_on.set()
        await self.plain(send)

    async def closing(self, send: Send) -> None:
        await self.plain(send, 200, (b"connection", b"Upgrade, Close"))

    async def smuggling(self, send: Send) -> None:
        await self.plain(send, 200, (b"location", b"/\r\nset-cookie: a=b"))

    async def without_phrase(self, send: Send) -> None:
        await self.plain(send, 599)

    async def too_long(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await send({"type": "http.response.body", "body": TEXT, "more_body": True})
        await send({"type": "http.response.body", "body": TEXT})

    async def too_short(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        await send({"type": "http.response.body", "body": TEXT[:5], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def body_first(self, send: Send) -> None:
        await send({"type": "http.response.body", "body": TEXT})


@pytest.fixture
def live() -> Iterator[LiveServer]:
    with LiveServer(Scripted(), limits=Limits(stop_seconds=0.2, grace_seconds=0.1)) as server:
        yield server


def test_an_answer_whose_length_is_known_comes_in_one_piece(server: Server) -> None:
    with RawClient(server.url) as raw:
        for _ in range(100):
            raw.send(request())
            whole = raw.socket.recv(65536)
            head, _, body = whole.partition(b"\r\n\r\n")
            assert f"content-length: {len(body)}\r\n".encode() in head + b"\r\n"
            assert body


@pytest.mark.parametrize("path", ["/stream", "/pieces"])
def test_a_head_does_not_wait_for_what_takes_long(live: LiveServer, path: str) -> None:
    with RawClient(live.url) as raw, RawClient(live.url) as other:
        raw.send(request("GET", path))
        head = raw.head()
        assert head.status == 200
        other.send(request("GET", "/go_on"))
        assert other.answer().body == TEXT
        raw.send(request("GET", "/plain", b"", b"Connection: close"))
        rest = raw.rest()
        expected = b"c\r\n" + TEXT + b"\r\n0\r\n\r\n" if path == "/stream" else TEXT
        assert rest.startswith(expected + b"HTTP/1.1 200 OK\r\n")
    framing = {"transfer-encoding": "chunked"} if path == "/stream" else {"content-length": "12"}
    assert head.headers == framing


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("HEAD", "/plain", 200, {"content-length": "12"}),
        ("HEAD", "/too_long", 200, {"content-length": "12"}),
        ("GET", "/not_modified", 304, {}),
        ("GET", "/nothing", 204, {}),
    ],
)
def test_an_answer_without_a_body_is_a_head(
    live: LiveServer, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    with RawClient(live.url) as raw:
        raw.send(request(method, path), request("GET", "/plain"))
        head = raw.answer(has_body=False)
        assert (head.status, head.headers) == (status, headers)
        assert raw.answer().body == TEXT


@pytest.mark.parametrize("sent", [b"Connection: close", b"Connection: Keep-Alive, CLOSE"])
def test_the_connection_ends_when_the_client_says_so(live: LiveServer, sent: bytes) -> None:
    with RawClient(live.url) as raw:
        raw.send(request("GET", "/plain", b"", sent))
        answer = raw.answer()
        assert (answer.body, answer.headers["connection"]) == (TEXT, "close")
        assert raw.rest() == b""


def test_the_connection_ends_when_the_answer_says_so_in_any_capitals(live: LiveServer) -> None:
    with RawClient(live.url) as raw:
        raw.send(request("GET", "/closing"))
        answer = raw.answer()
        assert (answer.body, answer.headers["connection"]) == (TEXT, "Upgrade, Close")
        assert raw.rest() == b""


def test_the_connection_of_an_old_client_ends(live: LiveServer) -> None:
    with RawClient(live.url) as raw:
        raw.send(b"GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = raw.answer()
        assert (answer.body, answer.headers["connection"]) == (TEXT, "close")
        assert raw.rest() == b""


def test_a_status_without_a_phrase(live: LiveServer) -> None:
    with RawClient(live.url) as raw:
        raw.send(request("GET", "/without_phrase"))
        answer = raw.answer()
        assert (answer.status, answer.body) == (599, TEXT)


@pytest.mark.parametrize("path", ["/smuggling", "/body_first"])
def test_what_is_no_answer_is_a_failure_of_the_server(live: LiveServer, path: str) -> None:
    with RawClient(live.url) as raw:
        raw.send(request("GET", path))
        answer = raw.answer()
        assert (answer.status, answer.json) == (500, {"message": "internal error"})
        assert "set-cookie" not in answer.headers
        assert raw.rest() == b""


@pytest.mark.parametrize(("path", "body"), [("/too_long", TEXT), ("/too_short", TEXT[:5])])
def test_a_body_that_does_not_have_its_length_ends_the_connection(live: LiveServer, path: str, body: bytes) -> None:
    with RawClient(live.url) as raw:
        raw.send(request("GET", path), request("GET", "/plain"))
        assert raw.head().headers["content-length"] == "12"
        assert raw.rest() == body


@pytest.mark.parametrize("kept", [0, 3])
def test_an_answer_that_a_fault_cuts_has_its_head(server: Server, client: Client, kept: int) -> None:
    faults = f"{client.url}/_mock/worlds/default/faults"
    client.ask("POST", faults, 201, json={"operation": "get_capsule", "phase": "after", "truncate": kept})
    with RawClient(server.url) as raw:
        raw.send(request())
        head = raw.head()
        assert (head.status, head.headers["content-type"]) == (200, "application/json")
        assert int(head.headers["content-length"]) > kept
        assert len(raw.rest()) == kept


def test_an_answer_that_has_not_begun_when_the_server_stops_is_a_503() -> None:
    with LiveServer(Scripted(), limits=Limits(stop_seconds=0.2, grace_seconds=0.1)) as live:
        raw, other = RawClient(live.url), RawClient(live.url)
        raw.send(request("GET", "/late"))
        other.send(request("GET", "/plain"))
        assert other.answer().status == 200
    with raw, other:
        answer = raw.answer()
        assert (answer.status, answer.json) == (503, {"message": "the server is stopping"})
        assert raw.rest() == b""


def test_a_client_that_asks_whether_to_go_on_with_the_body(server: Server) -> None:
    head, _, body = request("POST", "/api/v1/computations", RUN, b"Expect: 100-Continue").partition(b"\r\n\r\n")
    with RawClient(server.url) as raw:
        raw.send(head, b"\r\n\r\n")
        assert raw.head().status == 100
        raw.send(body)
        assert (raw.answer().status, len(body)) == (200, len(RUN))


def test_a_client_that_asks_before_a_body_that_is_not_wanted(server: Server) -> None:
    head = request("POST", "/api/v1/nothing", RUN, b"Expect: 100-continue").partition(b"\r\n\r\n")[0]
    with RawClient(server.url) as raw:
        raw.send(head, b"\r\n\r\n")
        assert raw.head().status == 404


def test_what_a_proxy_says_of_the_client_is_believed_from_this_machine(client: Client) -> None:
    files = f"/data_assets/{ids.IRIS}/files"
    path = next(
        item["path"] for item in client.ask("POST", files, json={"path": ""})["items"] if item["type"] == "file"
    )
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    for headers, scheme in (({}, "http"), (said, "https"), ({}, "http")):
        urls = client.ask("GET", f"{files}/urls", params={"path": path}, headers=headers)
        assert urls["download_url"].startswith(f"{scheme}://")


def test_a_request_in_many_small_pieces_is_the_same_request(server: Server) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in RUN) + b"0\r\n\r\n"
    head = b"POST /api/v1/computations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + AUTHORIZATION
    with RawClient(server.url) as raw:
        for byte in head + b"\r\n\r\n" + chunks:
            raw.send(bytes([byte]))
        assert raw.answer().status == 200
