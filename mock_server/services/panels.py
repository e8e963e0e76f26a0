"""App panels as the API and the app show them."""

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
    """The app panel of a capsule or pipeline, of one released version if asked for. Raises as `complete` does.

    A pipeline that has parameters of its own names its processes without theirs: no released SDK reads those, which are
    lists in the documentation, and real panels are read by it.
    """
    panel = complete(world, caller, kind, capsule_id, version)
    if panel.parameters and panel.processes:
        nothing = {"categories": None, "parameters": None}
        panel.processes = [process.model_copy(update=nothing) for process in panel.processes]
    return panel


def complete(world: World, caller: Caller, kind: Kind, capsule_id: str, version: int | None) -> AppPanel:
    """All that a run may be given, as the app shows it: the parameters of a pipeline, and of each of its processes.

    Raises `NotFoundError` when there is no panel. All versions have the same one.
    """
    row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
    if row.folder is not None:
        row = _as_its_folder_is(world, row)
    if version is not None and version not in {v["major_version"] for v in versions.released(world, row)}:
        raise NotFoundError(f"version {version} of the {kind} not found")
    processes = [_process(process) for process in row.processes]
    if not row.panel and not row.page and not any(process.keys() - {"name"} for process in processes):
        raise NotFoundError(f"the {kind} has no app panel")
    parts = {"data_assets": _data_assets(world, caller, row), "parameters": row.panel, "processes": processes}
    panel = {key: part for key, part in (row.page | parts).items() if part}
    if processes and not row.panel:
        # Categories are those of parameters, which a pipeline of capsules has below its processes alone (docs).
        panel.pop("categories", None)
    return AppPanel.model_validate(panel)


def _as_its_folder_is(world: World, row: CapsuleRow) -> CapsuleRow:
    if world.folders.seen(world.db, row) is row:
        return row
    with world.write():
        return world.folders.refresh(world.db, queries.CAPSULES.get(world.db, row.id) or row)


def _process(process: dict[str, Any]) -> dict[str, Any]:
    return {"name": process["name"]} | ({"parameters": process["parameters"]} if process["parameters"] else {})


def _data_assets(world: World, caller: Caller, row: CapsuleRow) -> list[dict[str, Any]]:
    """The attached data assets, or those of them that the panel names, with its texts."""
    shown = []
    named = {one["id"]: one for one in row.page.get("data_assets", ())}
    for attached in row.attached:
        asset = queries.DATA_ASSETS.get(world.db, attached["id"])
        if asset is not None and (asset.id in named or not named):
            accessible = access.role(world, caller, asset.id, asset.owner) >= Role.VIEWER
            fields = {"name": asset.name, "kind": kind_of(asset), "accessible": accessible}
            shown.append({"id": asset.id, "mount": attached["mount"], **fields, **named.get(asset.id, {})})
    return shown
