"""`make contract-soak`: whole runs of the contract suite with fresh seeds; a failure is a defect of fake or suite."""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from contract_tests import run_identity
from contract_tests.options import LAYERS
from tools.soak import table
from tools.soak.conditions import server
from tools.soak.run import Result, Soak

REPORTS = Path(".soak")


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say. Exit code 1 when any run failed, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, help="the seed of the first run; the others follow. Random when left out")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, metavar="N", help="how many runs at once")
    parser.add_argument("--quick", action="store_true", help="the short form of the suite")
    parser.add_argument("--layer", action="append", choices=LAYERS, default=[], help="this layer alone; repeatable")
    parser.add_argument("--reports", type=Path, default=REPORTS, help=f"where reports of failures go ({REPORTS})")
    chosen = parser.parse_args(arguments)
    options = ["--quick"] if chosen.quick else []
    for layer in chosen.layer:
        options += ["--layer", layer]
    first = chosen.seed if chosen.seed is not None else run_identity.seed()
    soak = Soak(server, options, chosen.reports.resolve())
    return play(soak, range(first, first + chosen.runs), chosen.at_once, Console(width=140, highlight=False))


def play(soak: Soak, seeds: range, at_once: int, console: Console) -> int:
    """Run the seeds, say what became of each, and print the tables. The exit code of the command."""
    results: list[Result] = []
    code = 0
    try:
        for result in soak.run_all(seeds, at_once):
            results.append(result)
            what = "FAILED" if result.failures else "passed"
            where = f"seed {result.seed}, {result.conditions.name}"
            console.print(f"{what}  {where}, {result.requests} requests in {result.seconds:.0f} s")
            for failure in result.failures:
                console.print(escape(f"        {failure.check}: {failure.message[:200]}"))
    except KeyboardInterrupt:
        code = 130
    table.write(results, console)
    if len(results) < len(seeds):
        ended = {result.seed for result in results}
        console.print(f"go on with SEED={next(seed for seed in seeds if seed not in ended)}")
    return code or int(any(result.failures for result in results))


if __name__ == "__main__":
    sys.exit(main())
