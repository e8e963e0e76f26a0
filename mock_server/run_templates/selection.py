"""The filters that take elements by what they hold: chosen, left out, grouped, in batches, mappings in order."""

from collections.abc import Callable
from typing import Any

from mock_server.run_templates.budget import Budget, MissingValueError, RenderingError
from mock_server.run_templates.filters import TESTS, ordered
from mock_server.run_templates.operators import COMPARISONS
from mock_server.run_templates.values import elements, field, integer, kind, text

_SIGNS = {"==": "eq", "equalto": "eq", "!=": "ne", "<": "lt", "<=": "lteq", ">": "gt", ">=": "gteq"}
_COMPARED = {**{name: name for name in ("eq", "ne", "lt", "lteq", "gt", "gteq", "in")}, **_SIGNS}
"""Names of tests with a value, and what the language calls such a comparison."""


def chosen_by(keep: bool) -> Callable[..., list[Any]]:
    """`selectattr` or `rejectattr`: elements with an attribute that is true, or that a test holds for."""

    def choose(budget: Budget, value: Any, attribute: Any, test: Any = None, *than: Any) -> list[Any]:
        holds = _test(budget, test, than)
        return [part for part in _each(budget, value, "selectattr") if holds(_of(part, attribute)) is keep]

    return choose


def chosen(keep: bool) -> Callable[..., list[Any]]:
    """`select` or `reject`: elements that are true, or that a test holds for."""

    def choose(budget: Budget, value: Any, test: Any = None, *than: Any) -> list[Any]:
        holds = _test(budget, test, than)
        return [part for part in _each(budget, value, "select") if holds(part) is keep]

    return choose


def _each(budget: Budget, value: Any, what: str) -> list[Any]:
    found = elements(value, what, budget)
    budget.spend(len(found))
    return found


def _of(part: Any, attribute: Any) -> Any:
    """What an element holds, nothing when it holds nothing there."""
    try:
        return field(part, attribute)
    except MissingValueError:
        return None


def _test(budget: Budget, test: Any, than: tuple[Any, ...]) -> Callable[[Any], bool]:
    if test is None:
        return bool
    name = text(test, "the test")
    if name in TESTS and not than:
        return lambda value: TESTS[name](budget, value)
    if name in _COMPARED and len(than) == 1:
        holds = COMPARISONS[_COMPARED[name]]
        return lambda value: holds(value, than[0], budget)
    raise RenderingError(f'there is no test "{name[:50]}" with {len(than)} values')


def grouped(budget: Budget, value: Any, attribute: Any) -> list[tuple[Any, list[Any]]]:
    """Elements in groups that have the same under `attribute`, in the order of that: what it is, and its elements."""
    groups: dict[Any, list[Any]] = {}
    for part in _each(budget, value, "groupby"):
        key = field(part, attribute)
        if not isinstance(key, str | int | float):
            raise RenderingError(f"groupby takes texts and numbers, not {kind(key)}")
        groups.setdefault(key, []).append(part)
    return [(key, groups[key]) for key in ordered(budget, list(groups))]


def batches(budget: Budget, value: Any, size: Any) -> list[list[Any]]:
    """Elements in lists of `size`; the last has what is left."""
    found, number = _each(budget, value, "batch"), integer(size, "batch", 1, 2**31)
    return [found[at : at + number] for at in range(0, len(found), number)]


def pairs(budget: Budget, value: Any) -> list[tuple[Any, Any]]:
    """The names of a mapping with what it holds, in the order of the names."""
    if not isinstance(value, dict):
        raise RenderingError(f"dictsort takes a mapping, not {kind(value)}")
    return [(key, value[key]) for key in ordered(budget, list(value))]


SELECTION_FILTERS: dict[str, Callable[..., Any]] = {
    "batch": batches,
    "dictsort": pairs,
    "groupby": grouped,
    "reject": chosen(keep=False),
    "rejectattr": chosen_by(keep=False),
    "select": chosen(keep=True),
    "selectattr": chosen_by(keep=True),
}
"""By name."""
