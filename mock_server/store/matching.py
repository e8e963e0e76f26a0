"""Conditions on entries, twice: as an expression of the full text index, which may let too many through, and as SQL on
the entry itself, which is exact.
"""

import json
import math
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, not_, or_, select, true
from sqlalchemy.schema import Table

from mock_server.domain.conditions import PLACES, WEIGHTS, All, AnyOf, Condition, Is, Mentions, NameHolds, Not, Within
from mock_server.store import terms
from mock_server.store.cells import cover
from mock_server.store.entries import Entry, cell_facet, facet

ENTRY: Table = Entry.__table__  # type: ignore[attr-defined]

NOTHING = '"0"'
"""A term that no entry has: all of them begin with a letter."""


def narrow(condition: Condition) -> str | None:
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
            return _some(cell_facet(key, cell) for cell in cover(low, high))
        case AnyOf(conditions=conditions):
            parts = [narrow(part) for part in conditions]
            return None if None in parts else _joined("OR", [part for part in parts if part]) or NOTHING
        case All(conditions=conditions):
            return _narrow_all(conditions)
    return None


def is_exact(condition: Condition) -> bool:
    """Whether `narrow` lets through nothing else."""
    match condition:
        case Mentions(words=words, places=places):
            return len(words) <= 1 and places == PLACES
        case NameHolds(text=text):
            return len(text) <= terms.LONGEST_PART
        case Within():
            return False
        case Not(condition=inner):
            return is_exact(inner)
        case AnyOf(conditions=conditions) | All(conditions=conditions):
            return all(map(is_exact, conditions))
    return True


def holds(condition: Condition) -> ColumnElement[bool]:
    """Whether the condition holds for an entry."""
    match condition:
        case Mentions(words=words, places=places):
            return or_(false(), *(_in_line(place, words) for place in places if words))
        case NameHolds(text=text):
            return func.instr(ENTRY.c.folded_name, text) > 0
        case Is(trait=trait, values=values):
            return _has_facet([facet(trait, value) for value in values])
        case Within(key=key, low=low, high=high):
            return _has_number(key, low, high)
        case Not(condition=inner):
            return not_(holds(inner))
        case AnyOf(conditions=conditions):
            return or_(false(), *map(holds, conditions))
        case All(conditions=conditions):
            return and_(true(), *map(holds, conditions))


def score(phrases: tuple[tuple[str, ...], ...]) -> ColumnElement[int]:
    """How relevant an entry is: what all phrases count in all the places where they stand."""
    counted: ColumnElement[int] = literal(0)
    for words in phrases:
        for place, weight in WEIGHTS.items():
            counted = counted + case((_in_line(place, words), weight), else_=0)
    return counted


def _narrow_all(conditions: tuple[Condition, ...]) -> str | None:
    wanted = [part for part in map(narrow, conditions) if part is not None]
    unwanted = [narrow(part.condition) for part in conditions if isinstance(part, Not) and is_exact(part)]
    found = _joined("AND", wanted)
    excluded = _joined("OR", [part for part in unwanted if part is not None])
    return f"({found} NOT {excluded})" if found and excluded else found


def _joined(word: str, parts: list[str]) -> str | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return f"({f' {word} '.join(parts)})"


def _every(found: Any) -> str:
    return _joined("AND", [f'"{term}"' for term in found]) or NOTHING


def _some(found: Any) -> str:
    return _joined("OR", [f'"{term}"' for term in found]) or NOTHING


def _in_line(place: str, words: tuple[str, ...]) -> ColumnElement[bool]:
    return func.instr(ENTRY.c[f"{place}_words"], f" {' '.join(words)} ") > 0


def _has_facet(tokens: list[str]) -> ColumnElement[bool]:
    if len(tokens) == 1:
        return func.instr(ENTRY.c.facets, f" {tokens[0]} ") > 0
    wanted = func.json_each(json.dumps(tokens)).table_valued("value")
    return select(wanted.c.value).where(func.instr(ENTRY.c.facets, " " + wanted.c.value + " ") > 0).exists()


def _has_number(key: str, low: float | None, high: float | None) -> ColumnElement[bool]:
    there = func.json_each(ENTRY.c.numbers).table_valued("value")
    number = func.json_extract(there.c.value, "$[1]")
    tests = [func.json_extract(there.c.value, "$[0]") == key]
    tests += [number >= low] if low is not None else []
    tests += [number <= high] if high is not None else []
    return select(there.c.value).where(*tests).exists()
