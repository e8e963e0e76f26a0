"""A well-formed request for every operation: what checks start from that send it as somebody else, or spoil it."""

from collections.abc import Mapping
from typing import Any

from contract_tests.transport.operations import ROOT, Operation

NOWHERE = "00000000-0000-4000-8000-0000c0de0cea"
"""An id that nothing has."""

BODIES: dict[str, Any] = {
    "run_capsule": {"capsule_id": NOWHERE},
    "run_capsule_legacy": {"capsule_id": NOWHERE},
    "create_data_asset": {"name": "x", "tags": [], "mount": "x", "source": {"computation": {"id": NOWHERE}}},
    "update_data_asset": {"description": "changed"},
    "transfer_data_asset": {"target": {"aws": {"bucket": "nowhere", "prefix": "x"}}},
    "list_computation_results": {"path": ""},
    "list_data_asset_files": {"path": ""},
    **{f"search_{kind}": {} for kind in ("capsules", "pipelines", "data_assets")},
    **{f"update_{kind}_permissions": {"everyone": "none"} for kind in ("capsule", "pipeline", "data_asset")},
    **{f"attach_{kind}_data_assets": [{"id": NOWHERE}] for kind in ("capsule", "pipeline", "computation")},
    **{f"detach_{kind}_data_assets": [NOWHERE] for kind in ("capsule", "pipeline", "computation")},
}
"""A body for each operation that takes one."""

QUERIES: dict[str, dict[str, str]] = {
    "rename_computation": {"name": "changed"},
    **{f"archive_{kind}": {"archive": "true"} for kind in ("capsule", "pipeline", "data_asset")},
    **{f"get_result_file_{way}": {"path": "output"} for way in ("urls", "download_url")},
    **{f"get_data_asset_file_{way}": {"path": "output"} for way in ("urls", "download_url")},
}
"""A query for each operation that needs one."""


def path(operation: Operation, ids: Mapping[str, str | None]) -> str:
    """Its path below `/api/v1`, with what is there of `ids`, and an id that nothing has for the rest."""
    filled = operation.template.removeprefix(ROOT)
    for parameter in ("capsule_id", "computation_id", "data_asset_id", "job_id"):
        filled = filled.replace(f"{{{parameter}}}", ids.get(parameter) or NOWHERE)
    return filled
