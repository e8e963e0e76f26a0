"""Results and logs from templates: what is known of a run that starts, and what its templates make of it."""

from functools import partial
from typing import Any, NamedTuple, Protocol

from mock_server.domain.files import FileTree
from mock_server.domain.panel import Panel, Parameter, in_order
from mock_server.domain.scenarios import ResultTemplates, Scenario
from mock_server.ids import SeededRandom
from mock_server.run_templates import results, variables
from mock_server.store import file_trees, queries
from mock_server.store.database import Database
from mock_server.store.schema import CapsuleRow


class Start(NamedTuple):
    """A run that starts: what there is of its row, with its `owner` by id and what was `asked` for."""

    id: str
    name: str
    created: float
    owner: str
    asked: dict[str, Any]


class Draws(Protocol):
    """Gives the random numbers that belong to some words alone."""

    def __call__(self, *parts: str) -> SeededRandom:
        """The numbers."""


def of_run(
    db: Database, start: Start, capsule: CapsuleRow, scenario: Scenario, draws: Draws
) -> tuple[Scenario, FileTree]:
    """How the run goes, its log filled in, and which files it leaves; it fails when they cannot be rendered."""
    values = variables.of_run(
        run={"id": start.id, "name": start.name, "created": int(start.created)},
        owner=_owner(db, start.owner),
        capsule={"id": capsule.id, "kind": capsule.kind, "name": capsule.name, "slug": capsule.slug},
        inputs={
            "parameters": in_order(capsule.panel, start.asked["parameters"]),
            "processes": _processes(capsule, start.asked["processes"]),
            "data_assets": [_data_asset(db, asset) for asset in start.asked["data_assets"]],
        },
    )
    own, tree = ResultTemplates.from_json(capsule.templates), file_trees.get(db, capsule.tree)
    return results.applied(scenario, own, tree, values, partial(draws, "template", start.id))


def _owner(db: Database, key: str) -> dict[str, Any]:
    user = queries.USERS.get(db, key)
    return {"id": key, "name": user.name if user else "", "email": user.email if user else ""}


def _processes(capsule: CapsuleRow, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    panels: dict[str, Panel] = {process["name"]: process["parameters"] for process in capsule.processes}
    return [_process(process, panels.get(process["name"], [])) for process in asked]


def _process(process: dict[str, Any], panel: Panel) -> dict[str, Any]:
    given: list[Parameter] = process.get("parameters", [])
    parameters = in_order(panel, given)
    return {"name": process["name"], "capsule_id": process["capsule_id"], "parameters": parameters}


def _data_asset(db: Database, mounted: dict[str, str]) -> dict[str, Any]:
    """A data asset of the run; of one that is gone, where it was."""
    row = queries.DATA_ASSETS.get(db, mounted["id"])
    known: dict[str, Any] = {
        "name": mounted["mount"],
        "tags": [],
        "type": None,
        "description": None,
        "size": None,
        "files": None,
    }
    if row is not None:
        known = {name: getattr(row, name) for name in known}
    metadata = dict(row.more.get("custom_metadata", {})) if row is not None else {}
    return {"id": mounted["id"], "mount": mounted["mount"], **known, "metadata": metadata}
