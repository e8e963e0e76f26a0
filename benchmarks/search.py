"""`make bench-search`: searches over worlds of several sizes beside bare FastAPI, and what other requests feel of them.

The fake is a process of its own on a data directory that `codeocean-mock seed` has filled.
"""

import argparse
import itertools
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.figures import RATIO, measured
from benchmarks.load import Caller
from benchmarks.operations import GET
from benchmarks.reading import read_all
from benchmarks.record import RESULTS, Record
from benchmarks.searches import PAGE, TOKEN, measure_all, search
from benchmarks.servers import BIN, FAKE, ITEM_PATH, Server, free_port, running

SECONDS_UNDER_LOAD = 10.0
PAUSE_SECONDS = 0.001
"""Between two requests that are timed, as a client needs it: else most fall where no search runs, and tell nothing."""
MOST_P99_UNDER_LOAD_MS = 50.0
MOST_GROWTH = 3.0
"""By how much a median may grow from the smallest world to a larger one; totals are counted, and may grow more."""

EVERYWHERE = ("recording", "of", "the", "on", "rig", "by")
"""Words of all data assets."""
OF_TYPES: tuple[dict[str, str], ...] = ({}, {"type": "dataset"}, {"type": "result"})
OWNED: tuple[dict[str, str], ...] = ({}, {"ownership": "owner"}, {"ownership": "shared"})


def filled(folder: Path, size: int) -> float:
    """Fill a data directory; how many seconds that took. One that is there already is taken as it is."""
    if folder.exists():
        return 0.0
    started = time.perf_counter()
    command = [str(BIN / FAKE), "seed", "--data-assets", str(size), "--random-seed", "1"]
    subprocess.run([*command, "--data-dir", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


@contextmanager
def served(folder: Path) -> Iterator[tuple[Server, httpx.Client]]:
    """A server on a data directory, and a client of it."""
    port = free_port()
    command = [str(BIN / FAKE), "serve", "--port", str(port), "--data-dir", str(folder)]
    with running(FAKE, command, port, ITEM_PATH, TOKEN) as server:
        base = f"http://127.0.0.1:{port}/api/v1"
        with httpx.Client(base_url=base, auth=(TOKEN, ""), timeout=60) as client:
            yield server, client


def search_heavily(base_url: str) -> None:
    """Send heavy searches without a pause: more of them than the server remembers the counts of."""
    queries = [*EVERYWHERE, *map(" ".join, itertools.combinations(EVERYWHERE, 2))]
    searches = [{"query": query} | kind | owned for query in queries for kind in OF_TYPES for owned in OWNED]
    with httpx.Client(base_url=base_url, auth=(TOKEN, ""), timeout=60) as client:
        for params in itertools.cycle(searches):
            client.get("/data_assets", params={"limit": str(PAGE)} | params).raise_for_status()
            search(client, sort_field="name", query="tag:behavior cortex")


def under_load(record: Record, server: Server, client: httpx.Client) -> None:
    """Print and record a GET of a computation while two others search and count without a pause."""
    others = [multiprocessing.Process(target=search_heavily, args=(str(client.base_url),), daemon=True) for _ in "12"]
    for other in others:
        other.start()
    end = time.perf_counter() + SECONDS_UNDER_LOAD
    with Caller(server.port) as caller:
        times = []
        while time.perf_counter() < end:
            times.append(caller.send(GET)[0])
            time.sleep(PAUSE_SECONDS)
    for other in others:
        other.terminate()
        other.join()
    p99 = statistics.quantiles(times, n=100)[98]
    name = "GET of a computation under heavy searches"
    record.add(
        measured(f"{name}, median", "ms", [statistics.median(times)], more=False),
        measured(f"{name}, p99", "ms", [p99], more=False, target=MOST_P99_UNDER_LOAD_MS),
    )
    record.console.print(f"{name}: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms")


def growth(record: Record, smallest: dict[str, float], size: int, here: dict[str, float]) -> None:
    """Print and record by how much each search takes longer than in the smallest world, of `size` data assets."""
    table = Table("search", f"growth from {size:,}", "target")
    for name in [name for name in here if name in smallest]:
        target = None if name.startswith("total") else MOST_GROWTH
        ratio = here[name] / smallest[name]
        figure = measured(f"{name}, growth from {size:,}", RATIO, [ratio], more=False, target=target)
        record.add(figure)
        table.add_row(name, str(figure), figure.verdict)
    record.console.print(table)


def main() -> None:
    """Fill, measure and print; exit with 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="Measure searches over worlds of several sizes.")
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000], help="numbers of data assets")
    parser.add_argument("--keep", type=Path, help="a folder to keep the worlds in, and to find them in again")
    parser.add_argument("--results", type=Path, metavar="DIR", default=RESULTS, help="where the results are kept")
    given = parser.parse_args()
    console = Console(width=160)
    smallest: dict[str, float] = {}
    codes = []
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for size in sorted(given.sizes):
            seconds = filled(folder / str(size), size)
            console.print(f"{size:,} data assets" + (f", filled in {seconds:.0f} s" if seconds else ""))
            record = Record(console, f"search {size}", given.results)
            with served(folder / str(size)) as (server, client):
                here = measure_all(record, server, client)
                under_load(record, server, client)
                if not smallest:
                    read_all(record, server, client, size)
            if smallest:
                growth(record, smallest, min(given.sizes), here)
            smallest = smallest or here
            codes.append(record.finish())
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
