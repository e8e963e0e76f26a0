"""The values that templates work with: texts, numbers, truth values, None, lists, mappings, and what is found by name.

Whatever walks through a value counts its work, and meets plain data alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.run_templates.budget import Budget, MissingValueError, RenderingError

MAX_INTEGER = 2**63
"""Integers stay below this."""

MAX_DEPTH = 20
"""How deep lists and mappings may be nested."""

MAX_TEXT = 1_000_000
"""The characters of the longest text."""


WORK_OF_A_VALUE = 2
"""The steps in which a part of a value is looked at."""


class Lookup:
    """Things in an order that have names too, such as parameters: `entries` in a loop, `places` by number, `names`, and
    what it is as `plain` data.
    """

    __slots__ = ("entries", "names", "places", "plain", "what")

    def __init__(
        self, what: str, entries: Sequence[Any], places: Sequence[Any], names: Mapping[str, Any], plain: Any
    ) -> None:
        self.what, self.entries, self.places, self.names, self.plain = what, entries, places, names, plain


class Namespace:
    """Values that a template changes in a loop."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields


def kind(value: Any) -> str:
    """What a message calls a value."""
    match value:
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case None:
            return "none"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case Lookup():
            return value.what
    return "a namespace"


def is_number(value: Any) -> bool:
    """Whether it can be reckoned with."""
    return isinstance(value, int | float)


def bounded(number: Any) -> Any:
    """A number that was worked out. Raises `RenderingError` for one that is too large."""
    if isinstance(number, complex) or (isinstance(number, int) and abs(number) >= MAX_INTEGER):
        raise RenderingError("works out a number that is too large")
    return number


def plain(value: Any, budget: Budget, depth: int = 0) -> Any:
    """A value as data that can be compared, sorted and written. Raises `RenderingError`."""
    if isinstance(value, str):
        budget.spend_on_text(len(value))
        return value
    budget.spend(WORK_OF_A_VALUE)
    if depth > MAX_DEPTH:
        raise RenderingError(f"makes a value that is nested more than {MAX_DEPTH} deep")
    match value:
        case dict():
            return {key: plain(below, budget, depth + 1) for key, below in value.items()}
        case list() | tuple():
            return type(value)([plain(below, budget, depth + 1) for below in value])
        case Lookup():
            return plain(value.plain, budget, depth + 1)
        case Namespace():
            raise RenderingError("a namespace is no value: name one of its fields")
    return value


def written(value: Any, budget: Budget) -> str:
    """A value as text. Raises `RenderingError`."""
    if type(value) is str:
        budget.spend_on_text(len(value))
        return value
    if value is None or isinstance(value, int | float):
        budget.spend(1)
        return str(value)
    return str(plain(value, budget))


def text(value: Any, what: str) -> str:
    """A value that has to be text. Raises `RenderingError`."""
    if not isinstance(value, str):
        raise RenderingError(f"{what} takes text, not {kind(value)}")
    return value


def number(value: Any, what: str) -> int | float:
    """A value that has to be a number, or the text of one as parameters are. Raises `RenderingError`."""
    if isinstance(value, str):
        return number_in(value, what)
    if not is_number(value):
        raise RenderingError(f"{what} takes a number, not {kind(value)}")
    return value  # type: ignore[no-any-return]


def integer(value: Any, what: str, low: int, high: int) -> int:
    """A value that has to be a whole number in a range, or the text of one. Raises `RenderingError`."""
    found = number(value, what)
    if found != found or not low <= found <= high or found != int(found):
        raise RenderingError(f"{what} takes a whole number from {low} to {high}, not {found}")
    return int(found)


def number_in(characters: str, what: str) -> int | float:
    """The number that a text is. Raises `RenderingError`."""
    stripped = characters.strip()
    if len(stripped) <= 40 and "_" not in stripped:
        for read in (int, float):
            try:
                return bounded(read(stripped))  # type: ignore[no-any-return]
            except ValueError:
                continue
    raise RenderingError(f"{what} takes a number, not {short(characters)}")


def short(characters: str) -> str:
    """A text as a message repeats it."""
    cut = characters if len(characters) <= 40 else f"{characters[:40]}…"
    return f'"{" ".join(cut.split())}"'


def elements(value: Any, what: str, budget: Budget) -> list[Any]:
    """What a loop over a value gives. Raises `RenderingError`."""
    match value:
        case Lookup():
            found: list[Any] = list(value.entries)
        case list() | tuple() | dict():
            budget.spend(len(value) // CHEAP)
            found = list(value)
        case str():
            budget.spend(len(value))
            found = list(value)
        case _:
            raise RenderingError(f"{what} takes a list, not {kind(value)}")
    return found


CHEAP = 8
"""How many elements are copied in one step."""


def field(value: Any, key: Any) -> Any:
    """What a value holds under a name or at a place. Raises `MissingValueError`, and `RenderingError` for what has
    neither.
    """
    match value:
        case Lookup():
            return _of_lookup(value, key)
        case Namespace():
            found = value.fields
        case dict():
            found = value
        case list() | tuple() | str() if isinstance(key, int):
            if -len(value) <= key < len(value):
                return value[key]
            raise MissingValueError(f"{kind(value)} has nothing at place {key}")
        case _:
            raise MissingValueError(f"{kind(value)} has no {name_of(key)}")
    if isinstance(key, str | int | float) and key in found:
        return found[key]
    raise MissingValueError(f"there is no {name_of(key)} in {kind(value)}")


def _of_lookup(lookup: Lookup, key: Any) -> Any:
    if isinstance(key, str) and key in lookup.names:
        return lookup.names[key]
    if isinstance(key, int) and -len(lookup.places) <= key < len(lookup.places):
        return lookup.places[key]
    raise MissingValueError(f"there is no {name_of(key)} among {lookup.what}")


def name_of(key: Any) -> str:
    """What a message calls a key."""
    return short(key) if isinstance(key, str) else f"place {key}" if is_number(key) else kind(key)


def slice_of(value: Any, start: Any, stop: Any, step: Any, budget: Budget) -> Any:
    """A part of a text or list. Raises `RenderingError`."""
    sequence = value.places if isinstance(value, Lookup) else value
    if not isinstance(sequence, str | list | tuple):
        raise RenderingError(f"{kind(value)} has no part from one place to another")
    bounds = [None if end is None else integer(end, "a place", -MAX_TEXT, MAX_TEXT) for end in (start, stop, step)]
    if bounds[2] == 0:
        raise RenderingError("a step of 0 leads nowhere")
    budget.spend(1 + len(sequence) // CHEAP)
    return sequence[slice(*bounds)]
