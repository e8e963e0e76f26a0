"""How long the servers take to start, and how long a test waits for its first world."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from benchmarks import servers
from benchmarks.figures import measured, paired
from benchmarks.record import Record
from benchmarks.servers import BARE, BIN, FAKE, Make

STARTS, STARTS_WITHOUT_BYTE_CODE, COMMANDS = 5, 3, 5

MOST_OF_BARE = 1.2
"""How many times bare FastAPI's time, and its processor time, a start may take."""
MOST_SECONDS_OF_HELP, MOST_SECONDS_OF_FIRST_WORLD = 0.15, 1.0

NOTES_THE_SETUP = """
def pytest_runtest_logreport(report):
    if report.when == "setup":
        with open("seconds", "w") as file:
            file.write(str(report.duration))
"""
USES_A_WORLD = """
def test_a_world(codeocean_world):
    assert codeocean_world.token
"""
EMBEDS = f"""
import time
started = time.perf_counter()
import urllib.request
from mock_server import MockCodeOcean
with MockCodeOcean() as server:
    request = urllib.request.Request(server.url + "{servers.ITEM_PATH}")
    request.add_header("Authorization", "{servers.authorization(servers.USER)}")
    assert urllib.request.urlopen(request).status == 200
    print(time.perf_counter() - started)
"""


class Start(NamedTuple):
    """One start: until the first 200."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


def starts(record: Record, peers: Iterable[Make] = ()) -> None:
    """Print how long the servers take to their first answer, with byte code and without, and what that costs."""
    table = Table(
        "server", "byte code", "first 200 after s", "CPU s", "memory MB", "s, ours / this", "CPU, ours / this"
    )
    _compare(record, table, "with", STARTS, (servers.bare, servers.fake, servers.moto, *peers))
    with tempfile.TemporaryDirectory() as empty:
        # Python looks for byte code in this folder alone, that of its own modules too, and writes none.
        env = {"PYTHONPYCACHEPREFIX": empty, "PYTHONDONTWRITEBYTECODE": "1"}
        pair: tuple[Make, ...] = (lambda: servers.bare(env=env), lambda: servers.fake(env=env))
        _compare(record, table, "without", STARTS_WITHOUT_BYTE_CODE, pair)
    record.console.print(table)
    record.console.print(f"Medians of {STARTS} starts by turns, {STARTS_WITHOUT_BYTE_CODE} without byte code.")


def _compare(record: Record, table: Table, byte_code: str, count: int, makes: Iterable[Make]) -> None:
    found: dict[str, list[Start]] = {}
    for number in range(count + 1):
        for make in makes:
            with make() as server:
                if number:  # The first ones write byte code and read files that are not at hand yet.
                    start = Start(server.ready_after, server.cpu_seconds(), server.memory_mb())
                    found.setdefault(server.name, []).append(start)
    for name, seen in found.items():
        columns = list(zip(*seen, strict=True))
        ratios = []
        for unit, ours, these in zip(("s", "CPU s"), zip(*found[FAKE], strict=True), columns, strict=False):
            title = f"start {byte_code} byte code, {unit}"
            record.add(measured(f"{title}, {name}", unit, these, more=False, ours=name == FAKE))
            target = MOST_OF_BARE if name == BARE else None
            ratios.append(paired(f"{title}, ours / {name}", ours, these, target, more=False))
        if name != FAKE:
            record.add(*ratios)
        middle = [statistics.median(column) for column in columns]
        cells = (f"{middle[0]:.2f}", f"{middle[1]:.2f}", f"{middle[2]:.0f}")
        table.add_row(name, byte_code, *cells, *(f"{ratio} {ratio.verdict}" for ratio in ratios))


def first_worlds(record: Record) -> None:
    """Print how long `--help` takes, and how long a test waits for its first world."""
    table = Table("", "s", "target")
    for name, run, most in (
        ("codeocean-mock --help", _help, MOST_SECONDS_OF_HELP),
        ("the first test's codeocean_world", _plugin, MOST_SECONDS_OF_FIRST_WORLD),
        ("MockCodeOcean, from the import to the first 200", _embedded, MOST_SECONDS_OF_FIRST_WORLD),
    ):
        figure = measured(name, "s", [run() for _ in range(COMMANDS)], more=False, target=most)
        record.add(figure)
        table.add_row(figure.name, str(figure), figure.verdict)
    record.console.print(table)


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([str(BIN / FAKE), "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _plugin() -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conftest.py").write_text(NOTES_THE_SETUP)
        (folder / "test_world.py").write_text(USES_A_WORLD)
        command = [sys.executable, "-m", "pytest", "--quiet", "--rootdir", name]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return float((folder / "seconds").read_text())


def _embedded() -> float:
    done = subprocess.run([sys.executable, "-c", EMBEDS], check=True, capture_output=True, text=True)
    return float(done.stdout)
