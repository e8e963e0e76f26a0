"""The app panel: which parameters a run may be given, and what values they take."""

import re
from typing import Any

from mock_server.errors import BadRequestError, ParameterError
from mock_server.input_errors.numbers import plain
from mock_server.safe_regex import matches

Parameter = dict[str, str]
"""A parameter as a computation shows it: `name` (the label), `param_name`, `value`."""

Panel = list[dict[str, Any]]
"""The parameters of a panel, in order, with the fields of the API."""

NUMBERS = {
    "integer": re.compile(r"[+-]?\d{1,300}", re.ASCII),
    "number": re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,3})?", re.ASCII),
}
"""How a value of each numeric `value_type` is written."""


def fill(panel: Panel, ordered: list[str], named: list[tuple[str, str]]) -> list[Parameter]:
    """The parameters of a run: what it was given, with the panel's labels, then the defaults of what it was not.

    A run that is given nothing shows nothing. A capsule without a panel takes everything as it comes. Raises
    `BadRequestError`, which names the parameter, for what the panel does not allow.
    """
    if not panel:
        return [{"name": "", "value": v} for v in ordered] + [
            {"name": key, "param_name": key, "value": value} for key, value in named
        ]
    given = [
        (panel[at] if at < len(panel) else {"name": "", "type": "text"}, value) for at, value in enumerate(ordered)
    ]
    given += [(_called(panel, key), value) for key, value in named]
    if len(given) > 1:
        _refuse_repetition(given)
    for parameter, value in given:
        _check(parameter, value)
    known = {id(parameter) for parameter, _ in given}
    left = [parameter for parameter in panel if id(parameter) not in known]
    for parameter in left:
        if parameter.get("required") and not parameter.get("default_value"):
            raise ParameterError(_label(parameter), "is required")
    if not given:
        return []
    return [_shown(parameter, value) for parameter, value in given] + defaults(left)


def defaults(panel: Panel) -> list[Parameter]:
    """The parameters that have a default, with it."""
    return [_shown(parameter, parameter["default_value"]) for parameter in panel if parameter.get("default_value")]


def in_order(panel: Panel, parameters: list[Parameter]) -> list[Parameter]:
    """The parameters that a run's code sees: by the panel with its defaults, in its order, then all others. Those that
    have no value are left out.
    """
    left = list(parameters)
    found = []
    for known in panel:
        shown = _shown(known, known.get("default_value") or "")
        given = next((p for p in left if {**p, "value": ""} == {**shown, "value": ""}), None)
        if given is not None:
            left.remove(given)
            found.append(given)
        elif shown["value"]:
            found.append(shown)
    return found + left


def _called(panel: Panel, name: str) -> dict[str, Any]:
    for parameter in panel:
        if parameter.get("param_name") == name:
            return parameter
    raise BadRequestError(f'unknown parameter "{name}"')


def _refuse_repetition(given: list[tuple[dict[str, Any], str]]) -> None:
    seen: set[str] = set()
    for parameter, _ in given:
        name = parameter.get("param_name")
        if name in seen:
            raise ParameterError(name, "is given twice")
        if name:
            seen.add(name)


def _check(parameter: dict[str, Any], value: str) -> None:
    known = parameter.get
    if not value:
        if known("required") and not known("default_value"):
            raise ParameterError(_label(parameter), "is required")
        return
    if parameter["type"] == "list":
        options = known("value_options")
        if options and value not in options:
            raise ParameterError(_label(parameter), f"has to be one of: {', '.join(options)}")
    if (pattern := known("pattern")) and not matches(pattern, value):
        raise ParameterError(_label(parameter), f"has to match {pattern}")
    low, high, kind = known("minimum"), known("maximum"), known("value_type")
    form = NUMBERS.get(kind or "")
    if form is not None or low is not None or high is not None:
        _check_number(parameter, form or NUMBERS["number"], value)


def _check_number(parameter: dict[str, Any], form: re.Pattern[str], value: str) -> None:
    low, high = parameter.get("minimum"), parameter.get("maximum")
    if not form.fullmatch(value):
        kind = "an integer" if parameter.get("value_type") == "integer" else "a number"
        raise ParameterError(_label(parameter), f"has to be {kind}")
    if low is not None and float(value) < low:
        raise ParameterError(_label(parameter), f"has to be at least {plain(low)}")
    if high is not None and float(value) > high:
        raise ParameterError(_label(parameter), f"has to be at most {plain(high)}")


def _label(parameter: dict[str, Any]) -> str:
    return str(parameter.get("param_name") or parameter["name"])


def _shown(parameter: dict[str, Any], value: str) -> Parameter:
    name = parameter.get("param_name")
    return {"name": parameter["name"], **({"param_name": name} if name else {}), "value": value}
