"""Examples for a document, from what is there on the deployment: so that generated requests reach something."""

import copy
from typing import Any

from contract_tests.deployment import Subjects
from contract_tests.spec.document import declared
from contract_tests.transport.operations import Effect


def with_examples(document: dict[str, Any], subjects: Subjects, tag: str) -> dict[str, Any]:
    """A copy of the document in which parameters and bodies have examples that work.

    What an operation would remove for good has none: the rest of the run still needs it.
    """
    filled = copy.deepcopy(document)
    for operation in declared(filled):
        if operation.known is None or operation.known.effect in (Effect.DELETE, Effect.ADMIN):
            continue
        values = _parameters(operation.path, subjects)
        for parameter in operation.about.get("parameters", ()):
            value = values.get(parameter.get("name"))
            if value is not None:
                parameter["example"] = value
        body = _body(operation.known.name, subjects, tag)
        content = operation.about.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None and isinstance(content, dict):
            content["example"] = body
    return filled


def _parameters(path: str, subjects: Subjects) -> dict[str, Any]:
    is_pipeline = "/pipelines/" in path
    values = {
        "capsule_id": subjects.pipeline if is_pipeline else subjects.capsule,
        "computation_id": subjects.computation,
        "data_asset_id": subjects.data_asset,
        "name": "contract",
        "archive": False,
    }
    if "/results/" in path:
        values["path"] = "output"  # Every run leaves its log under this name.
    elif "/files/" in path:
        values["path"] = subjects.data_asset_file
    return values


def _body(name: str, subjects: Subjects, tag: str) -> Any:
    run = {"capsule_id": subjects.capsule} if subjects.capsule else None
    asset = {
        "name": "contract",
        "mount": "contract",
        "tags": [tag],
        "source": {"computation": {"id": subjects.computation}},
    }
    return {
        "run_capsule": run,
        "run_capsule_legacy": run,
        "create_data_asset": asset if subjects.computation else None,
        "update_data_asset": {"name": "contract", "tags": [tag]},
        "list_computation_results": {"path": ""},
        "list_data_asset_files": {"path": ""},
        "search_capsules": {"limit": 5},
        "search_pipelines": {"limit": 5},
        "search_data_assets": {"limit": 5},
        "update_capsule_permissions": {"users": [], "groups": []},
        "update_pipeline_permissions": {"users": [], "groups": []},
        "update_data_asset_permissions": {"users": [], "groups": []},
    }.get(name)
