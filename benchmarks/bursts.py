"""Many connections at once, each sending runs: when the last is first answered, and how evenly they are served."""

import asyncio
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple, cast

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.measuring import POST

COUNTS = (200, 1000, 5000)
SECONDS = 4.0
MOST_SECONDS = 30.0
"""How long the last connection is waited for."""

OWN_FILES = 100

TARGETS = {200: 1.0, 1000: 4.0}
"""The most seconds that the last connection may wait for its first answer."""


class Burst(NamedTuple):
    """What came of it: seconds until the first answer of each connection, and how many answers each has had."""

    firsts: list[float]
    answers: list[int]
    per_second: float


class _Client(asyncio.Protocol):
    """Sends one request after another, until all have been answered and the time is over."""

    def __init__(self, crowd: "_Crowd") -> None:
        self._crowd = crowd
        self._buffer = b""
        self.transport: asyncio.Transport | None = None
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(POST)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]):
            return
        self._buffer = b""
        if not self.answers:
            self._crowd.note_first()
        self.answers += 1
        if self.transport is not None and not self._crowd.over:
            self.transport.write(POST)


class _Crowd:
    def __init__(self, count: int) -> None:
        self._count = count
        self._firsts: list[float] = []
        self._clients: list[_Client] = []
        self._all = asyncio.Event()
        self._began = time.perf_counter()
        self.over = False

    def note_first(self) -> None:
        self._firsts.append(time.perf_counter() - self._began)
        if len(self._firsts) == self._count:
            self._all.set()

    def _client(self) -> _Client:
        self._clients.append(_Client(self))
        return self._clients[-1]

    async def go(self, port: int) -> Burst:
        loop = asyncio.get_running_loop()
        opening = [
            asyncio.ensure_future(loop.create_connection(self._client, "127.0.0.1", port)) for _ in range(self._count)
        ]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all.wait(), MOST_SECONDS)
        await asyncio.sleep(max(0.0, self._began + SECONDS - time.perf_counter()))
        self.over = True
        took = time.perf_counter() - self._began
        answers = [client.answers for client in self._clients]
        for one in opening:
            one.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        for client in self._clients:
            if client.transport is not None:
                client.transport.abort()
        return Burst(self._firsts, answers, sum(answers) / took)


def burst(port: int, count: int) -> Burst:
    """Let `count` clients come at once."""

    async def go() -> Burst:
        return await _Crowd(count).go(port)

    return uvloop.run(go())


def bursts(console: Console) -> None:
    """Print how the fake, and bare FastAPI on uvicorn as it comes, serve many connections at once."""
    table = Table(
        "connections", "server", "answered", "first answers: median s", "last s", "answers each", "req/s", "target"
    )
    for count in _possible(console):
        for make in (servers.bare, servers.fake):
            with make() as server:
                came = burst(server.port, count)
            table.add_row(f"{count:,}", server.name, *_cells(came, count), _verdict(server.name, came, count))
    console.print(table)
    console.print(
        f"{SECONDS:g} s, or until the last was answered, {MOST_SECONDS:g} s at most. Each sends runs, one by one."
    )


def _possible(console: Console) -> Iterator[int]:
    """How many connections this process may open, of those that are to be measured."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for count in COUNTS:
        if most == resource.RLIM_INFINITY or count + OWN_FILES <= most:
            yield count
        else:
            console.print(f"{count:,} connections cannot be had: a process may have {most:,} files open here")


def _cells(came: Burst, count: int) -> Iterator[str]:
    yield "all" if len(came.firsts) == count else f"{len(came.firsts):,}"
    firsts = sorted(came.firsts) or [0.0]
    yield f"{firsts[len(firsts) // 2]:.2f}"
    yield f"{firsts[-1]:.2f}"
    yield f"{min(came.answers, default=0)}-{max(came.answers, default=0)}"
    yield f"{came.per_second:,.0f}"


def _verdict(name: str, came: Burst, count: int) -> str:
    target = TARGETS.get(count)
    if name != servers.FAKE or target is None:
        return ""
    met = len(came.firsts) == count and max(came.firsts) <= target
    return f"{target:g} s {'met' if met else 'MISSED'}"
