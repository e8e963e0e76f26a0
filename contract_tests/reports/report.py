"""Report of a run as plain data: every text in it is redacted and can be shown as it is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contract_tests.findings import Status
from contract_tests.transport.budgets import COUNTED
from mock_server.input_errors.numbers import plain

KNOWN = "known"
"""The ending of a check all of whose findings are in the baseline."""

BUDGETS = COUNTED | {"seconds": "seconds"}
"""What each budget counts."""

ENDINGS = (Status.PASSED, Status.FAILED, KNOWN, Status.SKIPPED, Status.ERROR)
"""How checks end, as reports tell it."""

NEW_FAKE = "http://127.0.0.1:8000"
"""Where `codeocean-mock serve` answers."""

GONE = (
    "the server of this run is gone: start one with `codeocean-mock serve --in-memory` and set TOKEN=cop_demo_user; "
    f"the curl commands go to it, at {NEW_FAKE}. What the run made is not there; a rerun makes it again."
)
"""What to know of a run that started its own fake."""


class Verdict(StrEnum):
    """Verdict on the deployment."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"
    """Nothing can be said, or not everything."""

    @property
    def exit_code(self) -> int:
        """Exit code of the process."""
        return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.COULD_NOT_RUN: 2}[self]


@dataclass(frozen=True, slots=True)
class ReportedExchange:
    """A request and its answer."""

    number: int
    """Counted from 1, in the order of sending."""
    request: str
    """Method, path and query."""
    caller: str | None
    """Whose token it carries; None without one."""
    sent: str
    """The beginning of its body."""
    status: int | None
    """None when there was no answer."""
    answer: str
    """The beginning of the answer's body."""
    curl: str
    """A command that sends it again; `$TOKEN` has to be set."""


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """Something that is not as the contract has it."""

    layer: str
    check: str
    message: str
    operation: str | None
    known: str | None
    """Why it is expected, from the baseline; None for one that breaks the run."""
    exchanges: tuple[ReportedExchange, ...]
    """What shows it, oldest first."""
    replay: str | None
    """A command that runs the check again."""


@dataclass(frozen=True, slots=True)
class ReportedCheck:
    """Outcome of one check."""

    layer: str
    name: str
    status: Status
    seconds: float
    detail: str
    """Why it was skipped or could not be run."""
    findings: tuple[ReportedFinding, ...]
    used: Mapping[str, int]
    """By budget what it has used; empty for what looks at the requests of others."""

    @property
    def ending(self) -> str:
        """Its status; `known` when all its findings are."""
        known = bool(self.findings) and all(finding.known is not None for finding in self.findings)
        return KNOWN if self.status is Status.FAILED and known else str(self.status)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """Row of one operation."""

    name: str
    method: str
    path: str
    declared: bool
    """Whether the spec has it; else it is only in the harness's table."""
    evidence: str | None
    """How sure the spec is of it: documented, observed or assumed."""
    served: bool | None
    """Whether the deployment has it; None when the answers do not tell."""
    called: int
    answers: Mapping[int, int]
    """How often each status was answered."""
    passed: tuple[str, ...]
    """Oracles that judged it and found nothing."""
    failed: tuple[str, ...]
    """Oracles that found something."""

    @property
    def ok(self) -> int:
        """Number of 2xx responses."""
        return sum(times for status, times in self.answers.items() if 200 <= status < 300)

    @property
    def negatives(self) -> dict[int, int]:
        """Number of responses by 4xx status."""
        return {status: times for status, times in self.answers.items() if 400 <= status < 500}


class RuleState(StrEnum):
    """What a run says of a rule."""

    JUDGED = "judged"
    BROKEN = "broken"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Row of one rule."""

    id: str
    sentence: str
    source: str
    state: RuleState
    judges: tuple[str, ...]
    """The checks that judged it in this run."""
    reason: str | None
    """Why it was not judged."""


@dataclass(frozen=True, slots=True)
class CreatedResources:
    """Counts of what the run created and deleted again."""

    created: int
    deleted: int
    left: tuple[str, ...] | None
    """What may still be there; None where the run had a world of its own, which is dropped with all that is in it."""

    def __str__(self) -> str:
        left = "the rest was dropped with its world" if self.left is None else f"left {len(self.left)}"
        return f"created {self.created}, deleted {self.deleted}, {left}"


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the plan was carried out: checks, and operations that requests were generated for."""

    done: int
    possible: int
    """What the profile allows, whatever the budgets leave of it."""

    @property
    def is_enough(self) -> bool:
        """Tell whether it allows a verdict."""
        return 2 * self.done >= self.possible

    def __str__(self) -> str:
        return f"{self.done} of {self.possible}"


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Use of a budget; `most` is None without a limit."""

    used: float
    most: float | None

    def __str__(self) -> str:
        used = plain(round(self.used, 3))
        return used if self.most is None else f"{used} of {plain(self.most)}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one run."""

    url: str
    profile: str
    seed: int
    tag: str
    spec_version: str
    started: datetime
    ended: datetime
    checks: tuple[ReportedCheck, ...]
    operations: tuple[OperationRow, ...]
    rules: tuple[RuleRow, ...]
    requests: Mapping[str, int]
    """How many were sent in each layer."""
    refused: Mapping[str, int]
    """What the profile did not let out, and how often."""
    budgets: Mapping[str, BudgetUse]
    made: CreatedResources
    complaints: tuple[str, ...]
    """What is wrong with the baseline."""
    stopped: str | None
    """Why it ended before its end."""
    is_spent: bool
    """Whether it ended so because a budget was spent."""
    left_out: tuple[str, ...]
    """What the budgets left no room for."""
    carried_out: Share
    gone: str | None = None
    """Where the curl commands go, when the server ended with the run."""

    @property
    def shows_requests(self) -> bool:
        """Tell whether a failure is shown with the requests that led to it."""
        return any(finding.exchanges for finding in self.findings)

    @property
    def is_partial(self) -> bool:
        """Tell whether the budgets did not allow everything."""
        return self.is_spent or bool(self.left_out)

    @property
    def verdict(self) -> Verdict:
        """The verdict; a failure outweighs an error, even in a run that stopped early. What a run has seen when a
        budget is spent counts, unless that is less than half of what the profile allows.
        """
        endings = {check.ending for check in self.checks}
        if Status.FAILED in endings or self.complaints or self.made.left:
            return Verdict.FAILED
        exercised = endings & {Status.PASSED, KNOWN}
        is_broken_off = self.stopped is not None and not self.is_spent
        is_seen = exercised and not (self.is_partial and not self.carried_out.is_enough)
        return (
            Verdict.PASSED if is_seen and Status.ERROR not in endings and not is_broken_off else Verdict.COULD_NOT_RUN
        )

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.verdict is Verdict.PASSED:
            part = f" in what the budget allows: {self.carried_out} checks" if self.is_partial else ""
            return f"{self.url} conforms to the contract{part}."
        if self.verdict is Verdict.COULD_NOT_RUN:
            return f"No verdict on {self.url}: {self._obstacle}."
        if any(check.ending == Status.FAILED for check in self.checks):
            return f"{self.url} violates the contract: {pluralize(len(self.findings), 'finding')}."
        if self.made.left:
            return f"{pluralize(len(self.made.left), 'resource')} created on {self.url} could not be deleted."
        return f"{self.url} has only known differences, but the baseline needs an update."

    @property
    def findings(self) -> tuple[ReportedFinding, ...]:
        """Findings that fail the run."""
        return tuple(finding for finding in self._all_findings() if finding.known is None)

    @property
    def known(self) -> tuple[ReportedFinding, ...]:
        """Findings covered by the baseline."""
        return tuple(finding for finding in self._all_findings() if finding.known is not None)

    @property
    def layers(self) -> dict[str, list[ReportedCheck]]:
        """The checks of each layer, in the order of running."""
        layers: dict[str, list[ReportedCheck]] = {}
        for check in self.checks:
            layers.setdefault(check.layer, []).append(check)
        return layers

    @property
    def seconds(self) -> float:
        """Duration of the run."""
        return (self.ended - self.started).total_seconds()

    def rules_by_state(self, state: RuleState) -> dict[str, list[RuleRow]]:
        """The rules in a state, by what they are about."""
        subjects: dict[str, list[RuleRow]] = {}
        for row in self.rules:
            if row.state is state:
                subjects.setdefault(row.id.partition(".")[0], []).append(row)
        return subjects

    @property
    def rule_counts(self) -> dict[str, int]:
        """Number of rules in each state."""
        counts = Counter(row.state for row in self.rules)
        return {str(state): counts[state] for state in RuleState}

    def without_answer(self, status: Status) -> dict[str, list[str]]:
        """By reason the checks that were skipped, or that could not be run."""
        reasons: dict[str, list[str]] = {}
        for check in self.checks:
            if check.status is status:
                reasons.setdefault(check.detail, []).append(f"{check.layer}.{check.name}")
        return reasons

    @property
    def _obstacle(self) -> str:
        errors = (
            f"{check.layer}.{check.name}: {check.detail}" for check in self.checks if check.ending == Status.ERROR
        )
        reason = (self.stopped or next(errors, None) or "no check ran").rstrip(".")
        if not self.is_partial or self.carried_out.is_enough:
            return reason
        spent = self.stopped if self.is_spent else "the budget is too small"
        return f"{spent}; {self.carried_out} checks are too little to say anything"

    def _all_findings(self) -> Iterator[ReportedFinding]:
        for check in self.checks:
            yield from check.findings


def pluralize(number: int, what: str) -> str:
    """A number of things, in words: `1 finding`, `2 findings`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
