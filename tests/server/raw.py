"""Bytes on a connection, as those clients send them that are no library."""

import base64
import json
import socket
import ssl
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tests import ids
from tests.conftest import USER, Client
from tests.process import PATIENCE

AUTHORIZATION = b"Authorization: Basic " + base64.b64encode(f"{USER}:".encode())
RUN = json.dumps({"capsule_id": ids.CAPSULE}).encode()


class Answer(NamedTuple):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RawClient:
    """A connection to a server, whose certificate makes no difference."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=PATIENCE)
        if place.scheme == "https":
            self.socket = unverified().wrap_socket(self.socket)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def send(self, *pieces: bytes) -> None:
        self.socket.sendall(b"".join(pieces))

    def answer(self, has_body: bool = True) -> Answer:
        """The next answer, which says how long it is."""
        head = self.head()
        length = int(head.headers.get("content-length", 0))
        return head._replace(body=self._file.read(length) if has_body else b"")

    def head(self) -> Answer:
        """The next answer up to its body."""
        status = self._file.readline()
        assert status.startswith(b"HTTP/1.1 "), status
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return Answer(int(status.split()[1]), headers, b"")

    def rest(self) -> bytes:
        """Everything up to the end of the connection, which the server ends."""
        try:
            return self._file.read()
        except ConnectionResetError:
            return b""


def unverified() -> ssl.SSLContext:
    """TLS with whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def request(
    method: str = "GET", path: str = f"/api/v1/capsules/{ids.CAPSULE}", body: bytes = b"", *headers: bytes
) -> bytes:
    """A request as bytes."""
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost", AUTHORIZATION, *headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def download(url: str) -> bytes:
    """A request for a signed URL, which takes no token besides; the host is signed too."""
    parts = urlsplit(url)
    return f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()


START_RUN = request("POST", "/api/v1/computations", RUN)
"""A request that takes effect: it starts a run."""


def huge_file(client: Client) -> tuple[str, str]:
    """The signed URL of a file of more than 200 MB, and its path in its data asset."""
    files = f"/data_assets/{ids.COMMONCRAWL}/files"
    folders = [""]
    while folders:
        for item in client.ask("POST", files, json={"path": folders.pop()})["items"]:
            if item["type"] == "folder":
                folders.append(item["path"])
            elif item["size"] > 200_000_000:
                url: str = client.ask("GET", f"{files}/urls", params={"path": item["path"]})["download_url"]
                return url, item["path"]
    raise AssertionError("the demo has no huge file")
