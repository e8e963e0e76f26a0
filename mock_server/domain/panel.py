"""The app panel: which parameters a run may be given, and what values they take."""

import re
from typing import Any

from mock_server.errors import BadRequestError
from mock_server.safe_regex import matches

Parameter = dict[str, str]
"""A parameter as a computation shows it: `name` (the label), `param_name`, `value`."""

Panel = list[dict[str, Any]]
"""The parameters of a panel, in order, with the fields of the API."""

NUMBERS = {"integer": r"[+-]?\d{1,300}", "number": r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,3})?"}
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
    _refuse_repetition(given)
    for parameter, value in given:
        _check(parameter, value)
    known = {id(parameter) for parameter, _ in given}
    left = [parameter for parameter in panel if id(parameter) not in known]
    for parameter in left:
        if parameter.get("required") and not parameter.get("default_value"):
            raise BadRequestError(f'parameter "{_label(parameter)}" is required')
    if not given:
        return []
    return [_shown(parameter, value) for parameter, value in given] + defaults(left)


def defaults(panel: Panel) -> list[Parameter]:
    """The parameters that have a default, with it."""
    return [_shown(parameter, parameter["default_value"]) for parameter in panel if parameter.get("default_value")]


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
            raise BadRequestError(f'parameter "{name}" is given twice')
        if name:
            seen.add(name)


def _check(parameter: dict[str, Any], value: str) -> None:
    label = _label(parameter)
    if not value:
        if parameter.get("required") and not parameter.get("default_value"):
            raise BadRequestError(f'parameter "{label}" is required')
        return
    options = parameter.get("value_options")
    if parameter["type"] == "list" and options and value not in options:
        raise BadRequestError(f'parameter "{label}" has to be one of: {", ".join(options)}')
    if (pattern := parameter.get("pattern")) and not matches(pattern, value):
        raise BadRequestError(f'parameter "{label}" has to match {pattern}')
    _check_number(parameter, label, value)


def _check_number(parameter: dict[str, Any], label: str, value: str) -> None:
    low, high = parameter.get("minimum"), parameter.get("maximum")
    kind = parameter.get("value_type")
    form = NUMBERS.get(kind or "", NUMBERS["number"] if low is not None or high is not None else None)
    if form is None:
        return
    if not re.fullmatch(form, value, re.ASCII):
        raise BadRequestError(f'parameter "{label}" has to be {"an integer" if kind == "integer" else "a number"}')
    if low is not None and float(value) < low:
        raise BadRequestError(f'parameter "{label}" has to be at least {low:g}')
    if high is not None and float(value) > high:
        raise BadRequestError(f'parameter "{label}" has to be at most {high:g}')


def _label(parameter: dict[str, Any]) -> str:
    return str(parameter.get("param_name") or parameter["name"])


def _shown(parameter: dict[str, Any], value: str) -> Parameter:
    name = parameter.get("param_name")
    return {"name": parameter["name"], **({"param_name": name} if name else {}), "value": value}
