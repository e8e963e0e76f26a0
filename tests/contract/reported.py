"""Hand-made runs, and the reports that are made of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from contract_tests.findings import Finding, Outcome, Status
from contract_tests.options import LAYERS
from contract_tests.reports.build import RunDetails, build
from contract_tests.reports.report import Report
from contract_tests.reports.rule_rows import RulesOfRun
from contract_tests.rules.rule import Rule
from contract_tests.spec.document import packaged
from contract_tests.transport.budgets import Budgets, Meter
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import Gate
from contract_tests.transport.ledger import Run
from contract_tests.transport.operations import find
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target

URL = "http://127.0.0.1:8000"

STARTED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

SPEC = packaged()


def exchange(request: str, status: int | None = 200, answer: bytes = b"{}", **more: Any) -> Exchange:
    """One that was sent as `request` says, such as `GET /api/v1/capsules/a`."""
    method, _, path = request.partition(" ")
    match = find(method, path.partition("?")[0])
    operation, keys = match or (None, {})
    fields: dict[str, Any] = {
        "number": 1,
        "headers": {},
        "body": b"",
        "caller": "owner",
        "layer": "scenarios",
        "check": "a_check",
    } | more
    return Exchange(
        method=method, url=URL + path, operation=operation, keys=keys, status=status, answer=answer, **fields
    )


def finding(message: str = "answered 500, not 200", **more: Any) -> Finding:
    fields: dict[str, Any] = {"layer": "scenarios", "check": "a_check", "operation": "get_capsule"} | more
    return Finding(message=message, **fields)


def passed_check(name: str = "a_check", layer: str = "scenarios") -> Outcome:
    return Outcome(layer, name, Status.PASSED, 0.5)


def failed_check(*findings: Finding, name: str = "a_check", layer: str = "scenarios") -> Outcome:
    return Outcome(layer, name, Status.FAILED, 0.5, findings=list(findings))


def report(
    outcomes: Iterable[Outcome] = (),
    exchanges: Iterable[Exchange] = (),
    *,
    url: str = URL,
    document: Mapping[str, Any] = SPEC,
    judged: Mapping[str, Iterable[str]] | None = None,
    refused: Iterable[str] = (),
    stopped: str | None = None,
    spent: bool = False,
    written: Run | None = None,
    budgets: Budgets | None = None,
    rules: Iterable[Rule] = (),
    recorded: Mapping[str, Iterable[str]] | None = None,
    listed: Mapping[str, tuple[str, ...]] | None = None,
    layers: tuple[str, ...] = LAYERS,
    **run: Any,
) -> Report:
    target = Target(url)
    meter = Meter(budgets or Budgets())
    meter.stopped, meter.spent = stopped, spent
    gate = Gate(target, Rules(Profile.FULL, target, tag="contract-1"), meter)
    gate.exchanges += exchanges
    gate.refused += refused
    circumstances: dict[str, Any] = {
        "seed": 7,
        "tag": "contract-1",
        "started": STARTED,
        "ended": STARTED.replace(minute=31),
    } | run
    by_operation = {name: set(oracles) for name, oracles in (judged or {}).items()}
    by_rule = {rule: set(judges) for rule, judges in (recorded or {}).items()}
    held = RulesOfRun({rule.id: rule for rule in rules}, listed or {}, by_rule, layers)
    return build(gate, document, outcomes, RunDetails(**circumstances), by_operation, held, written)
