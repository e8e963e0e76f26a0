"""Filters of a search as conditions."""

from collections.abc import Iterable
from typing import Any

from mock_server.domain.search.conditions import AnyOf, Condition, Is, Mentions, Not, Within
from mock_server.domain.search.from_query import in_name
from mock_server.domain.search.text import phrase, plain
from mock_server.errors import BadRequestError
from mock_server.store.index.documents import metadata_trait
from mock_server.wire.search import MAX_CHARACTERS, MAX_VALUES, SearchFilter, SearchFilterRange

TEXTS = ("name", "description", "tags")
"""Keys that are not custom metadata fields."""


def conditions(filters: Iterable[SearchFilter], known: set[str] | None) -> list[Condition]:
    """The conditions of the filters. `known` are the custom metadata fields of the deployment; None accepts any.

    Raises `BadRequestError` that names the filter when one is invalid.
    """
    found = []
    values = characters = 0
    for one in filters:
        values += len(one.values or ())
        if values > MAX_VALUES:
            raise BadRequestError(f"filters have more than {MAX_VALUES} values")
        characters += sum(len(value) for value in (one.value, *(one.values or ())) if isinstance(value, str))
        if characters > MAX_CHARACTERS:
            raise BadRequestError(f"the values of all filters have more than {MAX_CHARACTERS} characters")
        if known is not None and one.key not in (*TEXTS, *known):
            raise BadRequestError(f'filter "{one.key}": there is no such custom metadata field')
        condition = _condition(one)
        found.append(Not(condition) if one.exclude else condition)
    return found


def _condition(one: SearchFilter) -> Condition:
    if sum(part is not None for part in (one.value, one.values, one.range)) != 1:
        raise BadRequestError(f'filter "{one.key}" needs exactly one of value, values and range')
    if one.range is not None:
        return _within(one.key, one.range)
    values: list[Any] = [one.value] if one.values is None else one.values
    return _one_of(one.key, [plain(value) for value in values])


def _one_of(key: str, values: list[str]) -> Condition:
    match key:
        case "name":
            return AnyOf(tuple(map(in_name, values)))
        case "description":
            return AnyOf(tuple(Mentions(phrase(value), ("description",)) for value in values))
        case "tags":
            return Is("tag", tuple(values))
    return Is(metadata_trait(key), tuple(values))


def _within(key: str, limits: SearchFilterRange) -> Condition:
    low: Any = limits.min
    high: Any = limits.max
    if key in TEXTS:
        raise BadRequestError(f'filter "{key}" takes no range: it is a text')
    if low is None and high is None:
        raise BadRequestError(f'filter "{key}" has a range without min and max')
    if low is not None and high is not None and low > high:
        raise BadRequestError(f'filter "{key}" has a range whose min is greater than its max')
    return Within(key, low, high)
