"""No route reads more of a body than there can be of use: 413 as soon as it is known, and the server goes on."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from mock_server.api.operation import Operation
from mock_server.api.routers import routers, routes
from mock_server.api.versioning import ApiVersion
from mock_server.asgi.bodies import MAX_BODY
from mock_server.control import spec
from mock_server.control.plane import MAX_STREAM
from mock_server.ui.dashboard import PARTS
from mock_server.ui.forms import MOST_BYTES
from tests import ids
from tests.control.conftest import Plane, serving
from tests.process import PATIENCE

CONTROL = [
    (method.upper(), path.replace("{world}", "default"))
    for path, methods in spec.document()["paths"].items()
    for method in methods
]
DASHBOARD = [
    (page.method, f"/_ui/worlds/default{page.path}".replace("{key}", ids.PAST_RUN))
    for part in PARTS
    for page in part.PAGES
] + [("POST", "/_ui/login"), ("POST", "/_ui/logout"), ("GET", "/"), ("GET", "/_ui/static/style.css")]
PUBLIC = [(route.method, route.path) for route in routes(routers()) if Operation(route, ApiVersion()).reads_body]

SECRET = "token-of-the-test"


class Raw:
    """A connection on which a request is sent by hand."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=PATIENCE)

    def head(self, method: str, path: str, *headers: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        self.socket.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())

    def answer(self) -> tuple[int, str]:
        """The status, and what else comes at once."""
        found = self.socket.recv(65536).decode()
        return int(found.split()[1]), found

    def send_until_answered(self, piece: bytes, most: int) -> int:
        """Send chunks until there is an answer; how many bytes were sent."""
        sent = 0
        self.socket.setblocking(True)
        while sent < most:
            self.socket.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            sent += len(piece)
            self.socket.settimeout(0.0)
            try:
                self.socket.recv(1, socket.MSG_PEEK)
                break
            except BlockingIOError:
                continue
            finally:
                self.socket.settimeout(PATIENCE)
        return sent


@pytest.fixture
def raw(still: Plane) -> Iterator[Callable[[], Raw]]:
    opened: list[Raw] = []

    def open_one() -> Raw:
        opened.append(Raw(still.url))
        return opened[-1]

    yield open_one
    for one in opened:
        one.socket.close()


@pytest.mark.parametrize(("method", "path"), CONTROL + DASHBOARD, ids=lambda given: given)
def test_413_before_any_of_a_body_is_read_that_says_how_long_it_is(
    raw: Callable[[], Raw], method: str, path: str
) -> None:
    connection = raw()
    connection.head(method, path, f"Content-Length: {2 * MAX_STREAM}")
    status, answer = connection.answer()
    assert status == 413
    assert "is larger than" in answer


@pytest.mark.parametrize(("method", "path"), PUBLIC, ids=lambda given: given)
def test_413_of_the_public_api_before_any_of_the_body_is_read(raw: Callable[[], Raw], method: str, path: str) -> None:
    connection = raw()
    path = path.replace("{", "").replace("}", "")
    auth = "Authorization: Basic Y29wX2RlbW9fdXNlcjo="
    connection.head(method, f"/api/v1{path.removeprefix('/api/v1')}", auth, f"Content-Length: {MAX_BODY + 1}")
    assert connection.answer()[0] == 413


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PUT", "/_mock/worlds/default/scenarios", MAX_BODY),
        ("POST", "/_mock/worlds/default/faults", MAX_BODY),
        ("POST", "/_mock/worlds", MAX_BODY),
        ("DELETE", "/_mock/worlds/default/faults", MAX_BODY),
        ("POST", "/_mock/there/is/no/such/route", MAX_BODY),
        ("POST", "/_ui/worlds/default/world/scenarios", MOST_BYTES),
        ("POST", "/_ui/login", MOST_BYTES),
        ("GET", "/_ui/worlds/default", MOST_BYTES),
    ],
)  # fmt: skip
def test_413_of_a_body_that_comes_in_chunks_once_it_is_too_long(
    raw: Callable[[], Raw], still: Plane, method: str, path: str, most: int
) -> None:
    connection = raw()
    connection.head(method, path, "Transfer-Encoding: chunked")
    # Some more has been sent when the answer comes: what lies in the buffers of both sides.
    assert most < connection.send_until_answered(b"x" * 65536, 4 * most) < 3 * most
    assert connection.answer()[0] == 413
    still.ask("GET", "/health")


def test_the_longest_bodies_are_read(still: Plane) -> None:
    text = "version: 1\nscenarios: []\n#"
    still.ask("PUT", "/worlds/default/scenarios", content=text + "x" * (MAX_BODY - len(text)))
    answer = httpx.post(f"{still.url}/_ui/worlds/default/switch", data={"name": "w", "x": "y" * (MOST_BYTES - 9)})
    assert answer.status_code == 404


def test_who_may_not_steer_is_not_read_at_all() -> None:
    for plane in serving(control_token=SECRET):
        connection = Raw(plane.url)
        connection.head("PUT", "/_mock/snapshots/s/file", f"Content-Length: {MAX_STREAM - 1}")
        assert connection.answer()[0] == 401
        connection.socket.close()


@pytest.mark.parametrize("path", ["/worlds/default/scenarios", "/snapshots/s/file", "/worlds/default/faults"])
def test_a_client_that_hangs_up_while_it_sends_is_no_failure(
    still: Plane, raw: Callable[[], Raw], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection = raw()
    connection.head("PUT", f"/_mock{path}", "Content-Length: 1000")
    connection.socket.sendall(b"{")
    connection.socket.close()
    still.ask("GET", "/health")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_413_is_one_of_the_answers_of_every_route_in_the_spec() -> None:
    paths: dict[str, Any] = spec.document()["paths"]
    for methods in json.loads(json.dumps(paths)).values():
        for operation in methods.values():
            assert "413" in operation["responses"]
