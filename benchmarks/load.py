"""A load generator: as many requests as a server answers on a number of connections."""

import asyncio
import socket
import time
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple, Self, cast

import uvloop

CONNECTIONS = 16


class Load(NamedTuple):
    """What came back: requests a second, milliseconds at the median and the 99th percentile, wrong answers."""

    per_second: float
    p50: float
    p99: float
    wrong: int
    requests: int


class _Connection(asyncio.Protocol):
    """Sends one request after another; opens itself again when the server closes it."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        if self._transport is not None and not self._run.over:
            self._sent = time.perf_counter()
            self._transport.write(next(self._run.requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        if not _is_whole(lower, body):
            return
        self._run.note(time.perf_counter() - self._sent, head.split(b" ", 2)[1].startswith(b"2"))
        self._buffer = b""
        if b"connection: close" not in lower and not head.startswith(b"HTTP/1.0"):
            self._send()

    def connection_lost(self, _problem: Exception | None) -> None:
        if not self._run.over:
            self._run.reconnect()


def _is_whole(head: bytes, body: bytes) -> bool:
    """Whether all of an answer is there; `head` is in small letters."""
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    _, has_length, rest = head.partition(b"content-length:")
    return not has_length or len(body) >= int(rest.split(b"\r\n", 1)[0])


class _Run:
    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.requests = cycle(requests)
        self.over = False
        self._port = port
        self._times: list[float] = []
        self._wrong = 0
        self._tasks: set[asyncio.Task[object]] = set()

    def note(self, seconds: float, right: bool) -> None:
        self._times.append(seconds)
        self._wrong += not right

    def reconnect(self) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(
            asyncio.get_running_loop().create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def go(self, seconds: float) -> Load:
        started = time.perf_counter()
        for _ in range(CONNECTIONS):
            self.reconnect()
        await asyncio.sleep(seconds)
        self.over = True
        took = time.perf_counter() - started
        times = sorted(self._times) or [0.0]
        return Load(
            len(self._times) / took,
            times[len(times) // 2] * 1000,
            times[len(times) * 99 // 100] * 1000,
            self._wrong,
            len(self._times),
        )


def put_load_on(port: int, requests: Sequence[bytes], seconds: float) -> Load:
    """Send `requests` to the server at `port`, one after the other, over and over."""

    async def go() -> Load:
        return await _Run(port, requests).go(seconds)

    return uvloop.run(go())


class Caller:
    """One connection, on which one request is sent after another."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, request: bytes) -> tuple[float, bytes]:
        """The milliseconds until the answer is there, and its body. Raises `RuntimeError` for one that is not 200."""
        started = time.perf_counter()
        self._socket.sendall(request)
        head, body = self._until_end_of_head()
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += self._received()
        took = (time.perf_counter() - started) * 1000
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not answered with 200: {head.decode()}")
        return took, bytes(body)

    def _until_end_of_head(self) -> tuple[bytes, bytearray]:
        data = bytearray()
        while b"\r\n\r\n" not in data:
            data += self._received()
        head, _, body = data.partition(b"\r\n\r\n")
        return bytes(head), body

    def _received(self) -> bytes:
        data = self._socket.recv(1 << 18)
        if not data:
            raise RuntimeError("the server has closed the connection")
        return data


def http(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
