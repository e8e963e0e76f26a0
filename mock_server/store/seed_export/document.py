"""The whole seed file of a world."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO, TypeVar

from pydantic import BaseModel

from mock_server.documents.seed_model import MOST_IDS
from mock_server.documents.seed_plan import number
from mock_server.documents.seed_writer import SeedWriter
from mock_server.store import queries, scenarios
from mock_server.store.database import Database
from mock_server.store.seed_export import trees
from mock_server.store.seed_export.entities import Entities, capsule_fields
from mock_server.store.seed_export.runs import Runs
from mock_server.store.seed_export.trees import Fields

Entry = tuple[Fields, list[str]]
"""The fields of an entity, and the comment above it."""

R = TypeVar("R")


def write(db: Database, file: TextIO, heading: list[str], now: float | None, ids_given: int) -> None:
    """Write the world in a database, whose clock is to begin at `now` if that is said, and which has drawn `ids_given`
    ids. One entity at a time is held.
    """
    world = queries.require_world(db)
    entities = Entities(db)
    writer = SeedWriter(file, heading)
    writer.value("version", 1)
    if now is not None:
        writer.value("now", number(now))
    if ids_given:
        writer.value("ids_given", min(ids_given, MOST_IDS))
    if any(world.custom_metadata.values()):
        writer.value("custom_metadata", world.custom_metadata)
    for name, entries in _sections(db, entities).items():
        _write_section(writer, name, entries)
    if entities.forgotten_scenarios:
        writer.value("forgotten_scenarios", [*sorted(map(str, entities.forgotten_scenarios))])
    writer.close()


def _write_section(writer: SeedWriter, name: str, entries: Iterator[Entry]) -> None:
    """Write a list, which is left out when there is nothing in it and every seed file need not have it."""
    first = next(entries, None)
    if first is None and name not in ("users", "tokens"):
        return
    writer.section(name)
    if first is not None:
        writer.entry(*first)
    for entry in entries:
        writer.entry(*entry)


def _sections(db: Database, entities: Entities) -> dict[str, Iterator[Entry]]:
    return {
        "users": _plain(entities.users, entities.user),
        "groups": _plain(entities.groups(), lambda group: group),
        "tokens": _plain(queries.TOKENS.each(db), entities.token),
        "capsules": _capsules(db, entities, "capsule"),
        "pipelines": _capsules(db, entities, "pipeline"),
        "data_assets": _with_files(entities, queries.DATA_ASSETS.each(db), entities.data_asset),
        "computations": _runs(db, entities),
        "buckets": _with_files(entities, queries.BUCKETS.each(db), entities.bucket),
        "scenarios": ((entities.scenario(row), []) for row in scenarios.stored(db)),
    }


def _plain(rows: Iterable[R], model: Callable[[R], BaseModel]) -> Iterator[Entry]:
    return ((_fields(model(row)), []) for row in rows)


def _with_files(entities: Entities, rows: Iterable[Any], model: Callable[[Any], BaseModel]) -> Iterator[Entry]:
    for row in rows:
        fields = _fields(model(row))
        yield fields, _left_out(entities, row.tree, fields.get("files", []))


def _capsules(db: Database, entities: Entities, kind: str) -> Iterator[Entry]:
    for row in queries.CAPSULES.each(db):
        if row.kind == kind:
            fields = capsule_fields(row, entities.capsule(row))
            yield fields, _left_out(entities, row.tree, fields.get("results", []))


def _runs(db: Database, entities: Entities) -> Iterator[Entry]:
    runs = Runs(db, entities)
    for row in queries.COMPUTATIONS.each(db):
        run, comment = runs.run(row)
        yield _fields(run), comment


def _left_out(entities: Entities, tree: str, files: list[Fields]) -> list[str]:
    return list(trees.left_out(entities.tree(tree), files)) if files else []


def _fields(model: BaseModel) -> Fields:
    return model.model_dump(mode="json", exclude_defaults=True)
