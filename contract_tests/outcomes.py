"""Outcomes of all that was seen: of each oracle, and of the run as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from contract_tests.findings import Finding, Outcome, Status
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.runner import Watch
from contract_tests.spec.document import declared
from contract_tests.transport.exchange import Exchange

EVERY_OPERATION = "every_operation_succeeds"


def judge_oracles(watch: Watch, exchanges: list[Exchange], whole: bool) -> Iterator[Outcome]:
    """Yield the outcome of each oracle; in a `whole` run each must have had something to judge."""
    problems: dict[str, list[Finding]] = {}
    for exchange in exchanges:
        for name, message in exchange.problems:
            problems.setdefault(name, []).append(Finding("oracles", name, message, exchange.name, [exchange]))
    for name, message in watch.finish():
        problems.setdefault(name, []).append(Finding("oracles", name, message))
    for oracle in watch.oracles:
        yield _oracle(oracle, _distinct(problems.get(oracle.name, [])), whole)


def judges_of(watch: Watch, outcomes: Iterable[Outcome]) -> dict[str, set[str]]:
    """By the id of a rule what judged it, as `layer.check`."""
    judges = {rule: set(names) for rule, names in watch.rules.items()}
    for outcome in outcomes:
        for rule in outcome.judged:
            judges.setdefault(rule, set()).add(f"{outcome.layer}.{outcome.check}")
    return judges


def _oracle(oracle: Oracle, findings: list[Finding], whole: bool) -> Outcome:
    if findings:
        broken = frozenset({oracle.rule(), *oracle.broken})
        findings = [replace(finding, rules=broken) for finding in findings]
        return Outcome("oracles", oracle.name, Status.FAILED, findings=findings)
    if oracle.judged:
        return Outcome("oracles", oracle.name, Status.PASSED)
    status = Status.ERROR if whole else Status.SKIPPED
    return Outcome("oracles", oracle.name, status, detail="nothing to judge")


def _distinct(findings: list[Finding]) -> list[Finding]:
    """One finding an operation, shown by the shortest request."""
    chosen: dict[str | None, Finding] = {}
    for finding in findings:
        known = chosen.get(finding.operation)
        if known is None or _size(finding) < _size(known):
            chosen[finding.operation] = finding
    return list(chosen.values())


def _size(finding: Finding) -> int:
    return sum(len(exchange.url) + len(exchange.body) for exchange in finding.exchanges)


def every_operation(exchanges: list[Exchange], document: dict[str, Any], whole: bool) -> Outcome:
    """Require in a `whole` run that every operation returned 2xx: one that only ever rejects was not tested."""
    succeeded = {exchange.name for exchange in exchanges if exchange.ok}
    expected = {operation.known.name for operation in declared(document) if operation.known is not None}
    missing = sorted(expected - succeeded)
    if not whole:
        detail = f"{len(expected) - len(missing)} of {len(expected)} operations succeeded; only part of the suite ran"
        return Outcome("oracles", EVERY_OPERATION, Status.SKIPPED, detail=detail)
    findings = [
        Finding("oracles", EVERY_OPERATION, f"{name} never returned 2xx", name, _last(exchanges, name))
        for name in missing
    ]
    return Outcome("oracles", EVERY_OPERATION, Status.FAILED if findings else Status.PASSED, findings=findings)


def _last(exchanges: list[Exchange], name: str) -> list[Exchange]:
    return [exchange for exchange in exchanges if exchange.name == name][-1:]
