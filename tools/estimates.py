"""Writes contract_tests/estimates.txt: what each check uses of the budgets of a contract run, measured on the fake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract_tests import run_identity, suite
from contract_tests.estimates import FILE
from contract_tests.options import LAYERS, Options
from contract_tests.plan import DIRECTED
from contract_tests.reports.progress import Silent
from contract_tests.reports.report import Report
from contract_tests.spec.configuration import FULL, QUICK
from contract_tests.transport.profiles import Profile
from mock_server import MockCodeOcean
from tools.environments import ROOT

MARGIN = 1.1
"""What a deployment may need more, where the number of requests depends on what is there."""

NO_BUDGETS = {"requests": None, "seconds": None, "per_second": None}

HEADINGS = ("requests", "created", "runs")


def main() -> None:
    """Measure, and write the file."""
    with MockCodeOcean(world_idle=0) as fake:
        lines = sorted([*_checks(fake.url), *_operations(fake.url)])
    place = Path(ROOT) / "contract_tests" / FILE
    place.write_text("".join(f"{line}\n" for line in lines))
    print(f"{place}: {len(lines)} estimates")


def _run(url: str, **options: Any) -> Report:
    return suite.run(Options(url, is_own=True, seed=7, **options), run_identity.tag(), Silent(), run_identity.now)


def _checks(url: str) -> Iterator[str]:
    """Each check that is no generated one: as the most that it used with a profile that allows it."""
    directed = tuple(layer for layer in LAYERS if layer in DIRECTED)
    observing = _run(url, layers=directed, profile=Profile.OBSERVE, budgets=NO_BUDGETS)
    reports = (_run(url, layers=directed), observing)
    for check in {check.name for check in reports[0].checks if check.used}:
        used = [row.used for report in reports for row in report.checks if row.name == check and row.used]
        requests, *made = (max(each[name] for each in used) for name in HEADINGS)
        yield " ".join(["check", check, str(int(requests * MARGIN) + 1), *map(str, made)])


def _operations(url: str) -> Iterator[str]:
    """For each operation that reads the requests from examples, and those at the boundaries of its fields."""
    options = {"layers": ("spec",), "profile": Profile.OBSERVE, "budgets": NO_BUDGETS}
    short, whole = _run(url, quick=True, **options), _run(url, **options)
    for few, many in zip(short.operations, whole.operations, strict=True):
        if many.called > FULL.examples:
            given = max(0, few.called - QUICK.examples)
            yield f"operation {few.name} {given} {max(0, many.called - FULL.examples - given)}"


if __name__ == "__main__":
    main()
