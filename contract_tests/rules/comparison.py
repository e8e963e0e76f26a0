"""The list of rules against what a run has really judged."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase

from contract_tests.rules.catalog import Judges
from contract_tests.rules.rule import Rule

GENERATED = "spec."
"""Begins the names of judges that saw generated requests: these are others in each run, so no rule may need them."""

Recorded = Mapping[str, Collection[str]]
"""By the id of a rule what judged it in a run."""


def steady(recorded: Recorded) -> dict[str, tuple[str, ...]]:
    """What a run recorded, without what depends on generated requests."""
    kept = {rule: sorted(name for name in names if not name.startswith(GENERATED)) for rule, names in recorded.items()}
    return {rule: tuple(names) for rule, names in sorted(kept.items()) if names}


def complaints(
    rules: Mapping[str, Rule], listed: Judges, recorded: Recorded, exceptions: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with the list, after a complete run. `exceptions` are patterns of ids of rules that may be
    without a judge.
    """
    judged = steady(recorded)
    yield from _unjudged(rules, listed, judged, exceptions)
    yield from _lost(rules, listed, judged)
    for rule, names in judged.items():
        if rule not in rules:
            yield f"{', '.join(names)} judged {rule}, which is not a rule"
    for pattern in exceptions:
        if all(rule in listed for rule in rules if fnmatchcase(rule, pattern)):
            yield f"the exception {pattern} is for a rule that is judged, or for none"


def _unjudged(rules: Mapping[str, Rule], listed: Judges, judged: Judges, exceptions: Collection[str]) -> Iterator[str]:
    for rule in rules:
        if rule not in listed and not any(fnmatchcase(rule, pattern) for pattern in exceptions):
            hint = f", although {', '.join(judged[rule])} judges it: make rules" if rule in judged else ""
            yield f"the rule {rule} has no judge in the list{hint}"


def _lost(rules: Mapping[str, Rule], listed: Judges, judged: Judges) -> Iterator[str]:
    for rule, judges in listed.items():
        if rule not in rules:
            yield f"the list has judges of {rule}, which is not a rule"
            continue
        for judge in judges:
            if judge not in judged.get(rule, ()):
                yield f"{judge} no longer judges the rule {rule}"
