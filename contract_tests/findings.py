"""Findings of a run, and the outcome of each check."""

from collections.abc import Mapping, Sequence
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
    is_cut: bool = False
    """Whether it was skipped, or ended early, for want of budget."""
    used: Mapping[str, int] = field(default_factory=dict)
    """By budget what it has used."""


class CheckFailed(AssertionError):
    """Raised by a check: the contract is not kept."""


class CheckSkipped(Exception):
    """Raised by a check: it cannot be run on this deployment or with these tokens; the message says why."""


def expect(holds: object, message: str) -> None:
    """Raise `CheckFailed` unless it holds."""
    if not holds:
        raise CheckFailed(message)
