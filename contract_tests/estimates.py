"""Estimates of what a check uses of the budgets, measured on the fake (`make contract-estimates`)."""

from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from contract_tests.transport.budgets import COUNTED

FILE = "estimates.txt"

OF_FULL = 3
"""How many times as many generated requests the profile `full` sends: malformed ones, other methods, sequences."""


class Cost(NamedTuple):
    """What something uses of the budgets of the same names."""

    requests: int
    created: int = 0
    runs: int = 0


UNKNOWN = Cost(40)
"""What is assumed of a check that was never measured."""

UNKNOWN_OPERATION = (4, 8)

assert Cost._fields == tuple(COUNTED)


def of_check(name: str) -> Cost:
    """The estimate for a check that is no generated one."""
    return _measured()[0].get(name, UNKNOWN)


def of_operation(name: str, examples: int, *, coverage: bool, full: bool) -> Cost:
    """The estimate for the generated requests of an operation; `examples` are the random ones."""
    given, boundaries = _measured()[1].get(name, UNKNOWN_OPERATION)
    requests = given + examples + (boundaries if coverage else 0)
    return Cost(requests * OF_FULL if full else requests)


@lru_cache(maxsize=1)
def _measured() -> tuple[dict[str, Cost], dict[str, tuple[int, int]]]:
    checks: dict[str, Cost] = {}
    operations: dict[str, tuple[int, int]] = {}
    for line in (resources.files("contract_tests") / FILE).read_text().splitlines():
        kind, name, *numbers = line.split()
        counts = [int(number) for number in numbers]
        if kind == "check":
            checks[name] = Cost(*counts)
        else:
            operations[name] = (counts[0], counts[1])
    return checks, operations
