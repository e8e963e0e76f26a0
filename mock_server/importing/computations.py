"""Runs as a seed file has them."""

from typing import Any

from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_plan import number
from mock_server.importing.fields import Fitted, distinct, each, fitted, parameters, picked, without_empty
from mock_server.importing.files import seed_files, usable
from mock_server.importing.people import Context

FOREVER = "forever"

STAGES = ("initializing", "running", "finalizing")

INSIDE_A_WORKSTATION = {"path": "scratch/imported.txt", "text": "Nobody tells what is in a cloud workstation.\n"}
"""A file for folders that data assets can be made of; no operation shows it."""


def computation(
    capsule: str,
    run: dict[str, Any],
    tree: list[Any] | None,
    context: Context,
    processes: set[str],
) -> Fitted:
    """The fields of a run of `capsule`. Data assets that were not read are said to be deleted, and parameters of
    processes that the pipeline does not have are left out.
    """
    scrubber = context.scrubber
    fields = {
        "id": run["id"],
        "capsule": capsule,
        "owner": context.people.owner(run),
        "created": run.get("created") or 0,
        **picked(run, ("version", "cloud_workstation")),
        "name": scrubber.text(run.get("name") or ""),
        "plan": _plan(run),
        "nextflow_profile": scrubber.text(run.get("nextflow_profile") or ""),
        "parameters": parameters(run.get("parameters"), scrubber),
        "data_assets": distinct(_inputs(run, context), "mount"),
        "processes": [
            {"name": scrubber.text(process["name"]), "parameters": parameters(process["parameters"], scrubber)}
            for process in each(run.get("processes"), ("name", "parameters"))
            if process.get("name") in processes and process.get("parameters")
        ],
    }
    fields = without_empty(fields)
    if tree and tree[1]:
        fields["files"] = seed_files(tree[0], scrubber)
    elif run.get("cloud_workstation"):
        fields["files"] = [INSIDE_A_WORKSTATION]
    elif not run.get("has_results"):
        fields["files"] = []
    found = fitted(SeedComputation, fields)
    stages = found.fields["plan"].get("stages", {}) if found.fields else {}
    stages.update({state: length if length == FOREVER else number(length) for state, length in stages.items()})
    return found


def _inputs(run: dict[str, Any], context: Context) -> list[dict[str, Any]]:
    inputs = each(run.get("data_assets"), ("id", "mount"))
    return [_input(given, context) for given in inputs if "id" in given]


def _input(given: dict[str, Any], context: Context) -> dict[str, Any]:
    there = {} if ("asset", given["id"]) in context.known else {"deleted": True}
    return {"id": given["id"], "mount": usable(context.scrubber.path(given.get("mount") or ""), given["id"]), **there}


def _plan(run: dict[str, Any]) -> dict[str, Any]:
    """How a run has gone. One that had not ended when it was read stays in its state."""
    length, state = run.get("run_time") or 0, run.get("state")
    if state in STAGES:
        before = STAGES[: STAGES.index(state)]
        return {"stages": {**dict.fromkeys(before, 0), state: FOREVER}}
    edge = min(1.0, length / 4)
    stages = dict(zip(STAGES, (edge, length - 2 * edge, edge), strict=True)) if length else {}
    end = picked(run, ("state", "end_status", "exit_code"))
    return {"stages": stages, **end, "has_results": bool(run.get("has_results"))}
