"""Writes `contract_tests/rules/judges.txt` from what a run against the fake records; `make rules` runs it.

Says afterwards what is wrong with the list of rules, and ends with 1 when something is.
"""

import sys

from contract_tests.options import Options
from contract_tests.plan import DIRECTED
from contract_tests.reports.progress import Silent
from contract_tests.rules.catalog import JUDGES, exceptions, listed_judges
from contract_tests.rules.comparison import complaints, steady
from contract_tests.suite import record_rules, rules
from mock_server import MockCodeOcean

SEED = 1


def record() -> dict[str, set[str]]:
    """What the layers that are made of single checks judge, on a fake of their own."""
    with MockCodeOcean(random_seed=SEED) as fake:
        return record_rules(Options(fake.url, layers=tuple(DIRECTED), seed=SEED), "contract-rules", Silent())


def main() -> int:
    """Write the list, and give the exit code."""
    recorded = record()
    known = rules()
    lines = (f"{rule} {' '.join(judges)}\n" for rule, judges in steady(recorded).items() if rule in known)
    JUDGES.write_text("".join(lines))
    listed_judges.cache_clear()
    problems = list(complaints(known, listed_judges(), recorded, exceptions()))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
