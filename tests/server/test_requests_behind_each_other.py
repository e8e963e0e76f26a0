"""Several requests in one packet, and what is no request behind one: each is answered, in the order of arrival."""

import sys

import pytest

from tests import ids
from tests.conftest import Client, Server
from tests.server.raw import AUTHORIZATION, START_RUN, RawClient, request

GARBAGE = [
    b"garbage",
    b"garbage\r\n\r\n",
    b"GET /x HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
    b"GET \xff HTTP/1.1\r\n\r\n",
]
CHUNKED = request("POST", "/api/v1/computations", b"", b"Transfer-Encoding: chunked")


def runs(client: Client) -> int:
    return len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations"))


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_valid_request_with_garbage_behind_it_is_answered_then_the_garbage_refused(
    server: Server, client: Client, garbage: bytes
) -> None:
    before = runs(client)
    with RawClient(server.url) as raw:
        raw.send(START_RUN, garbage)
        started = raw.answer()
        assert (started.status, started.json["state"]) == (200, "initializing")
        refused = raw.answer()
        assert (refused.status, refused.json) == (400, {"message": "malformed HTTP request"})
        assert refused.headers["connection"] == "close"
        assert raw.rest() == b""
    assert runs(client) == before + 1


def test_several_requests_with_garbage_behind_them(server: Server, client: Client) -> None:
    before = runs(client)
    with RawClient(server.url) as raw:
        raw.send(START_RUN * 5, b"garbage\r\n\r\n", START_RUN)
        assert [raw.answer().status for _ in range(6)] == [200] * 5 + [400]
        assert raw.rest() == b""
    assert runs(client) == before + 5, "what comes after garbage is no request"


def test_garbage_that_comes_while_a_request_is_being_answered(server: Server) -> None:
    wait = b'{"match": {"operation": "run_capsule"}, "timeout": "10m"}'
    with RawClient(server.url) as raw, RawClient(server.url) as other:
        raw.send(request("POST", "/_mock/worlds/default/journal/wait", wait))
        other.send(request())
        assert other.answer().status == 200
        raw.send(b"garbage\r\n\r\n")
        other.send(START_RUN)
        assert other.answer().status == 200
        assert raw.answer().json["met"] is True
        assert raw.answer().status == 400
        assert raw.rest() == b""


def test_garbage_behind_a_request_that_asks_for_the_end_of_the_connection(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("GET", f"/api/v1/capsules/{ids.CAPSULE}", b"", b"Connection: close"), b"garbage\r\n\r\n")
        assert raw.answer().status == 200
        assert raw.rest() == b""


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_body_that_breaks_in_the_middle_is_refused_and_takes_no_effect(
    server: Server, client: Client, before: int
) -> None:
    count = runs(client)
    with RawClient(server.url) as raw:
        raw.send(START_RUN * before, CHUNKED, b'5\r\n{"cap\r\nXX\r\n')
        assert [raw.answer().status for _ in range(before)] == [200] * before
        assert raw.answer().status == 400
        assert raw.rest() == b""
    assert runs(client) == count + before


def test_a_body_that_breaks_after_its_request_was_answered(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("POST", "/api/v1/nothing", b"", b"Transfer-Encoding: chunked"))
        assert raw.answer().status == 404
        raw.send(b"XX\r\n")
        assert raw.rest() == b"", "a request is answered once"


def test_requests_in_one_packet_are_answered_in_their_order(server: Server) -> None:
    paths = [f"/api/v1/capsules/{ids.CAPSULE}", "/api/v1/nothing", "/docs", f"/api/v1/computations/{ids.PAST_RUN}"]
    with RawClient(server.url) as raw:
        raw.send(*(request("GET", path) for path in paths * 20))
        statuses = [raw.answer().status for _ in paths * 20]
    assert statuses == [200, 404, 200, 200] * 20


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_a_client_that_offers_another_protocol_is_answered_in_this_one(
    server: Server, client: Client, protocol: str
) -> None:
    """As the HTTP client of Java does with its first request."""
    before = runs(client)
    offer = (b"Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}".encode(), b"HTTP2-Settings: AAEAAEAA")
    with RawClient(server.url) as raw:
        raw.send(request("GET", f"/api/v1/capsules/{ids.CAPSULE}", b"", *offer), START_RUN)
        assert [raw.answer().status, raw.answer().status] == [200, 200]
        body = b'{"capsule_id": "%s"}' % ids.CAPSULE.encode()
        raw.send(request("POST", "/api/v1/computations", body, *offer), request())
        assert [raw.answer().status, raw.answer().status] == [200, 200]
    assert runs(client) == before + 2


@pytest.mark.parametrize("connection", [b"close, Upgrade", b"Upgrade, close"])
def test_an_offer_with_the_last_request_of_a_connection(server: Server, client: Client, connection: bytes) -> None:
    before = runs(client)
    body = b'{"capsule_id": "%s"}' % ids.CAPSULE.encode()
    offer = (b"Upgrade: websocket", b"Connection: " + connection)
    with RawClient(server.url) as raw:
        raw.send(request("POST", "/api/v1/computations", body, *offer), START_RUN)
        assert raw.answer().status == 200
        assert raw.rest() == b""
    assert runs(client) == before + 1


def test_an_offer_in_the_first_version_of_http(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(b"GET /docs HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert raw.answer().status == 200
        assert raw.rest() == b""


def test_any_number_of_offers_in_one_packet(server: Server) -> None:
    count = 2 * sys.getrecursionlimit()
    with RawClient(server.url) as raw:
        raw.send(b"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" * count)
        assert [raw.answer().status for _ in range(count)] == [404] * count


def test_trailers_are_no_headers(server: Server, client: Client) -> None:
    head = b"POST /api/v1/computations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawClient(server.url) as raw:
        raw.send(head, b"2\r\n{}\r\n0\r\n", AUTHORIZATION, b"\r\n\r\n", request())
        assert [raw.answer().status, raw.answer().status] == [401, 200]


def test_a_client_that_takes_the_server_for_a_proxy(server: Server) -> None:
    with RawClient(server.url) as raw:
        raw.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        assert raw.answer().status == 400
        assert raw.rest() == b""


@pytest.mark.parametrize("body", [b"", b"[]"])
def test_a_request_for_a_tunnel_is_answered_once_and_is_the_last(server: Server, body: bytes) -> None:
    """What stands behind it would go through the tunnel, and is no HTTP."""
    with RawClient(server.url) as client:
        client.send(request() + request("CONNECT", body=body) + request())
        assert client.answer().status == 200
        refused = client.answer()
        assert (refused.status, refused.headers["connection"]) == (405, "close")
        assert client.rest() == b""


def test_the_answer_to_a_request_for_a_tunnel_survives_what_is_sent_into_it(server: Server) -> None:
    with RawClient(server.url) as client:
        client.send(request("CONNECT"))
        refused = client.head()
        for _ in range(20):
            client.send(b"x" * 10_000)
        assert refused.status == 405
        assert b"method not allowed" in client.rest()
