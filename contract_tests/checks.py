"""A check of the suite, and how checks are run one by one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import requests
from codeocean.error import Error
from urllib3.exceptions import NewConnectionError

from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, CheckSkipped, Finding, Outcome, Status, recording_rules
from contract_tests.transport.budgets import BudgetSpentError, StoppedError
from contract_tests.transport.ledger import LedgerError
from contract_tests.transport.operations import OPERATIONS
from contract_tests.transport.profiles import Profile, Refused


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what it is called, which operations it calls, and a function that raises `CheckFailed` or
    `CheckSkipped`; `full`
    when it does more than any other profile allows.
    """

    name: str
    operations: tuple[str, ...]
    run: Callable[[Deployment], None]
    full: bool = False

    @property
    def summary(self) -> str:
        """Purpose of the check, in a sentence."""
        return (self.run.__doc__ or "").strip().split("\n\n")[0]


def check(*operations: str, full: bool = False) -> Callable[[Callable[[Deployment], None]], Check]:
    """Make a check of a function. `operations` are the names of those that it calls: a profile that allows less skips
    it, and with `full` every profile but that.
    """
    assert set(operations) <= set(OPERATIONS), set(operations) - set(OPERATIONS)

    def decorate(function: Callable[[Deployment], None]) -> Check:
        return Check(function.__name__, operations, function, full)

    return decorate


class Progress(Protocol):
    """Receiver of the progress of a run."""

    def started(self, layer: str, check: str) -> None:
        """A check begins."""

    def ended(self, outcome: Outcome) -> None:
        """A check has ended."""


def run_checks(deployment: Deployment, layer: str, checks: Iterable[Check], progress: Progress) -> Iterator[Outcome]:
    """Run checks of a layer, one after the other. Stops after one that met a spent budget."""
    for selected in checks:
        progress.started(layer, selected.name)
        outcome = _run(deployment, layer, selected)
        progress.ended(outcome)
        yield outcome
        if deployment.gate.meter.stopped is not None:
            return


def _run(deployment: Deployment, layer: str, selected: Check) -> Outcome:
    outcome = Outcome(layer, selected.name, Status.PASSED)
    gate = deployment.gate
    denied = [name for name in selected.operations if not gate.rules.allows(OPERATIONS[name])]
    if denied or (selected.full and gate.rules.profile is not Profile.FULL):
        reason = f"the profile does not allow {', '.join(denied)}" if denied else f"requires the profile {Profile.FULL}"
        outcome.status, outcome.detail = Status.SKIPPED, reason
        return outcome
    with recording_rules() as judged:
        _call(deployment, selected, outcome)
    outcome.judged = frozenset(judged)
    return outcome


def _call(deployment: Deployment, selected: Check, outcome: Outcome) -> None:
    """Run the check, and tell in the outcome how that ended."""
    gate = deployment.gate
    before, began, used = len(gate.exchanges), monotonic(), dict(gate.meter.used)
    try:
        with gate.running(outcome.layer, selected.name):
            selected.run(deployment)
    except CheckSkipped as reason:
        outcome.status, outcome.detail = Status.SKIPPED, str(reason)
    except BudgetSpentError as reason:
        outcome.status, outcome.detail, outcome.is_cut = Status.SKIPPED, str(reason), True
    except (Refused, StoppedError, LedgerError) as reason:
        outcome.status, outcome.detail = Status.ERROR, str(reason)
    except requests.RequestException as problem:
        if _is_gone(problem):
            outcome.status, outcome.detail = Status.ERROR, f"{gate.target.url} stopped answering"
        else:
            _record_failure(outcome, deployment, before, f"no response: {problem}")
    except Error as problem:
        _record_failure(
            outcome, deployment, before, f"the SDK raised an error with status {problem.status_code}: {problem.message}"
        )
    except CheckFailed as problem:
        _record_failure(outcome, deployment, before, str(problem), problem.rules)
    except Exception as problem:
        # What the official SDK cannot read is not in the contract.
        _record_failure(outcome, deployment, before, f"the client raised {type(problem).__name__}: {problem}")
    outcome.seconds = monotonic() - began
    outcome.used = {name: count - used[name] for name, count in gate.meter.used.items()}


def _is_gone(problem: requests.RequestException) -> bool:
    """Tell whether nobody accepted the connection. Going away in mid-response violates the contract."""
    return isinstance(getattr(next(iter(problem.args), None), "reason", None), NewConnectionError)


def _record_failure(
    outcome: Outcome, deployment: Deployment, before: int, message: str, rules: frozenset[str] = frozenset()
) -> None:
    recent = deployment.gate.since(before)[-3:]
    operation = recent[-1].name if recent else None
    outcome.status = Status.FAILED
    outcome.findings.append(Finding(outcome.layer, outcome.check, message, operation, recent, rules=rules))
