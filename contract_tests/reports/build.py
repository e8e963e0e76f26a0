"""Making the report of a run."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from contract_tests.findings import Finding, Outcome
from contract_tests.reports.operation_rows import Judged, operation_rows
from contract_tests.reports.report import (
    GONE,
    NEW_FAKE,
    BudgetUse,
    CreatedResources,
    Report,
    ReportedCheck,
    ReportedExchange,
    ReportedFinding,
    Share,
)
from contract_tests.reports.rule_rows import RulesOfRun, rule_rows
from contract_tests.reports.sanitize import plain, visible
from contract_tests.transport.budgets import Meter
from contract_tests.transport.exchange import SHOWN_BYTES, Exchange
from contract_tests.transport.gate import CREATING, Gate
from contract_tests.transport.ledger import Run
from contract_tests.transport.operations import Effect
from contract_tests.transport.redaction import beginning

MOST_REFUSALS = 50
"""How many different refusals are reported."""

Replay = Callable[[str, str], str]
"""Gives the command that runs one check of one layer again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """Details of a run that only its caller knows."""

    seed: int
    tag: str
    started: datetime
    ended: datetime
    complaints: Sequence[str] = ()
    """What is wrong with the baseline."""
    replay: Replay | None = None
    left_out: Sequence[str] = ()
    """What the plan had no room for."""
    carried_out: tuple[int, int] = (0, 0)
    """How much of the plan was carried out, and how much the profile allows."""
    is_gone: bool = False
    """Whether the deployment ended with the run, so that requests can be sent again to another one alone."""


def build(
    gate: Gate,
    document: Mapping[str, Any],
    outcomes: Iterable[Outcome],
    run: RunDetails,
    judged: Judged,
    rules: RulesOfRun,
    written: Run | None = None,
) -> Report:
    """The report of a run. `document` is the spec, `judged` says which oracles looked at which operation, `rules`
    which rules were judged, `written` is what stands in the run's ledger if it has one.
    """
    outcomes = list(outcomes)
    info = document.get("info")
    return Report(
        url=plain(gate.target.url),
        profile=str(gate.rules.profile),
        seed=run.seed,
        tag=plain(run.tag),
        spec_version=plain(str(info.get("version", ""))) if isinstance(info, dict) else "",
        started=run.started,
        ended=run.ended,
        checks=tuple(_check(outcome, run) for outcome in outcomes),
        operations=operation_rows(document, gate.exchanges, judged),
        rules=rule_rows(rules, outcomes, gate.meter.stopped),
        requests=dict(Counter(exchange.layer for exchange in gate.exchanges)),
        refused=dict(Counter(map(plain, gate.refused)).most_common(MOST_REFUSALS)),
        budgets=_budgets(gate.meter, (run.ended - run.started).total_seconds()),
        made=_created_by_requests(gate.exchanges) if written is None else _created_by_ledger(written),
        complaints=tuple(map(plain, run.complaints)),
        stopped=plain(gate.meter.stopped) if gate.meter.stopped is not None else None,
        is_spent=gate.meter.spent,
        left_out=tuple(map(plain, run.left_out)),
        carried_out=Share(*run.carried_out),
        gone=GONE if run.is_gone else None,
    )


def reported_exchange(exchange: Exchange, *, is_gone: bool = False) -> ReportedExchange:
    """An exchange as reports show it; `is_gone` where nobody is left to send it to, but whom the reader starts."""
    if is_gone:
        place = urlsplit(exchange.url)._replace(scheme="http", netloc=NEW_FAKE.partition("://")[2])
        exchange = replace(exchange, url=place.geturl())
    path = f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path
    return ReportedExchange(
        number=exchange.number,
        request=plain(f"{exchange.method} {path}"),
        caller=exchange.caller,
        sent=visible(exchange.request_text()),
        status=exchange.status,
        answer=visible(beginning(exchange.answer, SHOWN_BYTES)),
        curl=visible(exchange.curl()),
    )


def _check(outcome: Outcome, run: RunDetails) -> ReportedCheck:
    return ReportedCheck(
        layer=outcome.layer,
        name=plain(outcome.check),
        status=outcome.status,
        seconds=round(outcome.seconds, 3),
        detail=plain(outcome.detail),
        findings=tuple(_finding(finding, run) for finding in outcome.findings),
        used=dict(outcome.used),
    )


def _finding(finding: Finding, run: RunDetails) -> ReportedFinding:
    return ReportedFinding(
        layer=finding.layer,
        check=plain(finding.check),
        message=plain(finding.message),
        operation=plain(finding.operation) if finding.operation is not None else None,
        known=plain(finding.known) if finding.known is not None else None,
        exchanges=tuple(reported_exchange(exchange, is_gone=run.is_gone) for exchange in finding.exchanges),
        replay=plain(run.replay(finding.layer, finding.check)) if run.replay is not None else None,
    )


def _budgets(meter: Meter, seconds: float) -> dict[str, BudgetUse]:
    usage = {name: BudgetUse(used, getattr(meter.budgets, name)) for name, used in meter.used.items()}
    return usage | {"seconds": BudgetUse(round(seconds, 1), meter.budgets.seconds)}


def _created_by_ledger(run: Run) -> CreatedResources:
    left = tuple(f"{entry.operation} {plain(entry.id) if entry.id else '(id unknown)'}" for entry in run.left)
    return CreatedResources(
        run.created_count, sum(entry.settled for entry in run.entries if entry.id is not None), left
    )


def _created_by_requests(exchanges: Iterable[Exchange]) -> CreatedResources:
    done = [
        (exchange.operation.effect, exchange)
        for exchange in exchanges
        if exchange.ok and exchange.operation is not None
    ]
    created = {_id(exchange) for effect, exchange in done if effect in CREATING}
    deleted = {key for effect, exchange in done if effect is Effect.DELETE for key in exchange.keys.values()}
    return CreatedResources(len(created), len(created & deleted), None if created - deleted else ())


def _id(exchange: Exchange) -> str:
    """The id of what was made; an unknown one counts separately."""
    answer = exchange.json()
    key = answer.get("id") if isinstance(answer, dict) else None
    return key if isinstance(key, str) else f"request {exchange.number}"
