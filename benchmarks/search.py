"""`make bench-search`: searches over worlds of several sizes, and what other requests feel of them.

Each request is sent again and again on one connection, to a server of its own process on a data directory that
`codeocean-mock seed` has filled.
"""

import argparse
import itertools
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from codeocean import CodeOcean
from codeocean.data_asset import DataAssetSearchParams
from rich.console import Console
from rich.table import Table

from benchmarks.servers import BIN, ITEM_PATH, free_port, running

TOKEN = "cop_demo_user"
ADMIN = "cop_demo_admin"
RUNS = 200
WARM_UP = 20
SECONDS_UNDER_LOAD = 10.0
PAGE = 100
LARGE_PAGE = 1000

MOST_MS = 10.0
"""What the median of every search may take in the smallest world."""
MOST_GROWTH = 3.0
"""By how much a median may grow from the smallest world to the largest."""
MOST_LAST_PAGE = 2.0
"""How many times the first page the last one may take."""
MOST_P99_UNDER_LOAD_MS = 50.0

COMMON = "ecephys"
"""A word of a third of all data assets."""
COMMON_WORDS = (
    *("cortex", "thalamus", "middle", "derived", "processed", "visual", "dynamic", "routing", "learning", "mfish"),
    *("motor", "atlas", "cell", "type", "behavior", "brain", "wide", "circuits", "hippocampus", "striatum"),
)
"""Words of a tenth to a half of them."""
EVERYWHERE = ("recording", "of", "the", "on", "rig", "by")
"""Words of all of them."""
OF_TYPES: tuple[dict[str, str], ...] = ({}, {"type": "dataset"}, {"type": "result"})
OWNED: tuple[dict[str, str], ...] = ({}, {"ownership": "owner"}, {"ownership": "shared"})

SEARCHES: dict[str, dict[str, Any]] = {
    "newest 100": {},
    "common word": {"query": COMMON},
    "rare word": {"query": "607321"},
    "phrase": {"query": '"visual cortex"'},
    "tag AND type": {"query": "tag:behavior", "type": "result"},
    "metadata range": {"filters": [{"key": "sampling rate", "range": {"min": 50_000, "max": 60_000}}]},
}
COUNTED_FIRST = "GET with total, never asked before"
COUNTED = "GET with total, asked again"
PAGES = ("page 1", "page 1,000", "last page")


class Sample(NamedTuple):
    """How long a request took, in milliseconds."""

    median: float
    p99: float


def filled(folder: Path, size: int) -> float:
    """Fill a data directory; how many seconds that took. One that is there already is taken as it is."""
    if folder.exists():
        return 0.0
    started = time.perf_counter()
    command = [str(BIN / "codeocean-mock"), "seed", "--data-assets", str(size), "--random-seed", "1"]
    subprocess.run([*command, "--data-dir", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """A server on a data directory, and a client of it."""
    port = free_port()
    command = [str(BIN / "codeocean-mock"), "serve", "--port", str(port), "--data-dir", str(folder)]
    with running("codeocean-mock", command, port, ITEM_PATH, TOKEN):
        base = f"http://127.0.0.1:{port}/api/v1"
        with httpx.Client(base_url=base, auth=(TOKEN, ""), timeout=60) as client:
            yield client


def measure(send: Callable[[], object], runs: int = RUNS, warm_up: int = WARM_UP) -> Sample:
    """Send a request over and over."""
    times = []
    for number in range(warm_up + runs):
        started = time.perf_counter()
        send()
        if number >= warm_up:
            times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return Sample(statistics.median(times), times[len(times) * 99 // 100])


def search(client: httpx.Client, **params: Any) -> Any:
    """The answer to a search for data assets."""
    return client.post("/data_assets/search", json={"limit": PAGE} | params).raise_for_status().json()


def tokens(client: httpx.Client) -> dict[str, str | None]:
    """The tokens of some pages; a token does not know how large its page is, so large pages lead there sooner."""
    found: dict[str, str | None] = {"page 1": None}
    token, rows = None, 0
    while True:
        page = search(client, limit=LARGE_PAGE, next_token=token)
        if "next_token" not in page:
            break
        token, rows = page["next_token"], rows + LARGE_PAGE
        if rows <= 999 * PAGE:
            found["page 1,000"] = token
    while True:
        page = search(client, next_token=token)
        if "next_token" not in page:
            break
        token = page["next_token"]
    return found | {"last page": token}


def measure_all(client: httpx.Client) -> dict[str, Sample]:
    """All searches over one world."""
    found = {name: measure(lambda params=params: search(client, **params)) for name, params in SEARCHES.items()}  # type: ignore[misc]
    for name, token in tokens(client).items():
        found[name] = measure(lambda token=token: search(client, next_token=token))  # type: ignore[misc]
    words = iter(COMMON_WORDS)
    found[COUNTED_FIRST] = measure(lambda: count(client, query=next(words)), runs=len(COMMON_WORDS), warm_up=0)
    found[COUNTED] = measure(lambda: count(client, query=COMMON), RUNS // 4)
    return found


def count(client: httpx.Client, **params: str) -> None:
    """A page of the old search, which counts all that match."""
    client.get("/data_assets", params={"limit": str(PAGE)} | params).raise_for_status()


def search_heavily(base_url: str) -> None:
    """Send heavy searches without a pause: more of them than the server remembers the counts of."""
    queries = [*EVERYWHERE, *map(" ".join, itertools.combinations(EVERYWHERE, 2))]
    searches = [{"query": query} | kind | owned for query in queries for kind in OF_TYPES for owned in OWNED]
    with httpx.Client(base_url=base_url, auth=(TOKEN, ""), timeout=60) as client:
        for params in itertools.cycle(searches):
            count(client, **params)
            search(client, sort_field="name", query="tag:behavior cortex")


def under_load(client: httpx.Client) -> Sample:
    """A GET of a computation while two others search and count without a pause."""
    base_url = str(client.base_url)
    others = [multiprocessing.Process(target=search_heavily, args=(base_url,), daemon=True) for _ in range(2)]
    for other in others:
        other.start()
    times = []
    path = ITEM_PATH.removeprefix("/api/v1")
    end = time.perf_counter() + SECONDS_UNDER_LOAD
    while time.perf_counter() < end:
        started = time.perf_counter()
        client.get(path).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    for other in others:
        other.terminate()
        other.join()
    times.sort()
    return Sample(statistics.median(times), times[len(times) * 99 // 100])


def iterate(client: httpx.Client) -> tuple[int, float]:
    """Read all there is with the official SDK, as an administrator: what is archived is read after the rest. How many
    rows, and how many a second.
    """
    sdk = CodeOcean(domain=str(client.base_url).removesuffix("/api/v1/"), token=ADMIN)
    started, rows = time.perf_counter(), 0
    for archived in (False, True):
        params = DataAssetSearchParams(limit=LARGE_PAGE, archived=archived)
        rows += sum(1 for _ in sdk.data_assets.search_data_assets_iterator(params))
    sdk.session.close()
    return rows, rows / (time.perf_counter() - started)


def page_through(client: httpx.Client) -> float:
    """Read the same without the SDK; how many rows a second."""
    started, rows = time.perf_counter(), 0
    for archived in (False, True):
        more: dict[str, Any] = {}
        while True:
            sent = {"limit": LARGE_PAGE, "archived": archived} | more
            page = client.post("/data_assets/search", json=sent, auth=(ADMIN, "")).raise_for_status().json()
            rows += len(page["results"])
            if not page["has_more"]:
                break
            more = {"next_token": page["next_token"]}
    return rows / (time.perf_counter() - started)


def verdict(met: bool) -> str:
    """The word for a target."""
    return "met" if met else "MISSED"


def compare(console: Console, results: dict[int, dict[str, Sample]]) -> None:
    """Print all medians beside each other, and whether they are what they should be."""
    smallest, largest = min(results), max(results)
    columns = [f"{size:,}: median, p99 ms" for size in results]
    table = Table("search", *columns, f"median < {MOST_MS:g} ms", f"growth < {MOST_GROWTH:g}")
    for name in results[smallest]:
        cells = [f"{found[name].median:.1f}  {found[name].p99:.1f}" for found in results.values()]
        growth = results[largest][name].median / results[smallest][name].median
        limits = (verdict(results[smallest][name].median < MOST_MS), f"{growth:.1f} {verdict(growth <= MOST_GROWTH)}")
        table.add_row(name, *cells, *(limits if name not in (COUNTED, COUNTED_FIRST) else (limits[0], f"{growth:.1f}")))
    console.print(table)
    for size, found in results.items():
        ratio = found["last page"].median / found["page 1"].median
        met = verdict(ratio <= MOST_LAST_PAGE)
        console.print(f"{size:,}: the last page takes {ratio:.2f} times page 1 (at most {MOST_LAST_PAGE:g}: {met})")


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description="Measure searches over worlds of several sizes.")
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000], help="numbers of data assets")
    parser.add_argument("--keep", type=Path, help="a folder to keep the worlds in, and to find them in again")
    asked = parser.parse_args()
    console = Console(width=140)
    results: dict[int, dict[str, Sample]] = {}
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for size in sorted(asked.sizes):
            seconds = filled(folder / str(size), size)
            console.print(f"{size:,} data assets" + (f", filled in {seconds:.0f} s" if seconds else ""))
            with served(folder / str(size)) as client:
                results[size] = measure_all(client)
                found = under_load(client)
                told = f"median {found.median:.1f} ms, p99 {found.p99:.1f} ms"
                met = f"at most {MOST_P99_UNDER_LOAD_MS:g}: {verdict(found.p99 <= MOST_P99_UNDER_LOAD_MS)}"
                console.print(f"  GET of a computation under heavy searches: {told} ({met})")
                if size == min(asked.sizes):
                    rows, rate = iterate(client)
                    met = f"{size:,} and those of the demo: {verdict(rows >= size)}"
                    console.print(f"  the SDK's iterator read {rows:,} rows ({met}), {rate:,.0f} a second")
                    console.print(f"  without the SDK, {page_through(client):,.0f} rows a second")
    compare(console, results)


if __name__ == "__main__":
    main()
