"""Arithmetic and comparisons, with every result bounded."""

from collections.abc import Callable
from typing import Any

from mock_server.run_templates.budget import Budget, RenderingError
from mock_server.run_templates.values import (
    CHEAP,
    MAX_TEXT,
    Lookup,
    Namespace,
    bounded,
    is_number,
    kind,
    plain,
    short,
    written,
)

MOST_POWER = 64
"""The largest exponent."""


def add(left: Any, right: Any, budget: Budget) -> Any:
    """`left + right`, of two numbers, texts or lists."""
    if is_number(left) and is_number(right):
        return bounded(left + right)
    if isinstance(left, str) and isinstance(right, str):
        return joined([left, right], budget)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        budget.spend(1 + (len(left) + len(right)) // CHEAP)
        return [*left, *right]
    raise _unfit("+", left, right)


def multiply(left: Any, right: Any, budget: Budget) -> Any:
    """`left * right`, of two numbers, or a text and how often it is repeated."""
    if is_number(left) and is_number(right):
        return bounded(left * right)
    if isinstance(right, str) and isinstance(left, int):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, int):
        if len(left) * right > MAX_TEXT:
            raise RenderingError(f"makes a text of more than {MAX_TEXT} characters")
        budget.spend_on_text(max(0, len(left) * right))
        return left * right
    raise _unfit("*", left, right)


def joined(parts: list[str], budget: Budget) -> str:
    """Texts one after the other."""
    length = sum(map(len, parts))
    if length > MAX_TEXT:
        raise RenderingError(f"makes a text of more than {MAX_TEXT} characters")
    budget.spend_on_text(length)
    return "".join(parts)


def concatenate(values: list[Any], budget: Budget) -> str:
    """`a ~ b ~ …`: values as texts, one after the other."""
    return joined([written(value, budget) for value in values], budget)


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        if not 0 <= right <= MOST_POWER:
            raise RenderingError(f"an exponent is a whole number from 0 to {MOST_POWER}, not {right}")
        return left**right
    return float(left) ** float(right)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "-": lambda left, right: left - right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
    "**": _power,
}


def arithmetic(sign: str) -> Callable[[Any, Any, Budget], Any]:
    """What works out an operator between two numbers."""
    if sign in _WITH_TEXTS:
        return _WITH_TEXTS[sign]
    work_out = _ARITHMETIC[sign]

    def of_two(left: Any, right: Any, _budget: Budget) -> Any:
        if not is_number(left) or not is_number(right):
            raise _unfit(sign, left, right)
        try:
            return bounded(work_out(left, right))
        except ZeroDivisionError:
            raise RenderingError("divides by zero") from None
        except OverflowError:
            raise RenderingError("works out a number that is too large") from None

    return of_two


_WITH_TEXTS = {"+": add, "*": multiply}


def _unfit(sign: str, left: Any, right: Any) -> RenderingError:
    number = " (a parameter is text: write | int or | float behind it)" if isinstance(left, str | int | float) else ""
    return RenderingError(f"{sign} does not go between {kind(left)} and {kind(right)}{number}")


def equal(left: Any, right: Any, budget: Budget) -> bool:
    """`left == right`."""
    if isinstance(left, Namespace) or isinstance(right, Namespace):
        return left is right
    if isinstance(left, str | list | tuple | dict | Lookup) and isinstance(right, str | list | tuple | dict | Lookup):
        return bool(plain(left, budget) == plain(right, budget))
    return bool(left == right)


def contains(element: Any, container: Any, budget: Budget) -> bool:
    """`element in container`."""
    match container:
        case str():
            if not isinstance(element, str):
                raise RenderingError(f"text holds text, not {kind(element)}")
            budget.spend_on_search(len(container) + len(element))
            return element in container
        case Lookup():
            return isinstance(element, str) and element in container.names
        case dict():
            return isinstance(element, str | int | float) and element in container
        case list() | tuple():
            return bool(plain(element, budget) in plain(container, budget))
    raise RenderingError(f"{kind(container)} holds nothing that can be looked for")


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda left, right: left < right,
    "lteq": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gteq": lambda left, right: left >= right,
}


def _ordered(name: str) -> Callable[[Any, Any, Budget], bool]:
    compare = _ORDERS[name]

    def of_two(left: Any, right: Any, budget: Budget) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            budget.spend_on_text(len(left))
        elif not is_number(left) or not is_number(right):
            raise _not_comparable(left, right)
        return compare(left, right)

    return of_two


def _not_comparable(left: Any, right: Any) -> RenderingError:
    shown = next((f": write | int or | float behind {short(one)}" for one in (left, right) if isinstance(one, str)), "")
    return RenderingError(f"{kind(left)} cannot be compared with {kind(right)}{shown}")


COMPARISONS: dict[str, Callable[[Any, Any, Budget], bool]] = {
    "eq": equal,
    "ne": lambda left, right, budget: not equal(left, right, budget),
    "in": contains,
    "notin": lambda left, right, budget: not contains(left, right, budget),
    **{name: _ordered(name) for name in _ORDERS},
}
"""By jinja2's names of them."""
