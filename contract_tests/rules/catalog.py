"""The list of all rules: those that the spec implies, those that are written down, and who judges each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contract_tests.rules.from_spec import rules_of
from contract_tests.rules.rule import Rule, by_id

HERE = Path(__file__).parent

JUDGES = HERE / "judges.txt"
"""The judges of each rule, as a run recorded them: `make rules` writes it."""

BEHAVIOURS = HERE / "behaviours"
"""The rules that no schema can say."""

DOCUMENTS = {
    "search.yaml": "docs/search.md",
    "fidelity.yaml": "docs/fidelity.yaml",
    "seeds.yaml": "docs/seed-files.md",
}
"""The pages that they are from."""

EXCEPTIONS = HERE / "exceptions.yaml"
"""The rules that no check can judge, with the reason."""

Judges = Mapping[str, tuple[str, ...]]
"""By the id of a rule the checks that judge it, as `layer.check`."""


def catalog(document: dict[str, Any], more: Iterable[Rule] = ()) -> dict[str, Rule]:
    """All rules of the contract by id. `document` is the spec, `more` are rules that the harness itself implies."""
    rules = by_id((*rules_of(document), *behaviours(), *more))
    return {key: replace(rule, unjudged=_reason(key)) for key, rule in rules.items()}


def behaviours() -> Iterator[Rule]:
    """Yield the rules that are written down by hand."""
    for page, rules in _written().items():
        for key, about in rules.items():
            if "rule" in about:
                yield Rule(key, about["rule"], page)


def entries() -> dict[str, dict[str, list[str]]]:
    """By page and by entry of the page (a row of a table, a question) the ids of the rules that it holds."""
    pages: dict[str, dict[str, list[str]]] = {page: {} for page in DOCUMENTS.values()}
    for page, rules in _written().items():
        for key, about in rules.items():
            for entry in about.get("entries", ()):
                pages[page].setdefault(entry, []).append(key)
    return pages


def _written() -> dict[str, dict[str, dict[str, Any]]]:
    return {page: yaml.safe_load((BEHAVIOURS / name).read_text("utf-8")) for name, page in DOCUMENTS.items()}


@cache
def listed_judges() -> Judges:
    """The judges of each rule, as the list has them."""
    lines = (line.split() for line in JUDGES.read_text().splitlines())
    return {rule: tuple(judges) for rule, *judges in lines}


@cache
def exceptions() -> Mapping[str, str]:
    """By pattern of ids why no check can judge a rule."""
    content = yaml.safe_load(EXCEPTIONS.read_text("utf-8"))
    return {pattern: entry["reason"] for entry in content for pattern in entry["rules"]}


def _reason(rule: str) -> str | None:
    if rule in listed_judges():
        return None
    matching = (reason for pattern, reason in exceptions().items() if fnmatchcase(rule, pattern))
    return next(matching, None)
