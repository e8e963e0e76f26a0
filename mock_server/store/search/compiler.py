"""Conditions on entries in two forms: as an expression of the full text index, which may match too many, and as SQL on
the entry itself, which is exact.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from mock_server.domain.search.conditions import (
    TEXT_FIELDS,
    WEIGHTS,
    All,
    AnyOf,
    Condition,
    Is,
    Mentions,
    NameContains,
    Not,
    Within,
)
from mock_server.domain.search.text import Phrase
from mock_server.store.index import terms
from mock_server.store.index.documents import facet
from mock_server.store.index.numeric_ranges import cover

FEW_VALUES = 16
"""Up to so many values get a term of the SQL each; SQLite does not take thousands of them in one expression."""

NOTHING = '"0"'
"""A term that no entry has: all of them begin with a letter."""


def to_fts(condition: Condition) -> str | None:
    """An expression that matches all entries for which the condition holds; None when the index cannot narrow it."""
    match condition:
        case Mentions(phrase=phrase, fields=fields):
            found = dict.fromkeys(map(phrase.in_field, fields))
            return _joined("OR", [_every(terms.of_phrase(words)) for words in found])
        case NameContains(text=text):
            return _every(map(terms.part, terms.parts_of_search(text)))
        case Is(trait=trait, values=values):
            return _some(facet(trait, value) for value in values)
        case Within(key=key, low=low, high=high):
            low, high = (-math.inf if low is None else low), (math.inf if high is None else high)
            return _some(terms.cell(key, cell) for cell in cover(low, high))
        case AnyOf(conditions=conditions):
            parts = [to_fts(part) for part in conditions]
            return None if None in parts else _joined("OR", [part for part in parts if part]) or NOTHING
        case All(conditions=conditions):
            return _narrow_all(conditions)
    return None


def fts_is_exact(condition: Condition) -> bool:
    """Whether `to_fts` matches nothing else."""
    match condition:
        case Mentions(phrase=phrase, fields=fields):
            return len(phrase.words) <= 1 and phrase.words == phrase.words_of_name and fields == TEXT_FIELDS
        case NameContains(text=text):
            return terms.is_part(text)
        case Within():
            return False
        case Not(condition=inner):
            return fts_is_exact(inner)
        case AnyOf(conditions=conditions) | All(conditions=conditions):
            return all(map(fts_is_exact, conditions))
    return True


class Bound:
    """The parameters of a statement, each under a name of its own."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, value: Any) -> str:
        """Add a value; return its placeholder in the SQL."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def to_sql(condition: Condition, bound: Bound) -> str:
    """The condition on an entry as SQL. Building it with Core takes longer than running it."""
    match condition:
        case Mentions(phrase=phrase, fields=fields):
            return _either(_contains(field, phrase, bound) for field in fields if phrase.words)
        case NameContains(text=text):
            return f"instr(folded_name, {bound(text)}) > 0"
        case Is(trait=trait, values=values):
            return _has_facet([f" {facet(trait, value)} " for value in values], bound)
        case Within(key=key, low=low, high=high):
            return _has_number(key, low, high, bound)
        case Not(condition=inner):
            return f"NOT ({to_sql(inner, bound)})"
        case AnyOf(conditions=conditions):
            return _either(to_sql(part, bound) for part in conditions)
        case All(conditions=conditions):
            return _both(to_sql(part, bound) for part in conditions)


def score(phrases: tuple[Phrase, ...], bound: Bound) -> str:
    """The relevance of an entry as SQL: the weights of all fields that contain each phrase, added up."""
    counted = [
        f"{weight} * ({_contains(field, phrase, bound)})" for phrase in phrases for field, weight in WEIGHTS.items()
    ]
    return " + ".join(counted) or "0"


def _narrow_all(conditions: tuple[Condition, ...]) -> str | None:
    included = _joined("AND", [part for part in map(to_fts, conditions) if part is not None])
    negated = [to_fts(part.condition) for part in conditions if isinstance(part, Not) and fts_is_exact(part)]
    excluded = _joined("OR", [part for part in negated if part is not None])
    return f"({included} NOT {excluded})" if included and excluded else included


def _joined(word: str, parts: list[str]) -> str | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return f"({f' {word} '.join(parts)})"


def _every(found: Iterable[str]) -> str:
    return _joined("AND", [f'"{term}"' for term in found]) or NOTHING


def _some(found: Iterable[str]) -> str:
    return _joined("OR", [f'"{term}"' for term in found]) or NOTHING


def _either(parts: Iterable[str]) -> str:
    return _balanced("OR", list(parts) or ["0"])


def _both(parts: Iterable[str]) -> str:
    return _balanced("AND", list(parts) or ["1"])


def _balanced(word: str, parts: list[str]) -> str:
    """Conditions joined in pairs, and these in pairs: SQLite takes no tree deeper than 1000."""
    while len(parts) > 2:
        parts = [f"({f' {word} '.join(parts[start : start + 2])})" for start in range(0, len(parts), 2)]
    return f"({f' {word} '.join(parts)})"


def _contains(field: str, phrase: Phrase, bound: Bound) -> str:
    end = "" if field == "name" and phrase.is_beginning else " "
    text = f" {' '.join(phrase.in_field(field))}{end}"
    return f"instr({field}_words, {bound(text)}) > 0"


def _has_facet(tokens: list[str], bound: Bound) -> str:
    if len(tokens) <= FEW_VALUES:
        return _either(f"instr(facets, {bound(token)}) > 0" for token in tokens)
    return f"EXISTS (SELECT 1 FROM json_each({bound(json.dumps(tokens))}) WHERE instr(facets, value) > 0)"  # noqa: S608


def _has_number(key: str, low: float | None, high: float | None, bound: Bound) -> str:
    tests = [f"value ->> 0 = {bound(key)}"]
    tests += [f"value ->> 1 >= {bound(low)}"] if low is not None else []
    tests += [f"value ->> 1 <= {bound(high)}"] if high is not None else []
    return f"EXISTS (SELECT 1 FROM json_each(numbers) WHERE {' AND '.join(tests)})"  # noqa: S608
