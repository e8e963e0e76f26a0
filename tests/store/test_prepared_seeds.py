"""The rows of the packaged seeds are those that their YAML makes."""

from pathlib import Path

import pytest

from mock_server import seeds
from mock_server.settings import Settings
from mock_server.store.database import Database
from mock_server.store.statement import Statement
from mock_server.world_databases import WorldDatabases
from tools.seeds import prepared

NOW = 1_700_000_000.0


def content(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """All tables that can be read, the search index's own included."""
    names = Statement("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'term' ORDER BY rowid")
    return {name: db.all(Statement(f'SELECT * FROM "{name}"'), {}) for (name,) in db.all(names, {})}


@pytest.mark.parametrize("name", seeds.PACKAGED)
def test_the_rows_are_fresh(name: str) -> None:
    written = Path(seeds.__file__).with_name(f"{name}.json").read_text("utf-8")
    assert written == prepared(name), "run `make seeds`"


@pytest.mark.parametrize("name", seeds.PACKAGED)
def test_a_world_is_the_same_from_rows_and_from_yaml(name: str) -> None:
    databases = WorldDatabases(Settings(data_dir=None, seed=name), lambda: NOW)
    read, loaded = databases.from_seed(name, seeds.text_of(name)), databases.own_image()
    try:
        assert content(loaded) == content(read)
    finally:
        read.close()
        databases.close()
