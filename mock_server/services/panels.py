"""App panels as the API shows them."""

from typing import Any

from mock_server.domain.access import Caller, Role
from mock_server.errors import NotFoundError
from mock_server.services import access, versions
from mock_server.services.capsules import Kind, of_kind
from mock_server.services.computations import kind_of
from mock_server.store import queries
from mock_server.store.schema import CapsuleRow
from mock_server.wire.app_panels import AppPanel
from mock_server.world import World


def get(world: World, caller: Caller, kind: Kind, capsule_id: str, version: int | None) -> AppPanel:
    """The app panel of a capsule or pipeline, of one released version if asked for.

    Raises `NotFoundError` when there is none. All versions have the same panel.
    """
    row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
    if version is not None and version not in {v["major_version"] for v in versions.released(world, row)}:
        raise NotFoundError(f"version {version} of the {kind} not found")
    processes = [_process(process) for process in row.processes]
    if not row.panel and not row.page and not any(process.keys() - {"name"} for process in processes):
        raise NotFoundError(f"the {kind} has no app panel")
    shown = row.page | {"data_assets": _data_assets(world, caller, row), "parameters": row.panel}
    if processes:
        # A pipeline of capsules has its parameters below its processes alone (docs: capsule page).
        shown = {key: part for key, part in shown.items() if key not in ("categories", "parameters")}
        shown["processes"] = processes
    return AppPanel.model_validate({key: part for key, part in shown.items() if part})


def _process(process: dict[str, Any]) -> dict[str, Any]:
    return {"name": process["name"]} | ({"parameters": process["parameters"]} if process["parameters"] else {})


def _data_assets(world: World, caller: Caller, row: CapsuleRow) -> list[dict[str, Any]]:
    shown = []
    for attached in row.attached:
        asset = queries.DATA_ASSETS.get(world.db, attached["id"])
        if asset is not None:
            accessible = access.role(world, caller, asset.id, asset.owner) >= Role.VIEWER
            told = {"name": asset.name, "kind": kind_of(asset), "accessible": accessible}
            shown.append({"id": asset.id, "mount": attached["mount"], **told})
    return shown
