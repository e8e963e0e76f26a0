"""The functions that templates may call: `range`, `rows`, `namespace`, and random numbers of the run."""

from collections.abc import Callable
from typing import Any

from mock_server.ids import SeededRandom
from mock_server.run_templates.budget import Budget, RenderingError
from mock_server.run_templates.values import CHEAP, Namespace, elements, integer, is_number, kind, number, text

MOST_ELEMENTS = 20_000
"""The elements of the longest range, and the rows of the longest table."""

WORK_OF_A_DRAW = 6
"""The steps in which a number is drawn."""

UNIFORM_IN_A_NORMAL = 12
"""A normal number is the sum of so many uniform ones, less half as many: exact on every machine."""

DIGITS = 3
"""The digits behind the point of numbers that fill a column."""

Draws = Callable[..., SeededRandom]
"""Gives the random numbers that belong to some words alone."""


class Random:
    """The random numbers of one file of a run. Those with a `key` are the same in all files of all runs."""

    __slots__ = ("_draws", "_own")

    def __init__(self, draws: Draws, name: str) -> None:
        self._draws = draws
        self._own = draws("file", name)

    def row(self, key: Any, budget: Budget) -> SeededRandom:
        """The numbers to draw from. Raises `RenderingError`."""
        budget.spend(WORK_OF_A_DRAW)
        if key is None:
            return self._own
        budget.spend_on_text(len(text(key, "key")))
        try:
            return self._draws("key", key)
        except UnicodeEncodeError:
            raise RenderingError("a key is not Unicode text") from None


def uniform(random: Random, budget: Budget, low: Any = 0, high: Any = 1, key: Any = None) -> float:
    """A number from `low` up to `high`."""
    return random.row(key, budget).uniform(number(low, "uniform"), number(high, "uniform"))


def whole(random: Random, budget: Budget, low: Any, high: Any, key: Any = None) -> int:
    """A whole number from `low` to `high`, both included."""
    first, last = (integer(end, "integer", -(2**52), 2**52) for end in (low, high))
    return _whole(random.row(key, budget), first, last)


def _whole(drawn: SeededRandom, low: int, high: int) -> int:
    if low > high:
        raise RenderingError(f"there is no whole number from {low} to {high}")
    return min(high, low + int(drawn.uniform(0, high - low + 1)))


def normal(random: Random, budget: Budget, mean: Any = 0, deviation: Any = 1, key: Any = None) -> float:
    """A number around `mean`."""
    drawn = random.row(key, budget)
    budget.spend(WORK_OF_A_DRAW * UNIFORM_IN_A_NORMAL)
    around = sum(drawn.uniform(0, 1) for _ in range(UNIFORM_IN_A_NORMAL)) - UNIFORM_IN_A_NORMAL / 2
    return number(mean, "normal") + number(deviation, "normal") * around


def choice(random: Random, budget: Budget, values: Any, key: Any = None) -> Any:
    """One element of a list."""
    found = elements(values, "choice", budget)
    if not found:
        raise RenderingError("choice takes a list that is not empty")
    return found[_whole(random.row(key, budget), 0, len(found) - 1)]


def shuffled(random: Random, budget: Budget, values: Any, key: Any = None) -> list[Any]:
    """The elements of a list in another order."""
    found = elements(values, "shuffle", budget)
    budget.spend(WORK_OF_A_DRAW * len(found))
    return random.row(key, budget).shuffled(found)


def counting(_random: Random, budget: Budget, *bounds: Any) -> list[int]:
    """Whole numbers in an order, as Python's `range`."""
    ends = [integer(end, "range", -(2**52), 2**52) for end in bounds]
    if len(ends) not in (1, 2, 3) or (len(ends) == 3 and not ends[2]):
        raise RenderingError("range takes a stop, or a start, a stop, and a step that is not 0")
    numbers = range(*ends)
    if len(numbers) > MOST_ELEMENTS:
        raise RenderingError(f"range gives at most {MOST_ELEMENTS} numbers, not {len(numbers)}")
    budget.spend(1 + len(numbers) // CHEAP)
    return list(numbers)


def rows(random: Random, budget: Budget, count: Any, /, **columns: Any) -> list[dict[str, Any]]:
    """A table of `count` rows. What a column says fills it: a text with `{n}` in it counts the rows, a range in round
    brackets is drawn from (whole numbers from two whole ones), so is a list; everything else stays as it is. Without
    columns each row has its `row` alone.
    """
    wanted = integer(count, "rows", 0, MOST_ELEMENTS)
    filled = columns or {"row": "{n}"}
    budget.spend(wanted * (1 + (WORK_OF_A_DRAW + 2) * len(filled)))
    drawn = random.row(None, budget)
    makers = [(name, _column(name, told, drawn, budget)) for name, told in filled.items()]
    return [{name: make(at) for name, make in makers} for at in range(1, wanted + 1)]


def _column(name: str, told: Any, drawn: SeededRandom, budget: Budget) -> Callable[[int], Any]:
    """What gives the value of a column in each row."""
    match told:
        case str():
            return _counted(told, budget)
        case tuple():
            return _range(name, told, drawn)
        case list() if told:
            return lambda _at: told[_whole(drawn, 0, len(told) - 1)]
        case int() | float() | None:
            return lambda _at: told
    raise RenderingError(f"the column {name} is a text, a number, a list or a range, not {kind(told)}")


def _counted(told: str, budget: Budget) -> Callable[[int], Any]:
    if told == "{n}":
        return lambda at: at

    def make(at: int) -> str:
        budget.spend_on_search(len(told))
        return told.replace("{n}", str(at))

    return make


def _range(name: str, told: tuple[Any, ...], drawn: SeededRandom) -> Callable[[int], Any]:
    if len(told) != 2 or not all(map(is_number, told)):
        raise RenderingError(f"the range of the column {name} has two numbers")
    low, high = told
    if isinstance(low, int) and isinstance(high, int):
        return lambda _at: _whole(drawn, low, high)
    return lambda _at: round(drawn.uniform(low, high), DIGITS)


def namespace(_random: Random, _budget: Budget, /, **fields: Any) -> Namespace:
    """Values that can be changed in a loop: `{% set found.count = … %}`."""
    return Namespace(dict(fields))


FUNCTIONS: dict[str, Callable[..., Any]] = {"namespace": namespace, "range": counting, "rows": rows}

RANDOM: dict[str, Callable[..., Any]] = {
    "choice": choice,
    "integer": whole,
    "normal": normal,
    "shuffle": shuffled,
    "uniform": uniform,
}
"""What stands behind `random.`."""
