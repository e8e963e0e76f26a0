"""Findings of a run, and the outcome of each check."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from contract_tests.transport.exchange import Exchange


class Status(StrEnum):
    """Status of a finished check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be run here, for a reason that is no fault of the deployment."""
    ERROR = "error"
    """The harness could not run it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the contract has it."""

    layer: str
    check: str
    message: str
    operation: str | None = None
    exchanges: Sequence[Exchange] = ()
    """What shows it, oldest first."""
    known: str | None = None
    """The reason why it is expected, from the baseline."""
    rules: frozenset[str] = frozenset()
    """The ids of the rules that it breaks, as far as they are known."""


@dataclass(slots=True)
class Outcome:
    """Outcome of one check of one layer."""

    layer: str
    check: str
    status: Status
    seconds: float = 0.0
    detail: str = ""
    """Why it was skipped or could not be run."""
    findings: list[Finding] = field(default_factory=list)
    judged: frozenset[str] = frozenset()
    """The ids of the rules that it has in fact judged."""
    is_cut: bool = False
    """Whether it was skipped, or ended early, for want of budget."""
    used: Mapping[str, int] = field(default_factory=dict)
    """By budget what it has used."""


class CheckFailed(AssertionError):
    """Raised by a check: the contract is not kept, in `rules`."""

    def __init__(self, message: str, rules: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.rules = frozenset(rules)


class CheckSkipped(Exception):
    """Raised by a check: it cannot be run on this deployment or with these tokens; the message says why."""


_judged: ContextVar[set[str] | None] = ContextVar("judged", default=None)


@contextmanager
def recording_rules() -> Iterator[set[str]]:
    """Give the ids of the rules that are judged inside the block."""
    rules: set[str] = set()
    token = _judged.set(rules)
    try:
        yield rules
    finally:
        _judged.reset(token)


def expect(holds: object, message: str, *rules: str) -> None:
    """Raise `CheckFailed` unless it holds. `rules` are the ids of the rules that this judges, whether it holds or
    not; they are recorded for the check that is running.
    """
    if rules and (record := _judged.get()) is not None:
        record.update(rules)
    if not holds:
        raise CheckFailed(message, rules)
