"""The methods of texts and mappings that templates may call; those of texts are filters too."""

import re
from collections.abc import Callable
from typing import Any

from mock_server.run_templates.budget import Budget, MissingValueError, RenderingError
from mock_server.run_templates.filters import join as join_values
from mock_server.run_templates.operators import joined
from mock_server.run_templates.values import MAX_TEXT, Lookup, field, kind, text


def _changed(change: Callable[[str], str]) -> Callable[..., str]:
    """A method that changes each character by itself."""

    def method(budget: Budget, value: Any) -> str:
        budget.spend_on_search(2 * len(text(value, "this")))
        return joined([change(value)], budget)

    return method


def _without_ends(strip: Callable[..., str]) -> Callable[..., str]:
    def method(budget: Budget, value: Any, characters: Any = None) -> str:
        budget.spend_on_text(len(text(value, "this")))
        if characters is not None:
            budget.spend(len(value) + len(text(characters, "this")))
        return strip(value, characters)

    return method


def _of_an_end(method_of_text: Callable[..., Any]) -> Callable[..., Any]:
    def method(budget: Budget, value: Any, end: Any) -> Any:
        budget.spend_on_text(len(text(value, "this")) + len(text(end, "this")))
        return method_of_text(value, end)

    return method


def replace(budget: Budget, value: Any, old: Any, new: Any) -> str:
    """The text with every `old` in it as `new`."""
    budget.spend_on_search(2 * len(text(value, "replace")) + len(text(old, "replace")))
    grown = value.count(old) * (len(text(new, "replace")) - len(old))
    if len(value) + grown > MAX_TEXT:
        raise RenderingError(f"makes a text of more than {MAX_TEXT} characters")
    budget.spend_on_text(max(0, len(value) + grown))
    return str(value.replace(old, new))


def split(budget: Budget, value: Any, between: Any = None) -> list[str]:
    """The parts of a text."""
    budget.spend_on_search(2 * len(text(value, "split")))
    if between is not None and not text(between, "split"):
        raise RenderingError("split takes a text that is not empty")
    return list(value.split(between))


def _join(budget: Budget, value: Any, parts: Any) -> str:
    return join_values(budget, parts, text(value, "join"))


_BETWEEN_WORDS = re.compile(r"([-\s({\[<]+)")


def _titled(value: str) -> str:
    """As Jinja's filter: a word begins behind a space, a hyphen or a bracket, and nowhere else."""
    return "".join(word[:1].upper() + word[1:].lower() for word in _BETWEEN_WORDS.split(value))


TEXT_FILTERS: dict[str, Callable[..., Any]] = {
    "capitalize": _changed(str.capitalize),
    "lower": _changed(str.lower),
    "replace": replace,
    "split": split,
    "title": _changed(_titled),
    "trim": _without_ends(str.strip),
    "upper": _changed(str.upper),
}


def _get(_budget: Budget, value: Any, key: Any, default: Any = None) -> Any:
    if not isinstance(value, dict | Lookup):
        raise RenderingError(f"get takes a mapping, not {kind(value)}")
    try:
        return field(value, key)
    except MissingValueError:
        return default


def _of_mapping(name: str, take: Callable[[dict[Any, Any]], list[Any]]) -> Callable[..., list[Any]]:
    def method(budget: Budget, value: Any) -> list[Any]:
        mapping = value.plain if isinstance(value, Lookup) else value
        if not isinstance(mapping, dict):
            raise RenderingError(f"{name} takes a mapping, not {kind(value)}")
        budget.spend(1 + len(mapping))
        return take(mapping)

    return method


METHODS: dict[str, Callable[..., Any]] = {
    **{name: TEXT_FILTERS[name] for name in ("capitalize", "lower", "replace", "split", "upper")},
    "title": _changed(str.title),
    "strip": _without_ends(str.strip),
    "lstrip": _without_ends(str.lstrip),
    "rstrip": _without_ends(str.rstrip),
    "startswith": _of_an_end(str.startswith),
    "endswith": _of_an_end(str.endswith),
    "removeprefix": _of_an_end(str.removeprefix),
    "removesuffix": _of_an_end(str.removesuffix),
    "join": _join,
    "get": _get,
    "items": _of_mapping("items", lambda mapping: [list(pair) for pair in mapping.items()]),
    "keys": _of_mapping("keys", lambda mapping: list(mapping)),
    "values": _of_mapping("values", lambda mapping: list(mapping.values())),
}
