"""`make bench-import`: what an import of large worlds takes: time, requests, and memory, which must not grow.

The fake is a process of its own on a data directory that `codeocean-mock seed` has filled, and the import is another.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import Process, Queue
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.servers import BIN, FAKE, ITEM_PATH, free_port, running

TOKEN = "cop_demo_admin"
SIZES = (10_000, 100_000)
COMPUTATIONS = 2000
CAPSULES = 100
MOST_GROWTH_MB = 30.0
"""By how many megabytes the peak of the memory may grow from the smallest world to the largest."""

METADATA = ("--permissions", "capsules", "--files", "none")
WHOLE = ("--permissions", "all", "--files", "listing")


class Measured(NamedTuple):
    """What one import took."""

    data_assets: int
    what: str
    seconds: float
    requests: int
    peak_mb: float
    seed_mb: float


def filled(folder: Path, size: int, computations: int) -> None:
    """Fill a data directory; one that is there already is taken as it is."""
    if folder.exists():
        return
    counts = {"data-assets": size, "capsules": CAPSULES, "computations": computations}
    options = [word for name, number in counts.items() for word in (f"--{name}", str(number))]
    command = [str(BIN / FAKE), "seed", *options, "--random-seed", "1", "--data-dir", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def imported(url: str, out: Path, size: int, what: str, options: tuple[str, ...]) -> Measured:
    """Import everything, in a process of its own."""
    selection = ("--capsules", "", "--data-assets", "", "--computations", "1000000", "--limit", "10000000")
    limits = ("--rate", "1000000", "--max-requests", "100000000", "--max-seconds", "1000000")
    command = [str(BIN / FAKE), "import", "--url", url, "--out", str(out), *selection, *limits, *options]
    answers: Queue[tuple[float, float, str]] = Queue()
    # The peak that is told of children is that of the largest one: so each has a parent of its own.
    parent = Process(target=_run, args=(command, answers))
    parent.start()
    seconds, peak, printed = answers.get()
    parent.join()
    requests = re.search(r"; (\d+) requests", printed)
    if requests is None:
        raise SystemExit(printed)
    return Measured(size, what, seconds, int(requests[1]), peak, out.stat().st_size / 1e6)


def _run(command: list[str], answers: "Queue[tuple[float, float, str]]") -> None:
    started = time.perf_counter()
    environment = os.environ | {"CODEOCEAN_TOKEN": TOKEN}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - started
    answers.put((seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done.stdout))


def measure(folder: Path, sizes: list[int], computations: int, *, whole: bool) -> list[Measured]:
    """Import worlds of these sizes."""
    found = []
    for size in sizes:
        data = folder / f"{size}-{computations}"
        filled(data, size, computations)
        port = free_port()
        command = [str(BIN / FAKE), "serve", "--port", str(port), "--data-dir", str(data)]
        with running(FAKE, command, port, ITEM_PATH, TOKEN):
            for what, options in (("metadata", METADATA), *((("whole", WHOLE),) if whole else ())):
                out = folder / f"{size}-{what}.yaml"
                out.unlink(missing_ok=True)
                found.append(imported(f"http://127.0.0.1:{port}", out, size, what, options))
    return found


def main() -> int:
    """Measure, and print a table. Fails when the memory grows with the number of data assets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of data assets")
    parser.add_argument("--computations", type=int, default=COMPUTATIONS)
    parser.add_argument("--whole", action="store_true", help="with permissions and files too: two requests for each")
    parser.add_argument("--keep", type=Path, help="a folder for the worlds, to use them again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(folder, sorted(asked.sizes), asked.computations, whole=asked.whole)
    table = Table("data assets", "what", "seconds", "requests", "peak MB", "seed MB")
    for row in found:
        table.add_row(
            f"{row.data_assets}",
            row.what,
            f"{row.seconds:.1f}",
            f"{row.requests}",
            f"{row.peak_mb:.0f}",
            f"{row.seed_mb:.1f}",
        )
    Console().print(table)
    grown = found[-1].peak_mb - found[0].peak_mb
    if grown > MOST_GROWTH_MB:
        Console().print(
            f"MISSED: the peak of the memory grows by {grown:.0f} MB; at most {MOST_GROWTH_MB:.0f} are expected"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
