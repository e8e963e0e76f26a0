"""Rows of the table of rules: judged, broken, or why not judged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from contract_tests.findings import Outcome, Status
from contract_tests.reports.report import RuleRow, RuleState
from contract_tests.reports.sanitize import plain
from contract_tests.rules.catalog import Judges
from contract_tests.rules.comparison import Recorded
from contract_tests.rules.rule import Rule

MOST_REASONS = 2


@dataclass(frozen=True, slots=True)
class RulesOfRun:
    """What a run was held against, and what it judged."""

    rules: Mapping[str, Rule]
    listed: Judges
    """Who judges each in a complete run."""
    recorded: Recorded
    """Who judged each in this one."""
    layers: Sequence[str]
    """The layers that were asked for."""


def rule_rows(run: RulesOfRun, outcomes: Iterable[Outcome], stopped: str | None) -> tuple[RuleRow, ...]:
    """One row for each rule, by id. `stopped` is why the run ended before its end."""
    ended = {f"{outcome.layer}.{outcome.check}": outcome for outcome in outcomes}
    findings = [finding for outcome in ended.values() for finding in outcome.findings if finding.known is None]
    broken = {rule for finding in findings for rule in finding.rules}

    def row(rule: Rule) -> RuleRow:
        judges = tuple(sorted(run.recorded.get(rule.id, ())))
        state = RuleState.BROKEN if rule.id in broken else RuleState.JUDGED if judges else RuleState.NOT_JUDGED
        reason = None
        if state is RuleState.NOT_JUDGED:
            known = dict.fromkeys(_reasons(run, ended, rule, stopped))
            reason = plain("; ".join(list(known)[:MOST_REASONS]))
        return RuleRow(rule.id, rule.sentence, rule.source, state, judges, reason)

    return tuple(map(row, run.rules.values()))


def _reasons(run: RulesOfRun, ended: Mapping[str, Outcome], rule: Rule, stopped: str | None) -> Iterator[str]:
    """Yield why a rule was not judged."""
    if rule.unjudged is not None:
        yield rule.unjudged
    elif rule.id not in run.listed:
        yield "no check judges it"
    for judge in run.listed.get(rule.id, ()):
        layer, outcome = judge.partition(".")[0], ended.get(judge)
        if layer not in run.layers and (outcome is None or outcome.status is Status.SKIPPED):
            yield f"the layer {layer} was left out"
        elif outcome is None:
            yield stopped or f"{judge} was not run"
        elif outcome.status in (Status.SKIPPED, Status.ERROR):
            yield outcome.detail
        else:
            yield f"nothing in this run showed it to {judge}"
