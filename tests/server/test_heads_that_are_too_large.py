"""Limits on the URL and the headers of a request: 414 and 431, as soon as it is known, and nothing is kept."""

from collections.abc import Callable, Iterator

import pytest

from mock_server.serving.limits import Limits
from tests import ids
from tests.conftest import Client, Server
from tests.server.raw import START_RUN, Answer, RawClient, request

LIMITS = Limits()
PATH = f"/api/v1/capsules/{ids.CAPSULE}"
PIECE = 64 * 1024


def url_of(length: int) -> bytes:
    return request("GET", f"{PATH}?x=".ljust(length, "x"))


def headers_of(size: int) -> bytes:
    return request("GET", PATH, b"", b"X-Long: " + b"x" * size)


def many_headers(count: int) -> bytes:
    return request("GET", PATH, b"", *(b"X-%d: x" % number for number in range(count)))


def refusal(url: str, *pieces: bytes) -> Answer:
    """The only answer to what is sent, after which the connection ends."""
    with RawClient(url) as raw:
        raw.send(*pieces)
        answer = raw.answer()
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"] == "application/json"
        assert raw.rest() == b""
        return answer


@pytest.mark.parametrize(
    "sent",
    [url_of(LIMITS.url_bytes), headers_of(LIMITS.head_bytes - 1000), many_headers(LIMITS.header_count - 2)],
    ids=["url", "headers", "count"],
)
def test_a_head_as_large_as_it_may_be_is_served(server: Server, sent: bytes) -> None:
    with RawClient(server.url) as raw:
        raw.send(sent, request())
        assert [raw.answer().status, raw.answer().status] == [200, 200]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (url_of(LIMITS.url_bytes + 1), 414, "URL is longer than 32768 bytes"),
        (url_of(2_000_000), 414, "URL is longer than 32768 bytes"),
        (headers_of(LIMITS.head_bytes), 431, "headers are larger than 65536 bytes"),
        (headers_of(2_000_000), 431, "headers are larger than 65536 bytes"),
        (many_headers(LIMITS.header_count + 1), 431, "more than 200 headers"),
        (many_headers(100_000), 431, None),
    ],
)
def test_a_head_that_is_too_large_is_refused(server: Server, sent: bytes, status: int, words: str | None) -> None:
    answer = refusal(server.url, sent)
    assert answer.status == status
    assert words is None or words in answer.json["message"]


def endless_url() -> Iterator[bytes]:
    yield b"GET /"
    while True:
        yield b"x" * PIECE


def endless_header() -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\nX-Long: "
    while True:
        yield b"x" * PIECE


def endless_header_name() -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\n"
    while True:
        yield b"x" * PIECE


def endless_headers() -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\n"
    while True:
        yield b"X: x\r\n" * 10_000


def endless_empty_lines() -> Iterator[bytes]:
    while True:
        yield b"\r\n" * 30_000


def endless_trailers() -> Iterator[bytes]:
    yield request("POST", "/api/v1/computations", b"", b"Transfer-Encoding: chunked")
    yield b"2\r\n{}\r\n0\r\n"
    while True:
        yield b"X: x\r\n" * 10_000


def endless_chunk_extension() -> Iterator[bytes]:
    yield request("POST", "/api/v1/computations", b"", b"Transfer-Encoding: chunked")
    yield b"2;"
    while True:
        yield b"x" * PIECE


ENDLESS = {
    endless_url: 414,
    endless_header: 431,
    endless_header_name: 431,
    endless_headers: 431,
    endless_empty_lines: 431,
    endless_trailers: 431,
    endless_chunk_extension: 431,
}


@pytest.mark.parametrize("sends", ENDLESS, ids=lambda sends: sends.__name__)
def test_a_head_without_an_end_is_refused_while_it_comes(server: Server, sends: Callable[[], Iterator[bytes]]) -> None:
    with RawClient(server.url) as raw:
        for _, piece in zip(range(100), sends(), strict=False):
            try:
                raw.send(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        answer = raw.answer()
        assert answer.status == ENDLESS[sends]
        assert raw.rest() == b""


@pytest.mark.parametrize("before", [1, 3])
def test_requests_before_a_head_that_is_too_large_are_answered(server: Server, client: Client, before: int) -> None:
    with RawClient(server.url) as raw:
        raw.send(START_RUN * before, url_of(LIMITS.url_bytes + 1))
        assert [raw.answer().status for _ in range(before + 1)] == [200] * before + [414]
        assert raw.rest() == b""


def test_a_large_body_in_one_packet_with_its_head_is_no_large_head(server: Server) -> None:
    body = b'{"query": "' + b"x" * 1_000_000 + b'"}'
    with RawClient(server.url) as raw:
        raw.send(request("POST", "/api/v1/capsules/search", body), request())
        assert [raw.answer().status, raw.answer().status] == [400, 200]


@pytest.mark.parametrize("path", ["/_mock/health", "/_ui", "/_files/x", "/docs", "/nothing"])
def test_the_limits_hold_everywhere(server: Server, path: str) -> None:
    assert refusal(server.url, request("GET", f"{path}?{'x' * LIMITS.url_bytes}")).status == 414
    assert refusal(server.url, request("GET", path, b"", b"X: " + b"x" * LIMITS.head_bytes)).status == 431


def test_a_client_that_is_still_sending_reads_why_it_is_refused(server: Server) -> None:
    """Closed at once, the connection would be reset, and the answer be lost."""
    with RawClient(server.url) as raw:
        raw.send(b"GET /", b"x" * 200_000)
        answer = raw.answer()
        for _ in range(100):
            raw.send(b"x" * 10_000)
        assert answer.status == 414
        assert raw.rest() == b""
