"""`make bench-scale`: what HAProxy in front of one server costs, and what a second server brings.

All of it runs on one machine, together with what sends the requests. So the processor time of an answer is shown too,
which says what a machine for each of them would give.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.load import Load, http, put_load_on
from benchmarks.operations import RUN
from benchmarks.servers import ITEM_PATH, USER, Server, authorization, fake, process_seconds
from tools.balancer import balanced, installed

WORLDS = 16
ROUNDS = 3
SECONDS = 5.0


class Place(NamedTuple):
    """Where requests are sent, the servers behind it, and the process of HAProxy if it is between."""

    name: str
    port: int
    servers: list[Server]
    balancer: int | None = None


class Round(NamedTuple):
    """A load, and the microseconds of processor time that an answer cost the servers and HAProxy."""

    load: Load
    servers_us: float
    balancer_us: float


def requests(method: str, path: str, body: bytes = b"") -> list[bytes]:
    """The same request in each world."""
    more = {"Content_Type": "application/json"} if body else {}
    tokens = (f"{USER}@bench-{number}" for number in range(WORLDS))
    return [http(method, path, body, Authorization=authorization(token), **more) for token in tokens]


OPERATIONS = {
    "GET of a run": requests("GET", ITEM_PATH),
    "POST of a run": requests("POST", "/api/v1/computations", RUN),
}


@contextmanager
def places() -> Iterator[list[Place]]:
    """One server, one behind HAProxy, two behind HAProxy, with all worlds made."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        alone = stack.enter_context(fake())
        found = [Place("one server", alone.port, [alone])]
        for name, count in (("HAProxy, one server", 1), ("HAProxy, two servers", 2)):
            servers = [stack.enter_context(fake()) for _ in range(count)]
            addresses = [f"127.0.0.1:{server.port}" for server in servers]
            balancer = stack.enter_context(balanced(addresses, "", folder / f"{count}.log"))
            found.append(Place(name, balancer.port, servers, balancer.process.pid))
        for place in found:
            for number in range(WORLDS):
                url = f"http://127.0.0.1:{place.port}{ITEM_PATH}"
                httpx.get(url, auth=(f"{USER}@bench-{number}", "")).raise_for_status()
        yield found


def measure(place: Place, sent: list[bytes], seconds: float) -> Round:
    """Put load on a place, and ask the system what it cost."""
    processes = [server.process.pid for server in place.servers]
    before = sum(map(process_seconds, processes))
    balancer_before = process_seconds(place.balancer) if place.balancer else 0.0
    load = put_load_on(place.port, sent, seconds)
    answers = max(1, load.requests) / 1e6
    of_balancer = process_seconds(place.balancer) - balancer_before if place.balancer else 0.0
    return Round(load, (sum(map(process_seconds, processes)) - before) / answers, of_balancer / answers)


def row(name: str, place: Place, rounds: list[Round]) -> list[str]:
    """A line of the table."""
    return [
        name,
        place.name,
        figure([one.load.per_second for one in rounds]),
        figure([one.load.p50 for one in rounds], 1),
        figure([one.load.p99 for one in rounds], 1),
        figure([one.servers_us for one in rounds]),
        figure([one.balancer_us for one in rounds]) if place.balancer else "",
        str(sum(one.load.wrong for one in rounds)),
    ]


def figure(values: list[float], digits: int = 0) -> str:
    """The median, with the least and the most."""
    median, least, most = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{median} ({least}-{most})"


def main() -> int:
    """Measure and print; 1 when an answer was wrong, 2 without HAProxy."""
    parser = argparse.ArgumentParser(description="Measure servers behind HAProxy.")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    seconds = parser.parse_args().seconds
    console = Console(width=160)
    if installed() is None:
        console.print("HAProxy is not installed")
        return 2
    table = Table("request", "sent to", "req/s", "p50 ms", "p99 ms", "µs of the servers", "µs of HAProxy", "wrong")
    found: dict[tuple[str, str], list[Round]] = {}
    with places() as all_places:
        for _ in range(ROUNDS):
            for name, sent in OPERATIONS.items():
                for place in all_places:
                    found.setdefault((name, place.name), []).append(measure(place, sent, seconds))
        for name in OPERATIONS:
            for place in all_places:
                table.add_row(*row(name, place, found[name, place.name]))
    console.print(table)
    console.print(f"{WORLDS} worlds, 16 connections, {ROUNDS} rounds of {seconds:g} s in turn: medians (least-most).")
    return 1 if any(one.load.wrong for one in chain.from_iterable(found.values())) else 0


if __name__ == "__main__":
    raise SystemExit(main())
