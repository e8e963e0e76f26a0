"""Requests on the wire as they are meant, and answers as they came: no client library that tidies either."""

import base64
import http.client
import json
from typing import Any, NamedTuple

HOST = "127.0.0.1:8000"
"""What every request names as its host, wherever the server listens: it stands in URLs and in the journal."""

SECONDS = 60

Headers = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """A request. A `body` that is not bytes is sent as JSON."""

    method: str
    target: str
    token: str | None = None
    body: Any = None
    headers: Headers = ()

    def content(self) -> bytes | None:
        """The body's bytes, or None without one."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()

    def all_headers(self) -> list[tuple[str, str]]:
        """The headers in the order in which they are sent."""
        content = self.content()
        named = {name.lower() for name, _ in self.headers}
        sent = [("Host", HOST)] if "host" not in named else []
        if self.token is not None:
            sent.append(("Authorization", "Basic " + base64.b64encode(f"{self.token}:".encode()).decode()))
        if content is not None:
            sent += [] if "content-type" in named else [("Content-Type", "application/json")]
            sent.append(("Content-Length", str(len(content))))
        return [*sent, *self.headers]


class Answer(NamedTuple):
    """An answer as it came. `status` is 0 for a connection that was closed instead; `cut` marks a body that broke
    off.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool = False

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def text(self, name: str) -> str:
        """A member of the body; "missing" when it has none, so that a script goes on whatever was answered."""
        found = self.json()
        return str(found.get(name, "missing")) if isinstance(found, dict) else "missing"

    def header(self, name: str) -> str:
        """A header, empty when it is absent."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def opened(port: int, request: Request, seconds: float = SECONDS) -> http.client.HTTPConnection:
    """A connection of its own, on which the request was sent; it waits for so many seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.all_headers():
        connection.putheader(name, value)
    connection.endheaders(request.content())
    return connection


def answered(connection: http.client.HTTPConnection) -> Answer:
    """The whole answer; the connection is closed afterwards."""
    try:
        response = connection.getresponse()
        try:
            body, cut = response.read(), False
        except http.client.IncompleteRead as broken:
            body, cut = broken.partial, True
        return Answer(response.status, response.getheaders(), body, cut)
    except (http.client.RemoteDisconnected, ConnectionError):
        return Answer(0, [], b"")
    finally:
        connection.close()


def exchange(port: int, request: Request, seconds: float = SECONDS) -> Answer:
    """Send a request to the server on this machine's `port`. Raises `OSError` when it does not answer in time."""
    return answered(opened(port, request, seconds))
