"""A difference between what a deployment answers and what the spec says, and how much it matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a difference matters to a client that is written by the spec."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """What differs."""

    MISSING_FIELD = "missing field"
    OTHER_TYPE = "other type"
    UNLISTED_VALUE = "unlisted value"
    OTHER_CONTENT = "other content"
    NOT_SERVED = "operation not served"
    UNDOCUMENTED_SUCCESS = "undocumented success"
    UNDOCUMENTED_STATUS = "undocumented status"
    OTHER_FORM = "other form"
    UNKNOWN_OPERATION = "operation not in the spec"
    UNDOCUMENTED_FIELD = "undocumented field"
    UNDECLARED_OPERATION = "operation not in its document"


RULES: dict[Kind, tuple[Severity, str]] = {
    Kind.MISSING_FIELD: (Severity.HIGH, "a client reads the field without asking whether it is there"),
    Kind.OTHER_TYPE: (Severity.HIGH, "a client cannot work with the value; null where the spec has none included"),
    Kind.UNLISTED_VALUE: (Severity.HIGH, "a client that knows the list refuses the value, as the official SDK does"),
    Kind.OTHER_CONTENT: (Severity.HIGH, "a client cannot read the answer at all"),
    Kind.NOT_SERVED: (Severity.HIGH, "a client calls something that is not there"),
    Kind.UNDOCUMENTED_SUCCESS: (Severity.HIGH, "a client does not know what the answer means"),
    Kind.UNDOCUMENTED_STATUS: (Severity.MEDIUM, "a client takes it as some failure, and may handle it wrongly"),
    Kind.OTHER_FORM: (Severity.MEDIUM, "a client that parses or checks the value may refuse it"),
    Kind.UNKNOWN_OPERATION: (Severity.MEDIUM, "the deployment can do something that the spec does not tell"),
    Kind.UNDOCUMENTED_FIELD: (Severity.LOW, "a client passes over what it does not know"),
    Kind.UNDECLARED_OPERATION: (
        Severity.LOW,
        "the deployment's own document leaves it out; it may be served all the same",
    ),
}
"""How severe each kind is, and why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, however often it was seen."""

    kind: Kind
    operation: str
    status: int | None = None
    """Of the answers that show it; None when it is not about answers."""
    path: str = ""
    """The place in the answer: `$.results[].state`; `*` stands for any key of a map. Empty for the whole."""
    detail: str = ""
    """Types and names only."""
    times: int = 0
    """In how many answers it was seen."""
    of: int = 0
    """How many such answers were looked at."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return RULES[self.kind][0]


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences of a deployment, and how much was looked at to find them."""

    url: str
    spec_version: str
    differences: Sequence[Difference]
    """The most severe first."""
    seen: dict[str, int]
    """How many answers of each operation were looked at."""
    unseen: Sequence[str]
    """Operations of the spec that were not called, so that nothing is known of them."""

    def count(self, severity: Severity) -> int:
        """How many differences are so severe."""
        return sum(difference.severity is severity for difference in self.differences)
