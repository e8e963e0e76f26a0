"""The filters and tests that templates may use: functions of a budget, a value, and arguments."""

import csv as csv_format
import io
import json as json_format
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape as escaped
from typing import Any

from mock_server.run_templates.budget import Budget, RenderingError
from mock_server.run_templates.operators import add, joined
from mock_server.run_templates.values import (
    MAX_INTEGER,
    MAX_TEXT,
    Lookup,
    bounded,
    elements,
    field,
    integer,
    is_number,
    number,
    number_in,
    plain,
    text,
    written,
)

WORK_OF_AN_ELEMENT = 2
"""How many times as many steps the elements of a table or document take to be written as to be read."""

_FORMAT = re.compile(r"%(?:%|[-+ 0]?\d{0,2}(?:\.\d{1,2})?([sdefgxX]))")

_TIME = re.compile(r"%(.)")

_TIME_PARTS = {"Y": "04d", "m": "02d", "d": "02d", "H": "02d", "M": "02d", "S": "02d"}
_TIME_FIELDS = {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_list(budget: Budget, value: Any) -> list[Any]:
    """The elements of a list parameter, whose value is a JSON list, or text with commas or blanks between them."""
    if not isinstance(value, str):
        return elements(value, "as_list", budget)
    budget.spend(1 + len(value))
    stripped = value.strip()
    if stripped.startswith("["):
        return _json_list(stripped)
    parts = stripped.split(",") if "," in stripped else stripped.split()
    return [part.strip() for part in parts if part.strip()]


def _json_list(value: str) -> list[Any]:
    try:
        found = json_format.loads(value)
    except (ValueError, RecursionError):
        raise RenderingError("a value that begins with [ is a JSON list, and this is none") from None
    if not isinstance(found, list) or any(isinstance(part, list | dict) for part in found):
        raise RenderingError("the elements of a list parameter are texts and numbers")
    return [bounded(part) if is_number(part) else part for part in found]


def csv(budget: Budget, value: Any, header: Any = True, delimiter: Any = ",") -> str:
    """A table: of mappings, whose keys are its header, or of lists. Its last line is not ended."""
    if not isinstance(delimiter, str) or delimiter not in (",", ";", "\t", "|", " ") or not delimiter:
        raise RenderingError("a delimiter is one of comma, semicolon, tab, bar and blank")
    before = budget.left
    rows = plain(elements(value, "csv", budget), budget)
    budget.spend(WORK_OF_AN_ELEMENT * (before - budget.left))
    columns = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    file = io.StringIO()
    writer = csv_format.writer(file, delimiter=delimiter, lineterminator="\n")
    if columns and header:
        writer.writerow(columns)
    budget.spend(len(rows) * len(columns))
    for row in rows:
        if isinstance(row, dict):
            writer.writerow([row.get(name, "") for name in columns])
        else:
            writer.writerow(row if isinstance(row, list | tuple) else [row])
    return file.getvalue().removesuffix("\n")


def json(budget: Budget, value: Any, indent: Any = None) -> str:
    """A value as JSON."""
    spaces = None if indent is None else integer(indent, "indent", 0, 8)
    before = budget.left
    data = plain(value, budget)
    budget.spend(WORK_OF_AN_ELEMENT * (before - budget.left))
    try:
        return json_format.dumps(data, ensure_ascii=False, allow_nan=False, indent=spaces)
    except ValueError:
        raise RenderingError("JSON has no number that is infinite, or none") from None


def formatted(budget: Budget, value: Any, *values: Any) -> str:
    """`"%.2f" | format(number)`: the directives of printf for texts and numbers, up to 99 characters wide."""
    given = list(values)
    budget.spend(1 + len(text(value, "format")))

    def one(found: re.Match[str]) -> str:
        if not found[1]:
            return "%"
        if not given:
            raise RenderingError("format has more directives than values")
        part = given.pop(0)
        if found[1] == "s":
            return found[0] % written(part, budget)
        part = number(part, "format")
        try:
            return found[0] % (int(part) if found[1] in "dxX" else part)
        except (OverflowError, ValueError):
            raise RenderingError(f"format cannot write {part} so") from None

    rest = _FORMAT.sub("", value)
    if "%" in rest:
        raise RenderingError("format takes %s, %d, %e, %f, %g, %x and %%, up to 99 characters wide")
    shown = _FORMAT.sub(one, value)
    if given:
        raise RenderingError("format has more values than directives")
    return joined([shown], budget)


def time(budget: Budget, value: Any, form: Any = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """Unix seconds as a time of day and date in UTC."""
    seconds = number(value, "time")
    budget.spend(8 + len(text(form, "time")))
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise RenderingError(f"there is no time {seconds}") from None

    def part(found: re.Match[str]) -> str:
        if found[1] not in _TIME_PARTS:
            raise RenderingError(f"time takes %{', %'.join(_TIME_PARTS)}, not {found[0]}")
        return format(getattr(moment, _TIME_FIELDS[found[1]]), _TIME_PARTS[found[1]])

    return _TIME.sub(part, form)


def to_int(budget: Budget, value: Any, default: Any = None) -> Any:
    """A whole number, cut off at the point; `default` for what is none."""
    return _converted(int, value, "int", default, budget)


def to_float(budget: Budget, value: Any, default: Any = None) -> Any:
    """A number with a point; `default` for what is none."""
    return _converted(float, value, "float", default, budget)


def _converted(make: Callable[[Any], Any], value: Any, what: str, default: Any, budget: Budget) -> Any:
    budget.spend(1)
    try:
        return bounded(make(number(value, what)))
    except (RenderingError, ValueError, OverflowError):
        if default is None:
            shown = number(value, what)  # Says what is wrong with it, but for what is infinite.
            raise RenderingError(f"{what} takes a number, not {shown}") from None
        return default


def rounded(budget: Budget, value: Any, precision: Any = 0) -> Any:
    """A number with so many digits behind its point."""
    budget.spend(1)
    return bounded(round(number(value, "round"), integer(precision, "precision", -20, 20)))


def absolute(_budget: Budget, value: Any) -> Any:
    """A number without its sign."""
    return abs(number(value, "abs"))


def length(budget: Budget, value: Any) -> int:
    """How many characters, elements or keys."""
    if isinstance(value, Lookup):
        return len(value.entries)
    if not isinstance(value, str | list | tuple | dict):
        return len(elements(value, "length", budget))
    return len(value)


def first(budget: Budget, value: Any) -> Any:
    """The first element."""
    return field(elements(value, "first", budget), 0)


def last(budget: Budget, value: Any) -> Any:
    """The last element."""
    return field(elements(value, "last", budget), -1)


def join(budget: Budget, value: Any, between: Any = "", attribute: Any = None) -> str:
    """Elements as texts, with a text between them."""
    parts = [written(part, budget) for part in _attributes(value, "join", attribute, budget)]
    budget.spend_on_text(len(text(between, "join")) * len(parts))
    if len(between) * len(parts) > MAX_TEXT:
        raise RenderingError(f"makes a text of more than {MAX_TEXT} characters")
    joined(parts, budget)
    return str(between).join(parts)


def ordered(budget: Budget, value: Any, reverse: Any = False, attribute: Any = None) -> list[Any]:
    """Elements in order, texts as well as numbers."""
    found = elements(value, "sort", budget)
    before = budget.left
    keys = [plain(key, budget) for key in _attributes(found, "sort", attribute, budget)]
    budget.spend((before - budget.left) * len(found).bit_length())
    if not (all(map(is_number, keys)) or all(isinstance(key, str) for key in keys)):
        raise RenderingError("sort takes numbers alone, or texts alone")
    places = sorted(range(len(found)), key=keys.__getitem__, reverse=bool(reverse))
    return [found[place] for place in places]


def reverse(budget: Budget, value: Any) -> Any:
    """Elements or characters from the last to the first."""
    if isinstance(value, str):
        budget.spend_on_text(len(value))
        return value[::-1]
    return elements(value, "reverse", budget)[::-1]


def unique(budget: Budget, value: Any) -> list[Any]:
    """Elements without repetition: texts, numbers and truth values."""
    found = elements(value, "unique", budget)
    if any(isinstance(part, list | tuple | dict | Lookup) for part in found):
        raise RenderingError("unique takes texts and numbers")
    for part in found:
        plain(part, budget)
    return list(dict.fromkeys(found))


def total(budget: Budget, value: Any, attribute: Any = None) -> Any:
    """The sum of numbers."""
    whole: Any = 0
    for part in _attributes(value, "sum", attribute, budget):
        budget.spend(1)
        whole = add(whole, number(part, "sum"), budget)
    return whole


def least(budget: Budget, value: Any, attribute: Any = None) -> Any:
    """The smallest element."""
    return first(budget, ordered(budget, value, False, attribute))


def most(budget: Budget, value: Any, attribute: Any = None) -> Any:
    """The largest element."""
    return first(budget, ordered(budget, value, True, attribute))


def mapped(budget: Budget, value: Any, attribute: Any) -> list[Any]:
    """What each element holds under a name."""
    return _attributes(value, "map", attribute, budget)


def _attributes(value: Any, what: str, attribute: Any, budget: Budget) -> list[Any]:
    found = elements(value, what, budget)
    budget.spend(len(found))
    return found if attribute is None else [field(part, attribute) for part in found]


def as_text(budget: Budget, value: Any) -> str:
    """A value as text."""
    return written(value, budget)


def as_elements(budget: Budget, value: Any) -> list[Any]:
    """The elements or characters of a value."""
    return elements(value, "list", budget)


def html(budget: Budget, value: Any) -> str:
    """A value as text for HTML and XML, its special characters as entities."""
    shown = written(value, budget)
    budget.spend_on_search(len(shown))
    return escaped(shown)


def indent(budget: Budget, value: Any, width: Any = 4, first: Any = False) -> str:
    """A text with blanks before each line but the first, which has some when `first` is true."""
    blanks = " " * integer(width, "indent", 0, 40)
    lines = text(value, "indent").split("\n")
    budget.spend_on_search(len(value))
    budget.spend_on_text(len(blanks) * len(lines))
    return joined([blanks if first else "", ("\n" + blanks).join(lines)], budget)


FILTERS: dict[str, Callable[..., Any]] = {
    "abs": absolute,
    "as_list": as_list,
    "count": length,
    "csv": csv,
    "e": html,
    "escape": html,
    "first": first,
    "float": to_float,
    "format": formatted,
    "indent": indent,
    "int": to_int,
    "join": join,
    "json": json,
    "last": last,
    "length": length,
    "list": as_elements,
    "map": mapped,
    "max": most,
    "min": least,
    "reverse": reverse,
    "round": rounded,
    "sort": ordered,
    "string": as_text,
    "sum": total,
    "time": time,
    "tojson": json,
    "unique": unique,
}
"""By name; those that are methods of texts too are in `texts`, and `default` is part of the language."""

TESTS: dict[str, Callable[..., bool]] = {
    "even": lambda _budget, value: number(value, "even") % 2 == 0,
    "mapping": lambda _budget, value: isinstance(value, dict),
    "none": lambda _budget, value: value is None,
    "number": lambda _budget, value: is_number(value) and not isinstance(value, bool),
    "numeric": lambda _budget, value: _is_numeric(value),
    "odd": lambda _budget, value: number(value, "odd") % 2 == 1,
    "string": lambda _budget, value: isinstance(value, str),
}
"""By name; `defined` and `undefined` are part of the language."""


def _is_numeric(value: Any) -> bool:
    try:
        return abs(number_in(value, "") if isinstance(value, str) else number(value, "")) < MAX_INTEGER
    except RenderingError:
        return False
