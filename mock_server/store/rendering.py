"""Results and logs from templates: what is known of a run that starts, and what its templates make of it."""

from threading import Lock
from typing import Any, NamedTuple, Protocol

from mock_server.domain.files import FileTree
from mock_server.domain.panel import Panel, Parameter, in_order
from mock_server.domain.runs import Start
from mock_server.domain.scenarios import ResultTemplates, Scenario
from mock_server.ids import Ids, SeededRandom
from mock_server.run_templates import results, variables
from mock_server.store import file_trees, queries
from mock_server.store.database import Database
from mock_server.store.rows import dump
from mock_server.store.schema import CapsuleRow

REMEMBERED = 64
"""How many results are kept that would be rendered the same again."""

MOST_REMEMBERED = 16_384
"""The characters of the largest of them."""

_remembered: dict[str, tuple[Scenario, file_trees.Written]] = {}
_remembering = Lock()
"""Several servers may be in one process."""


KEYED = Ids(0).draws
"""Draws the numbers that belong to a key alone: a key gives one number in all runs, those of a seed file too, as their
past is the same in every world.
"""


class Draws(Protocol):
    """Gives the random numbers that belong to some words alone."""

    def __call__(self, *parts: str) -> SeededRandom:
        """The numbers."""


class Rendered(NamedTuple):
    """What a run leaves: its scenario, with the log filled in, and the key of its files."""

    scenario: Scenario
    tree: str


def of_run(db: Database, start: Start, capsule: CapsuleRow, scenario: Scenario, draws: Draws) -> Rendered:
    """Render and store what the run leaves; it fails when that cannot be rendered."""
    key = _key(start, capsule, scenario)
    known = _remembered.get(key)
    if known is None:
        ends, files = rendered(db, start, capsule, scenario, draws)
        known = ends, file_trees.written(files)
        if key and len(known[1].entries) <= MOST_REMEMBERED and not known[1].stored_files:
            _remember(key, known)
    ends, tree = known
    return Rendered(ends, file_trees.keep_written(db, tree))


def _key(start: Start, capsule: CapsuleRow, scenario: Scenario) -> str:
    """What all depends on that the run leaves, where nothing of it depends on the run itself; else nothing."""
    own = ResultTemplates.from_json(capsule.templates)
    if scenario.templates or scenario.files.entries or not results.repeat(own):
        return ""
    shown = [capsule.id, capsule.kind, capsule.name, capsule.slug]
    given = [capsule.panel, [process["parameters"] for process in capsule.processes], start.asked["parameters"]]
    return dump([*shown, capsule.templates, capsule.tree, *given, start.asked["processes"], repr(scenario)])


def _remember(key: str, known: tuple[Scenario, file_trees.Written]) -> None:
    with _remembering:
        if len(_remembered) >= REMEMBERED:
            del _remembered[next(iter(_remembered))]
        _remembered[key] = known


def rendered(
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
    return results.applied(scenario, own, tree, values, _draws(draws, start.id))


def _draws(draws: Draws, run: str) -> Draws:
    """The numbers that a run's templates draw: those of a file belong to the run and the file."""

    def drawn(*parts: str) -> SeededRandom:
        return KEYED("template", *parts) if parts[0] == "key" else draws("template", run, *parts)

    return drawn


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
