"""`make mutants`: every mutant has to be caught, each by the smallest part of the suite that must see it."""

import argparse
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from rich.console import Console

from tools.mutants import MUTANTS
from tools.mutants.host import host
from tools.mutants.hunt import HuntResult, everything, hunt, smallest_part
from tools.mutants.mutant import Mutant
from tools.mutants.table import PAGE, page


def main() -> int:
    """Hunt the mutants that are named, or all. Exit code 1 when one is not caught, or the unchanged fake goes red."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutants; all when left out")
    parser.add_argument("--table", action="store_true", help=f"hunt with all that could see them, and write {PAGE}")
    arguments = parser.parse_args()
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    selected = [mutant for mutant in MUTANTS if mutant.name in arguments.names or not arguments.names]
    console, began = Console(width=120, highlight=False), perf_counter()
    results = dict(_hunt_all(selected, console, whole=arguments.table))
    missed = [name for name, caught in results.items() if not caught]
    console.print(f"{len(results) - len(missed)} of {len(results)} mutants caught in {perf_counter() - began:.0f} s")
    if arguments.table and not missed:
        Path(PAGE).write_text(page(results))
    return 1 if missed else 0


def _hunt_all(mutants: list[Mutant], console: Console, whole: bool) -> Iterator[tuple[str, HuntResult | None]]:
    with host() as (served, server):
        for mutant in mutants:
            began = perf_counter()
            checks, with_spec = everything(mutant) if whole else smallest_part(mutant)
            operations = frozenset(mutant.operations) if with_spec else frozenset[str]()
            clean = hunt(served, server, None, checks, operations)
            result = hunt(served, server, mutant, checks, operations)
            problem = _problem(mutant, clean, result)
            seconds = f"{perf_counter() - began:.1f} s"
            console.print(
                f"{'MISSED' if problem else 'caught'}  {mutant.name}  {problem or mutant.caught_by}  {seconds}"
            )
            yield mutant.name, None if problem else result


def _problem(mutant: Mutant, clean: HuntResult, result: HuntResult) -> str | None:
    if clean.checks or clean.trouble:
        return f"the unchanged fake is red: {', '.join(sorted(clean.checks)) or clean.trouble[0]}"
    if mutant.caught_by not in result.checks:
        return f"{mutant.caught_by} stayed green; red: {', '.join(sorted(result.checks)) or 'nothing'}"
    return None


if __name__ == "__main__":
    sys.exit(main())
