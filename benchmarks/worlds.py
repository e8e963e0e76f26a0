"""What a new world costs: made by a token that names it, and made by the control plane."""

import statistics
import time
from collections.abc import Callable

import httpx
from rich.table import Table

from benchmarks import servers
from benchmarks.figures import measured
from benchmarks.record import Record
from benchmarks.servers import ITEM_PATH, USER

WORLDS = 200
TARGET_MS = 20.0


def new_worlds(record: Record) -> None:
    """Print the milliseconds until a new world has answered its first request."""
    table = Table("a new world", "p50 ms", "p99 ms", "target")
    with servers.fake() as server, httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:

        def by_token(number: int) -> None:
            client.get(ITEM_PATH, auth=(f"{USER}@token-{number}", "")).raise_for_status()

        def by_control(number: int) -> None:
            client.post("/_mock/worlds", json={"name": f"control-{number}"}).raise_for_status()

        ways: tuple[tuple[str, Callable[[int], None]], ...] = (
            ("GET with a token that names it", by_token),
            ("POST /_mock/worlds", by_control),
        )
        for name, make in ways:
            make(0)  # The first one also prepares what all are copied from.
            times = [_milliseconds(make, number) for number in range(1, WORLDS + 1)]
            figure = measured(f"a new world, {name}", "ms", times, more=False, target=TARGET_MS)
            record.add(figure)
            worst = statistics.quantiles(times, n=100)[98]
            table.add_row(name, f"{figure.value:.1f}", f"{worst:.1f}", figure.verdict)
    record.console.print(table)
    record.console.print(f"{WORLDS} worlds each, one after the other, from the demo seed.")


def _milliseconds(make: Callable[[int], None], number: int) -> float:
    started = time.perf_counter()
    make(number)
    return (time.perf_counter() - started) * 1000
