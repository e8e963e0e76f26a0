"""`make bench`; `python -m benchmarks against DIR` compares with another checkout."""

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks.against import against
from benchmarks.bursts import bursts
from benchmarks.compare import compare
from benchmarks.starts import starts
from benchmarks.worlds import new_worlds


def main() -> None:
    """Measure what the command line names, everything here without it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed.")
    commands = parser.add_subparsers(dest="command")
    beside = commands.add_parser("against", help="compare with another checkout alone")
    beside.add_argument("checkout", type=Path, metavar="DIR", help="where `make run` or `make test` has been")
    given = parser.parse_args()
    console = Console(width=140)
    if given.command == "against":
        against(console, given.checkout)
        return
    starts(console)
    new_worlds(console)
    bursts(console)
    compare(console)


if __name__ == "__main__":
    main()
