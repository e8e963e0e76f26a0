"""Conditions on entries, twice: as an expression of the full text index, which may let too many through, and as SQL on
the entry itself, which is exact.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from mock_server.domain.search.conditions import (
    PLACES,
    WEIGHTS,
    All,
    AnyOf,
    Condition,
    Is,
    Mentions,
    NameHolds,
    Not,
    Within,
)
from mock_server.store.index import terms
from mock_server.store.index.documents import facet
from mock_server.store.index.numeric_ranges import cover

FEW_VALUES = 16
"""So many values are looked for one by one; SQLite does not take thousands of them in one expression."""

NOTHING = '"0"'
"""A term that no entry has: all of them begin with a letter."""


def to_fts(condition: Condition) -> str | None:
    """An expression that finds all entries for which the condition holds; None when the index is no help."""
    match condition:
        case Mentions(words=words):
            return _every([terms.word(words[0])] if len(words) == 1 else terms.pairs(words))
        case NameHolds(text=text):
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
    """Whether `to_fts` lets through nothing else."""
    match condition:
        case Mentions(words=words, places=places):
            return len(words) <= 1 and places == PLACES
        case NameHolds(text=text):
            return terms.is_part(text)
        case Within():
            return False
        case Not(condition=inner):
            return fts_is_exact(inner)
        case AnyOf(conditions=conditions) | All(conditions=conditions):
            return all(map(fts_is_exact, conditions))
    return True


class Bound:
    """Values for a statement: each is handed over beside the SQL, under a name of its own."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, value: Any) -> str:
        """The place of a value in the SQL."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def to_sql(condition: Condition, bound: Bound) -> str:
    """Whether the condition holds for an entry, as SQL. Building it with Core takes longer than running it."""
    match condition:
        case Mentions(words=words, places=places):
            return _either(_in_line(place, words, bound) for place in places if words)
        case NameHolds(text=text):
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


def score(phrases: tuple[tuple[str, ...], ...], bound: Bound) -> str:
    """How relevant an entry is, as SQL: what all phrases count in all the places where they stand."""
    counted = [
        f"{weight} * ({_in_line(place, words, bound)})" for words in phrases for place, weight in WEIGHTS.items()
    ]
    return " + ".join(counted) or "0"


def _narrow_all(conditions: tuple[Condition, ...]) -> str | None:
    wanted = [part for part in map(to_fts, conditions) if part is not None]
    unwanted = [to_fts(part.condition) for part in conditions if isinstance(part, Not) and fts_is_exact(part)]
    found = _joined("AND", wanted)
    excluded = _joined("OR", [part for part in unwanted if part is not None])
    return f"({found} NOT {excluded})" if found and excluded else found


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
    """Conditions joined in pairs, and these in pairs: SQLite takes no tree that is deeper than 1000."""
    while len(parts) > 2:
        parts = [f"({f' {word} '.join(parts[start : start + 2])})" for start in range(0, len(parts), 2)]
    return f"({f' {word} '.join(parts)})"


def _in_line(place: str, words: tuple[str, ...], bound: Bound) -> str:
    phrase = f" {' '.join(words)} "
    return f"instr({place}_words, {bound(phrase)}) > 0"


def _has_facet(tokens: list[str], bound: Bound) -> str:
    if len(tokens) <= FEW_VALUES:
        return _either(f"instr(facets, {bound(token)}) > 0" for token in tokens)
    return f"EXISTS (SELECT 1 FROM json_each({bound(json.dumps(tokens))}) WHERE instr(facets, value) > 0)"  # noqa: S608


def _has_number(key: str, low: float | None, high: float | None, bound: Bound) -> str:
    tests = [f"value ->> 0 = {bound(key)}"]
    tests += [f"value ->> 1 >= {bound(low)}"] if low is not None else []
    tests += [f"value ->> 1 <= {bound(high)}"] if high is not None else []
    return f"EXISTS (SELECT 1 FROM json_each(numbers) WHERE {' AND '.join(tests)})"  # noqa: S608
