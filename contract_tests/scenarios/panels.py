"""App panels of pipelines, held against what runs take: where no panel is, nobody sees what it would say."""

from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios.parameters import processes_of

RULE = "get_pipeline_app_panel.answer.processes"


@check(
    "search_pipelines",
    "get_pipeline_app_panel",
    "get_capsule_app_panel",
    "run_capsule",
    "delete_computation",
    full=True,
)
def panels_of_pipelines(deployment: Deployment) -> None:
    """The app panel of a pipeline has each process whose parameters a run takes; without parameters of the pipeline's
    own it has those of the process too, with the defaults that the run shows.
    """
    deployment.steered()
    search = {"ownership": "created", "status": "non_release", "limit": 1000}
    rows = deployment.http().ask("POST", "/pipelines/search", 200, json=search).json()["results"]
    looked = [
        _check_process(deployment, row["id"], process["name"], process["values"])
        for row in rows
        for process in processes_of(deployment, row["id"])
        if process["values"]
    ]
    if not any(looked):
        raise CheckSkipped("no pipeline of the owner has a process that takes parameters")


def _check_process(deployment: Deployment, pipeline: str, name: str, values: dict[str, str]) -> bool:
    """Give a process a parameter of its capsule, and look for it in the panel. False when the run does not know it."""
    caller = deployment.http()
    [(given, value)] = values.items()
    process = {"name": name, "named_parameters": [{"param_name": given, "value": value}]}
    run = caller.ask("POST", "/computations", json={"pipeline_id": pipeline, "processes": [process]})
    if not run.ok:
        return False
    caller.ask("DELETE", f"/computations/{run.json()['id']}", 204)
    shown = _parameters(run.json(), name)
    if {one["name"] for one in shown if one["param_name"] == given} == {given}:
        # Without a panel everything is taken, and labeled as it is called.
        return False
    panel = caller.ask("GET", f"/pipelines/{pipeline}/app_panel", 200, rules=(RULE,)).json()
    entries = [entry for entry in panel.get("processes", ()) if entry["name"] == name]
    expect(len(entries) == 1, f"the panel of a pipeline has the process {name} {len(entries)} times", RULE)
    if not panel.get("parameters"):
        _check_defaults(entries[0], shown, given)
    return True


def _parameters(run: dict[str, Any], name: str) -> list[dict[str, str]]:
    """The parameters of a process of a run."""
    [found] = [process["parameters"] for process in run["processes"] if process["name"] == name]
    return list(found)


def _check_defaults(entry: dict[str, Any], shown: list[dict[str, str]], given: str) -> None:
    name = entry["name"]
    panel = {one["param_name"]: one.get("default_value") for one in entry.get("parameters", ()) if "param_name" in one}
    actual = {one["param_name"]: one["value"] for one in shown if one["param_name"] != given}
    expected = {one: value for one, value in panel.items() if value and one != given}
    expect(given in panel, f"the panel of {name} does not have {given}, which a run takes", RULE)
    expect(actual == expected, f"a run of {name} has the defaults {actual}, and its panel {expected}", RULE)
