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
from benchmarks.figures import RATIO, Figure, measured, paired
from benchmarks.operations import POST
from benchmarks.record import Record
from benchmarks.servers import BARE, FAKE

ROUNDS = {200: 3, 1000: 2, 5000: 1}
"""How often each number of connections is tried."""
SECONDS = 4.0
MOST_SECONDS = 15.0
"""How long the last connection is waited for."""

OWN_FILES = 100

MOST_OF_BARE = 1.0
"""How many times bare FastAPI's time the last connection may wait for its first answer."""
LEAST_EVENNESS = 0.5
"""What the connection with the fewest answers has at least, as a share of what the one with the most has."""
EVEN_UP_TO = 1000
"""With how many connections each has enough answers to compare."""


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


def bursts(record: Record) -> None:
    """Print how the fake, and bare FastAPI on uvicorn as it comes, serve many connections at once."""
    table = Table("connections", "server", "first answers: first s", "median s", "last s", "answers each", "req/s")
    for count in _possible(record.console):
        found: dict[str, list[Burst]] = {BARE: [], FAKE: []}
        for _ in range(ROUNDS[count]):
            for make in (servers.bare, servers.fake):
                with make() as server:
                    found[server.name].append(burst(server.port, count))
        for name, came in found.items():
            table.add_row(f"{count:,}", name, *_cells(came[-1], count))
        record.add(*_figures(found, count))
    record.console.print(table)
    record.console.print(
        f"The last of {', '.join(f'{rounds} ({count:,})' for count, rounds in ROUNDS.items())} rounds of {SECONDS:g} s,"
        f" or until the last was answered, {MOST_SECONDS:g} s at most. Each connection sends runs, one by one."
    )


def _figures(found: dict[str, list[Burst]], count: int) -> Iterator[Figure]:
    title = f"{count} connections"
    lasts = {name: [_last(one, count) for one in came] for name, came in found.items()}
    speeds = {name: [one.per_second for one in came] for name, came in found.items()}
    for name, came in found.items():
        ours, firsts = name == FAKE, [min(one.firsts) for one in came]
        yield measured(f"{title}, first answer to the first, {name}", "s", firsts, more=False, ours=ours)
        yield measured(f"{title}, first answer to the last, {name}", "s", lasts[name], more=False, ours=ours)
        target = LEAST_EVENNESS if ours and count <= EVEN_UP_TO else None
        evenness = [min(one.answers) / max(one.answers) for one in came]
        yield measured(f"{title}, fewest / most answers, {name}", RATIO, evenness, more=True, target=target, ours=ours)
    title = f"{title}, {{}}, ours / {BARE}"
    yield paired(title.format("first answer to the last"), lasts[FAKE], lasts[BARE], MOST_OF_BARE, more=False)
    yield paired(title.format("req/s"), speeds[FAKE], speeds[BARE], None)


def _last(came: Burst, count: int) -> float:
    """When the last connection was first answered; as late as it was waited for when it was not."""
    return max(came.firsts) if len(came.firsts) == count else MOST_SECONDS


def _possible(console: Console) -> Iterator[int]:
    """How many connections this process may open, of those that are to be measured."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for count in ROUNDS:
        if most == resource.RLIM_INFINITY or count + OWN_FILES <= most:
            yield count
        else:
            console.print(f"{count:,} connections cannot be had: a process may have {most:,} files open here")


def _cells(came: Burst, count: int) -> Iterator[str]:
    firsts = sorted(came.firsts)
    yield f"{firsts[0]:.2f}"
    yield f"{firsts[len(firsts) // 2]:.2f}"
    yield f"{firsts[-1]:.2f}" if len(firsts) == count else f"{count - len(firsts):,} unanswered"
    yield f"{min(came.answers)}-{max(came.answers)}"
    yield f"{came.per_second:,.0f}"
