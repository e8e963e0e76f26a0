"""The schema of a database beside that of a new one: the same whichever release made it, and each difference named."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.errors import StartError
from mock_server.store.database import APPLICATION_ID, open_database
from mock_server.store.schema_check import differences, foreign_code, schema_of
from mock_server.store.snapshot.foreign_database import fresh_schema, open_image

CHANGES = {
    "DROP TABLE bucket": "table bucket is missing",
    "CREATE TABLE more (x)": "table more is not known",
    "CREATE VIEW v AS SELECT 1": "view v is not known",
    "ALTER TABLE user DROP COLUMN name": "table user: column name is missing",
    "ALTER TABLE user ADD COLUMN x": "table user: column x is not known",
    "ALTER TABLE user ADD COLUMN x AS (1)": "table user: column x is not known",
    "DROP INDEX ix_bucket_tree": "index ix_bucket_tree is missing",
    "CREATE INDEX x ON user (name)": "index x is not known",
    "DROP TRIGGER grant_insert_is_seen": "trigger grant_insert_is_seen is missing",
}
REPLACED = {
    "user": (
        "CREATE TABLE user (id VARCHAR NOT NULL PRIMARY KEY, email VARCHAR NOT NULL, name VARCHAR NOT NULL, "
        "admin BOOLEAN NOT NULL, groups JSON NOT NULL)",
        "table user: its unique columns are others",
    ),
    "fault": ("CREATE TABLE fault (place INTEGER NOT NULL PRIMARY KEY, state JSON)", "column state has another type"),
    "block": (
        "CREATE TABLE block (number INTEGER NOT NULL, mark INTEGER NOT NULL CHECK (mark > 1), PRIMARY KEY (number))",
        "table block: its definition differs",
    ),
    "stale": ("CREATE TABLE stale (id VARCHAR NOT NULL PRIMARY KEY)", "table stale: its definition differs"),
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a new database."""
    open_database(tmp_path / "x.sqlite").close()
    connection = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize("version", [1, 5])
def test_a_database_that_was_brought_up_to_date_has_the_schema_of_a_new_one(tmp_path: Path, version: int) -> None:
    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / f"schema-{version}.sql").read_text())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    open_database(path).close()
    connection = sqlite3.connect(path)
    assert list(differences(schema_of(connection), fresh_schema())) == []
    assert list(foreign_code(schema_of(connection), fresh_schema())) == []
    connection.close()


@pytest.mark.parametrize("statement", CHANGES)
def test_what_differs_is_named(made: sqlite3.Connection, statement: str) -> None:
    made.execute(statement)
    assert next(differences(schema_of(made), fresh_schema())) == CHANGES[statement]


@pytest.mark.parametrize("table", REPLACED)
def test_a_table_of_the_same_columns_may_still_be_another(made: sqlite3.Connection, table: str) -> None:
    statement, reason = REPLACED[table]
    made.execute(f"DROP TABLE {table}")
    made.execute(statement)
    assert reason in next(differences(schema_of(made), fresh_schema()))


def test_triggers_are_refused_before_a_migration_sets_them_off(made: sqlite3.Connection, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    made.execute("INSERT INTO fault VALUES (1, '{}')")
    made.execute(f"CREATE TRIGGER t AFTER UPDATE ON computation BEGIN {endless}; END")
    made.execute("PRAGMA journal_mode = DELETE")
    made.execute("PRAGMA user_version = 5")
    made.close()
    with pytest.raises(StartError, match="the database in it is another one: trigger t is not known"):
        open_image(tmp_path / "x.sqlite")


def test_an_image_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="unable to open database file"):
        open_image(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
