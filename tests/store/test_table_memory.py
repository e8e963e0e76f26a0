"""What is remembered of a table is what is in the table, whoever changes it and however that ends."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.store import queries
from mock_server.store.database import Database, open_database
from mock_server.store.schema import GrantRow
from mock_server.store.table_memory import KEPT, TableMemory
from tests.store.test_commit_groups import full_disk

SUBJECT = "everyone"
KEYS = ("one", "two", "three")


def role(db: Database, key: str) -> int | None:
    return queries.granted_role(db, key, [SUBJECT]) or None


def put(db: Database, key: str, value: int) -> None:
    """Give a role, 0 for none."""
    queries.GRANTS.delete(db, key)
    if value:
        queries.GRANTS.insert(db, GrantRow(entity_id=key, subject=SUBJECT, role=value))


class Checked:
    """A database, another connection to it, and a memory that is looked into after every step."""

    def __init__(self, path: Path) -> None:
        self.db, self.other = open_database(path), open_database(path)
        self.db.groups_commits = True
        self.memory = TableMemory[str, int](self.db, queries.GRANTS.table, make=lambda key: role(self.db, key))

    def look(self) -> None:
        for key in KEYS:
            assert self.memory.get(key) == role(self.db, key)

    async def do(self, step: str, key: str, value: int) -> None:
        match step:
            case "write":
                with self.db.transaction():
                    put(self.db, key, value)
                    self.look()
            case "fail":
                with suppress(LookupError), self.db.transaction():
                    put(self.db, key, value)
                    self.look()
                    raise LookupError
            case "clash":
                # SQLite rolls everything back by itself.
                with suppress(sqlite3.IntegrityError), self.db.transaction():
                    put(self.db, key, 1)
                    self.look()
                    self.db._connection.execute('INSERT OR ROLLBACK INTO "grant" SELECT * FROM "grant"')
            case "write without a transaction":
                put(self.db, key, value)
            case "turn":
                await asyncio.sleep(0)
            case "lose":
                with full_disk(self.db):
                    await asyncio.sleep(0)
            case "another":
                self.db.flush()
                with self.other.transaction():
                    put(self.other, key, value)
            case "replace":
                self.other.copy_to(self.db)

    def close(self) -> None:
        self.db.close()
        self.other.close()


STEPS = st.sampled_from(["write", "fail", "clash", "write without a transaction", "turn", "lose", "another", "replace"])


@pytest.mark.slow
@settings(max_examples=150)
@given(st.lists(st.tuples(STEPS, st.sampled_from(KEYS), st.integers(0, 4)), min_size=4, max_size=30))
def test_nothing_that_is_remembered_is_stale(tmp_path_factory: Any, steps: list[tuple[str, str, int]]) -> None:
    async def main(checked: Checked) -> None:
        for step in steps:
            await checked.do(*step)
            checked.look()
        await asyncio.sleep(0)
        checked.look()

    with closing(Checked(tmp_path_factory.mktemp("memory") / "x.sqlite")) as checked:
        asyncio.run(main(checked))


@pytest.fixture
def db() -> Iterator[Database]:
    with closing(open_database(None)) as opened:
        yield opened


def test_rows_are_read_once_until_the_table_is_changed(db: Database) -> None:
    read = []

    def make(key: str) -> int | None:
        read.append(key)
        return role(db, key)

    put(db, "one", 3)
    memory = TableMemory[str, int](db, queries.GRANTS.table, make=make)
    assert [memory.get("one") for _ in range(5)] == [3] * 5
    queries.FAVORITES.delete(db, "one")
    assert memory.get("one") == 3
    assert read == ["one"]
    put(db, "two", 1)
    assert memory.get("one") == 3
    assert read == ["one", "one"]


def test_a_memory_does_not_grow_without_end(db: Database) -> None:
    memory = TableMemory[int, int](db, queries.GRANTS.table, make=lambda key: key)
    for key in range(1, 5 * KEPT):
        assert memory.get(key) == key
        assert len(memory._kept) <= KEPT + 1
