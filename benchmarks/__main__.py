"""`make bench`, `make bench-peers`; `python -m benchmarks against DIR` compares with another checkout."""

import argparse
import sys
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.against import against
from benchmarks.bursts import bursts
from benchmarks.compare import compare
from benchmarks.peers import installed
from benchmarks.record import RESULTS, Record
from benchmarks.starts import first_worlds, starts
from benchmarks.worlds import new_worlds


def main() -> None:
    """Measure what the command line names, everything here without it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed.")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="where npm has installed benchmarks/peers.txt")
    parser.add_argument("--results", type=Path, metavar="DIR", default=RESULTS, help="where the results are kept")
    commands = parser.add_subparsers(dest="command")
    beside = commands.add_parser("against", help="compare with another checkout alone")
    beside.add_argument("checkout", type=Path, metavar="DIR", help="where `make run` or `make test` has been")
    given = parser.parse_args()
    console = Console(width=160)
    if given.command == "against":
        against(console, given.checkout)
        return
    record = Record(console, "bench", given.results)
    peers = installed(console, given.peers) if given.peers else []
    for part, measure in (
        ("starts", partial(starts, record, peers)),
        ("first worlds", partial(first_worlds, record)),
        ("new worlds", partial(new_worlds, record)),
        ("many connections", partial(bursts, record)),
        ("operations", partial(compare, record, peers)),
    ):
        console.print(f"{part} …", style="dim")
        measure()
    sys.exit(record.finish())


if __name__ == "__main__":
    main()
