"""Parameters that an app panel allows for a run."""

from collections.abc import Iterable
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures

Parameter = dict[str, Any]
"""A parameter as an app panel shows it."""


def panel_of(deployment: Deployment, route: str, key: str) -> dict[str, Any]:
    """The app panel of a capsule or pipeline, as it is sent: the official SDK up to 0.17 cannot read a pipeline's.
    Raises `CheckSkipped` when there is none.
    """
    answer = deployment.http().ask("GET", f"/{route}/{key}/app_panel")
    if answer.status == 404:
        raise CheckSkipped("there is no app panel")
    expect(answer.status == 200, f"an app panel returned {answer.status}")
    panel: dict[str, Any] = answer.json()
    return panel


def valid_values(parameters: Iterable[Parameter]) -> dict[str, str]:
    """A value for each parameter that has an argument's name, by that name: another than its default where possible."""
    return {entry["param_name"]: _value(entry) for entry in parameters if entry.get("param_name")}


def _value(parameter: Parameter) -> str:
    default = str(parameter.get("default_value") or "")
    if options := parameter.get("value_options"):
        return str(next((option for option in options if option != default), options[0]))
    if parameter.get("pattern") or parameter.get("type") == "file":
        return default
    low, high = parameter.get("minimum"), parameter.get("maximum")
    if parameter.get("value_type") in ("integer", "number") or low is not None or high is not None:
        first = int(low) if low is not None else int(high) - 1 if high is not None else 2
        return str(first) if str(first) != default else str(first + 1)
    return f"given {parameter['param_name']}"


def invalid_values(parameters: Iterable[Parameter]) -> dict[str, str]:
    """A value outside of its options or limits, for each parameter that has any."""
    wrong = {}
    for entry in parameters:
        name, high, low = entry.get("param_name"), entry.get("maximum"), entry.get("minimum")
        if not name:
            continue
        if entry.get("type") == "list" and entry.get("value_options"):
            wrong[name] = "no such option"
        elif high is not None:
            wrong[name] = str(int(high) + 1)
        elif low is not None:
            wrong[name] = str(int(low) - 1)
    return wrong


def values_of(parameters: Iterable[Any] | None) -> dict[str, str]:
    """The parameters that a run shows, by argument, or by label where there is none."""
    return {entry.param_name or entry.name: entry.value for entry in parameters or ()}


def processes_of(deployment: Deployment, pipeline: str) -> list[dict[str, Any]]:
    """The processes of a pipeline, each with a value that its capsule allows: its own panel may not show them."""
    found = []
    with fixtures.start_run(deployment, pipeline_id=pipeline) as run:
        for process in run.processes or ():
            answer = deployment.http().ask("GET", f"/capsules/{process.capsule_id}/app_panel").json()
            parameters = answer.get("parameters") if isinstance(answer, dict) else None
            values = valid_values(parameters or [])
            found.append({"name": process.name, "values": dict(list(values.items())[:1])})
    return found
