"""A proxy before a deployment that fails now and then: it answers 429 and 503, and cuts connections."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.process import PATIENCE

FAILURES = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy",
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"has_more\":",
)  # fmt: skip


class FlakyProxy:
    """Passes requests on, each over a connection of its own, but one in `every`, which meets each failure in turn."""

    def __init__(self, target: str, every: int) -> None:
        self._host, _, port = target.removeprefix("http://").partition(":")
        self._port = int(port)
        self._every = every
        self._seen = 0
        self._failed_before = False
        self.failures: Counter[int] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, suppress(OSError):
                self._serve(client)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE)
        request = _message(client)
        self._seen += 1
        # Two in a row are what a client that has just begun takes.
        fails = not self._failed_before and self._seen % self._every == 0
        self._failed_before = fails
        if fails:
            kind = self.failures.total() % len(FAILURES)
            self.failures[kind] += 1
            client.sendall(FAILURES[kind])
            return
        with socket.create_connection((self._host, self._port), PATIENCE) as server:
            head, _, body = request.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            while part := server.recv(65536):
                client.sendall(part)


def _message(client: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = client.recv(65536)
        if not part:
            raise OSError("closed")
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def flaky_proxy(target: str, every: int) -> Iterator[FlakyProxy]:
    """A proxy before `target` that runs inside the block."""
    proxy = FlakyProxy(target, every)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(PATIENCE)
