"""One SQLite connection, and the rows of its tables.

Statements are made with SQLAlchemy Core before the release (`store.declared`) and run on the driver itself: building
and compiling them costs more than running them. There is no thread hop and no session; nothing may be awaited inside a
transaction.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic_core import from_json, to_json

from mock_server.domain.lifecycle import Plan
from mock_server.errors import DamagedAtStartError, StartError, UnavailableError
from mock_server.store import sql
from mock_server.store.columns import Mark, columns, marked
from mock_server.store.condition import Condition, is_damage
from mock_server.store.index import writer
from mock_server.store.integrity import damage_at_start, missing, page_damage, refuse_unsound
from mock_server.store.migrations import SEARCH_INDEX, STEPS
from mock_server.store.statement import Statement

APPLICATION_ID = 0x434F4D4B
"""Marks a database file as ours ("COMK")."""

SCHEMA_VERSION = 7

BUSY_TIMEOUT_MS = 5000

CHECKPOINT_PAGES = 8000
"""How long the write-ahead log grows (32 MB) before it is folded back, which waits for the disk."""

CACHE_KIB = 16_000
"""How much of the file is kept at hand: searches read here and there."""

R = TypeVar("R")

NO_VALUES: dict[str, Any] = {}


_DATA_VERSION = Statement("PRAGMA data_version")
_STAMP = Statement(f"PRAGMA user_version = {SCHEMA_VERSION}")


class Rows(Generic[R]):
    """The rows of one table: the way between them and the driver's tuples, and what every table is asked.

    `key` names the column that rows are found by.
    """

    def __init__(self, row: type[R], table: str, key: str = "id") -> None:
        self._row = row
        self.table = table
        types = columns(row)
        self._names = list(types)
        self._flags = [name for name, kind in types.items() if kind is bool]
        self._plans = marked(row, Mark.PLAN)
        self._json = marked(row, Mark.JSON)
        self._key_at = self._names.index(key)
        every, values = ", ".join(self._names), ", ".join(f":{name}" for name in self._names)
        found = f'FROM "{table}" WHERE {key}'
        self._select = Statement(f"SELECT {every} {found} = :key")
        self._select_named = Statement(f"SELECT {every} {found} IN (SELECT value FROM json_each(:keys))")  # noqa: S608
        self._insert = Statement(f'INSERT INTO "{table}" ({every}) VALUES ({values})')  # noqa: S608
        self._all = Statement(f'SELECT {every} FROM "{table}" ORDER BY rowid')  # noqa: S608
        self._delete = Statement(f"DELETE {found} = :key")

    def get(self, db: "Database", key: str | int) -> R | None:
        """The row under `key`, or None."""
        values = db.one(self._select, {"key": key})
        return None if values is None else self._decode(db, values)

    def named(self, db: "Database", keys: list[str]) -> list[R]:
        """The rows under `keys`, in that order; those that are not there are left out."""
        found = {values[self._key_at]: values for values in db.all(self._select_named, {"keys": dump(keys)})}
        return [self._decode(db, found[key]) for key in keys if key in found]

    def insert(self, db: "Database", row: R) -> None:
        """Add `row`."""
        db.write(self._insert, self.encode(row))

    def insert_many(self, db: "Database", rows: list[R]) -> None:
        """Add many rows."""
        db.write_many(self._insert, [self.encode(row) for row in rows])

    def insert_stored(self, db: "Database", rows: list[dict[str, Any]]) -> None:
        """Add many rows, each with its columns as they are stored."""
        db.write_many(self._insert, rows)

    def stored(self, db: "Database") -> list[dict[str, Any]]:
        """All rows in the order in which they were added, each with its columns as they are stored."""
        return [dict(zip(self._names, values, strict=True)) for values in db.all(self._all, {})]

    def delete(self, db: "Database", key: str | int) -> None:
        """Remove the row under `key`, if there is one."""
        db.write(self._delete, {"key": key})

    def query(self, db: "Database", statement: Statement, values: Mapping[str, Any]) -> list[R]:
        """The rows that a `SELECT` of all the table's columns finds."""
        return [self._decode(db, row) for row in db.all(statement, values)]

    def _decode(self, db: "Database", values: tuple[Any, ...]) -> R:
        """The row that the driver gave as a tuple of all columns."""
        try:
            fields = dict(zip(self._names, values, strict=True))
            for name in self._json:
                fields[name] = from_json(fields[name])
            for name in self._plans:
                fields[name] = read_plan(fields[name])
        except (LookupError, TypeError, ValueError) as problem:
            raise db.condition.damaged(f"a row of the table {self.table} cannot be read") from problem
        for name in self._flags:
            fields[name] = bool(fields[name])
        # What is in the table was checked when it was written; checking it again costs more than reading it.
        row: R = self._row.__new__(self._row)
        row.__dict__.update(fields)
        return row

    def encode(self, row: R) -> dict[str, Any]:
        """The values to write for `row`."""
        fields = dict(row.__dict__)
        for name in self._json:
            fields[name] = dump(fields[name])
        for name in self._plans:
            fields[name] = write_plan(fields[name])
        return fields


def dump(value: Any) -> str:
    """JSON as it stands in a column."""
    return to_json(value).decode()


@lru_cache(maxsize=4096)
def read_plan(stored: str) -> Plan:
    """The plan in a column. What is polled is polled again, and plans cannot be changed."""
    return Plan.from_json(from_json(stored))


def write_plan(plan: Plan) -> str:
    """A plan as it stands in a column."""
    return dump(plan.to_json())


class Database:
    """One connection in autocommit mode; `transaction` groups writes. `condition` is what is known of its soundness."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._connection = connection
        self._path = path
        self.condition = Condition(f"the database {path.name}" if path else "the database in memory")
        self._inode = path.stat().st_ino if path else 0

    def one(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row, or None."""
        # Without `with`, here on the way of every request: a context manager costs a fifth of the read.
        if statement.values:
            values = {**statement.values, **values}
        try:
            row: tuple[Any, ...] | None = self._connection.execute(statement.sql, values).fetchone()
        except sqlite3.DatabaseError as problem:
            self.condition.translate(problem)
            raise
        return row

    def all(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows."""
        with self.condition:
            return self._run(statement, values).fetchall()

    def each(self, statement: Statement) -> Iterator[tuple[Any, ...]]:
        """All rows, one by one, however large the table is."""
        with self.condition:
            yield from self._run(statement, NO_VALUES)

    def write(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Run a statement that changes something; how many rows it touched."""
        return self._run(statement, values).rowcount

    def write_many(self, statement: Statement, values: list[dict[str, Any]]) -> None:
        """Run a statement once for each of `values`."""
        with self.condition:
            self._connection.executemany(statement.sql, [statement.values | each for each in values])

    def _run(self, statement: Statement, values: Mapping[str, Any]) -> sqlite3.Cursor:
        with self.condition:
            return self._connection.execute(statement.sql, {**statement.values, **values})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none; durable when the block is left."""
        self.condition.refuse_damaged()
        self._refuse_when_gone()
        with self.condition:
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self.condition:
                writer.catch_up(self._connection)
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise

    def _refuse_when_gone(self) -> None:
        """A file that was removed can still be written, and is lost when the server stops."""
        if self._path is None:
            return
        try:
            there = self._path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise UnavailableError(f"the database {self._path.name} has been removed or replaced under the server")

    def check(self) -> None:
        """Write what is there already. Raises `UnavailableError` when that cannot be done, or would be in vain."""
        with self.transaction():
            if self._path is not None:
                refuse_unsound(self._path)
            # SQLite leaves out an UPDATE that changes nothing; this it writes.
            self.write(_STAMP, NO_VALUES)

    @property
    def is_file(self) -> bool:
        """Whether it is kept on a disk."""
        return self._path is not None

    def version(self) -> int:
        """A number that changes when another process has changed the database."""
        row = self.one(_DATA_VERSION, NO_VALUES)
        return int(row[0]) if row else 0

    @property
    def changes(self) -> int:
        """A number that changes when this connection changes the database."""
        return self._connection.total_changes

    def copy_to(self, other: "Database") -> None:
        """Put everything that is here into the place of everything that is in `other`: all of it, or nothing.

        What was wrong with `other` is gone then.
        """
        self.condition.refuse_damaged()
        other._refuse_when_gone()
        with other.condition:
            self._connection.backup(other._connection)
            # A file that was cut off is whole again only then.
            other._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        other.condition.replace()

    def verify(self) -> None:
        """Raise `DamagedError` when a page is damaged; it reads everything."""
        with self.condition:
            found = page_damage(self._connection)
        if found is not None:
            raise self.condition.damaged(found)

    def image(self) -> bytes:
        """The whole content, as the bytes of a database file that is not in WAL mode."""
        with self.condition:
            content = self._connection.serialize()
        return content[:18] + b"\x01\x01" + content[20:]

    def close(self) -> None:
        """Fold the write-ahead log back and close."""
        self.condition.is_closed = True
        self._connection.close()


def open_database(path: Path | None) -> Database:
    """The database at `path` (in memory when None), with its tables; made when it is not there, brought up to date
    when an earlier release made it.

    Raises `StartError` when the file cannot be used or is not one of ours.
    """
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path)
    except (OSError, sqlite3.Error) as problem:
        raise StartError(f"cannot use {path} as a database: {problem}") from problem
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        refuse_others(connection, path)
        found = damage_at_start(connection) if path else None
        if found is not None:
            raise _damaged(path, found)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        make_tables(connection, path)
    except sqlite3.Error as problem:
        connection.close()
        if is_damage(problem):
            raise _damaged(path, problem) from problem
        raise StartError(f"cannot use {path} as a database: {problem}") from problem
    except BaseException:
        connection.close()
        raise
    return Database(connection, path)


def _damaged(path: Path | None, reason: object) -> DamagedAtStartError:
    return DamagedAtStartError(f"cannot use {path} as a database: it is damaged: {reason}")


def blank_database() -> Database:
    """A database in memory without any tables, for `copy_to`."""
    return Database(connect(None))


def connect(path: Path | str | None) -> sqlite3.Connection:
    """Connect to a file, by its path or as a URI says; to a database in memory when it is None."""
    connection = sqlite3.connect(
        path or ":memory:",
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        uri=isinstance(path, str),
    )
    # SQLite's own lower() knows ASCII alone.
    connection.create_function("lower", 1, str.lower, deterministic=True)
    return connection


def refuse_others(connection: sqlite3.Connection, what: object) -> None:
    """Raise `StartError` for a database that is not ours, before anything in it is changed."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and owner != APPLICATION_ID:
        raise StartError(f"{what} holds another program's data")
    if tables and not 1 <= version <= SCHEMA_VERSION:
        raise StartError(f"{what} holds schema version {version}; this release reads 1 to {SCHEMA_VERSION}")


def make_tables(connection: sqlite3.Connection, path: Path | None = None, *, catch_up: bool = True) -> None:
    """Make the tables when there are none, and change those of an earlier release, with their search index or without;
    of two servers that start at once, one does. Raises `DamagedAtStartError` when the file at `path` lacks anything
    then; it is left as it was.
    """
    connection.execute("BEGIN IMMEDIATE")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for statement in () if tables else (*sql.TABLES, *SEARCH_INDEX):
        connection.execute(statement)
    for step in STEPS[version - 1 :] if tables else ():
        for statement in step:
            connection.execute(statement)
    found = missing(connection) if path else None
    if found is not None:
        raise _damaged(path, found)
    if catch_up:
        writer.catch_up(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
