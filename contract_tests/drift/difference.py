"""A difference between what a deployment answers and what the spec says, and how much it matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Severity of a difference for a client written against the spec."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """Kind of difference."""

    MISSING_FIELD = "missing field"
    WRONG_TYPE = "wrong type"
    UNLISTED_VALUE = "unlisted value"
    WRONG_CONTENT = "wrong content"
    NOT_SERVED = "operation not served"
    UNDOCUMENTED_SUCCESS = "undocumented success"
    UNDOCUMENTED_STATUS = "undocumented status"
    WRONG_FORMAT = "wrong format"
    UNKNOWN_OPERATION = "operation not in the spec"
    UNDOCUMENTED_FIELD = "undocumented field"
    UNDECLARED_OPERATION = "operation not in its document"


RULES: dict[Kind, tuple[Severity, str]] = {
    Kind.MISSING_FIELD: (Severity.HIGH, "clients read the field without checking that it is present"),
    Kind.WRONG_TYPE: (
        Severity.HIGH,
        "clients cannot use the value; this includes null where the spec does not allow it",
    ),
    Kind.UNLISTED_VALUE: (Severity.HIGH, "clients that know the list reject the value, as the official SDK does"),
    Kind.WRONG_CONTENT: (Severity.HIGH, "clients cannot read the response at all"),
    Kind.NOT_SERVED: (Severity.HIGH, "clients call something that does not exist"),
    Kind.UNDOCUMENTED_SUCCESS: (Severity.HIGH, "clients do not know what the response means"),
    Kind.UNDOCUMENTED_STATUS: (Severity.MEDIUM, "clients treat it as a generic failure and may mishandle it"),
    Kind.WRONG_FORMAT: (Severity.MEDIUM, "clients that parse or validate the value may reject it"),
    Kind.UNKNOWN_OPERATION: (Severity.MEDIUM, "the deployment can do something that the spec does not describe"),
    Kind.UNDOCUMENTED_FIELD: (Severity.LOW, "clients ignore fields they do not know"),
    Kind.UNDECLARED_OPERATION: (
        Severity.LOW,
        "the deployment's own document omits it; it may still be served",
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
        """Severity of its kind."""
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
    is_unhurried: bool = False
    """Whether no rate limited the requests: only for the fake on this machine is there none unless it is given."""

    def count(self, severity: Severity) -> int:
        """Count the differences of a severity."""
        return sum(difference.severity is severity for difference in self.differences)
