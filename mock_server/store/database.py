"""One SQLite connection.

Statements are made with SQLAlchemy Core before the release (`store.declared`) and run on the driver itself: building
and compiling them costs more than running them. There is no thread hop and no session; nothing may be awaited inside a
transaction.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mock_server.errors import DamagedAtStartError, StartError, UnavailableError
from mock_server.store import sql
from mock_server.store.condition import is_damage
from mock_server.store.index import writer
from mock_server.store.integrity import damage_at_start, missing, page_damage, refuse_unsound
from mock_server.store.migrations import SEARCH_INDEX, STEPS
from mock_server.store.statement import Statement
from mock_server.store.stored_files import StoredFiles
from mock_server.store.transactions import Transactions

APPLICATION_ID = 0x434F4D4B
"""Marks a database file as ours ("COMK")."""

SCHEMA_VERSION = 10

FILES_NAME = "files"
"""The folder beside the database in which its files lie."""

BUSY_TIMEOUT_MS = 5000

CHECKPOINT_PAGES = 8000
"""How long the write-ahead log grows (32 MB) before it is folded back, which waits for the disk."""

CACHE_KIB = 16_000
"""How much of the file is kept at hand: searches read here and there."""

NO_VALUES: dict[str, Any] = {}


_STAMP = Statement(f"PRAGMA user_version = {SCHEMA_VERSION}")


class Database(Transactions):
    """One connection and what is run on it. `files` are those that lie beside it, `unreferred` of these are perhaps not
    wanted any more.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None, files: Path | None = None) -> None:
        super().__init__(connection, path)
        self.files = StoredFiles(files)
        self.unreferred: set[str] = set()

    def one(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row, or None."""
        # Without `with`, here on the way of every request: a context manager costs a fifth of the read.
        if statement.values:
            values = {**statement.values, **values}
        if statement.changes is not None:
            self._is_to_change(statement.changes)
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

    def insert(self, statement: Statement, row: tuple[Any, ...], *, last: bool = False) -> None:
        """Add a row, given as its values in the order of the columns. After the `last` change of a transaction nothing
        may follow in it that can fail: it might take its group with it.
        """
        self._is_to_change(statement.changes, last=last)
        self._execute(statement.sql, row)

    def insert_many(self, statement: Statement, rows: list[tuple[Any, ...]]) -> None:
        """Add many rows, as `insert` does."""
        self._is_to_change(statement.changes)
        with self.condition:
            self._connection.executemany(statement.sql, rows)

    def _run(self, statement: Statement, values: Mapping[str, Any]) -> sqlite3.Cursor:
        if statement.changes is not None:
            self._is_to_change(statement.changes)
        with self.condition:
            return self._connection.execute(statement.sql, {**statement.values, **values})

    def unindexed(self) -> list[str]:
        """The ids of all objects that have changed since the search index was brought up to date, oldest first."""
        with self.condition:
            return writer.stale(self._connection)

    def index(self, ids: list[str]) -> None:
        """Bring the entries of these objects in the search index up to date; call it in a transaction, with ids in the
        order of `unindexed`. It does not count as a change: nobody sees another world then.
        """
        self._is_to_change("entry")
        before = self._connection.total_changes
        with self.condition:
            writer.update(self._connection, ids)
        self._unseen += self._connection.total_changes - before

    def index_all(self) -> None:
        """Bring the whole search index up to date at once; call it in a transaction."""
        self.index(self.unindexed())

    def check(self) -> None:
        """Write what is there already. Raises `UnavailableError` when that cannot be done, or would be in vain."""
        with self.transaction():
            if self._path is not None:
                refuse_unsound(self._path)
            # SQLite leaves out an UPDATE that changes nothing; this it writes.
            self.write(_STAMP, NO_VALUES)
        self.flush()

    @property
    def is_file(self) -> bool:
        """Whether it is kept on a disk."""
        return self._path is not None

    def copy_to(self, other: "Database") -> None:
        """Put everything that is here into the place of everything that is in `other`: all of it, or nothing.

        What was wrong with `other` is gone then.
        """
        self.condition.refuse_damaged()
        self.flush()
        with suppress(UnavailableError):
            # It is replaced: nobody needs what cannot be kept, and those who wait are told.
            other.flush()
        other.refuse_when_gone()
        with other.condition:
            self._connection.backup(other._connection)
            # A file that was cut off is whole again only then.
            other._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        other.condition.replace()
        other._upsets += 1

    def as_it_is(self) -> "Database":
        """Everything that is here now, with its files, to be read and closed: a thread may do so while this one goes
        on. What is on a disk is not copied. Raises `UnavailableError`.
        """
        if self._path is None:
            now = blank_database()
            self.copy_to(now)
        else:
            self.condition.refuse_damaged()
            self.flush()
            with self.condition:
                now = Database(connect(f"{self._path.absolute().as_uri()}?mode=ro"))
        try:
            with now.condition:
                # From the first read on, a transaction sees nothing that others write.
                now._connection.execute("BEGIN")
                names = {sha256 for (sha256,) in now._connection.execute(sql.FILES_REFERRED_TO.sql)}
            now.files.take(self.files, names)
        except BaseException:
            now.close()
            raise
        return now

    def verify(self) -> None:
        """Raise `DamagedError` when a page is damaged; it reads everything."""
        with self.condition:
            found = page_damage(self._connection)
        if found is not None:
            raise self.condition.damaged(found)

    def image(self) -> bytes:
        """The whole content, as the bytes of a database file that is not in WAL mode."""
        self.flush()
        with self.condition:
            content = self._connection.serialize()
        return content[:18] + b"\x01\x01" + content[20:]

    def close(self) -> None:
        """Fold the write-ahead log back and close. A group that cannot be kept is lost, and those who wait are told."""
        self.condition.is_closed = True
        with suppress(UnavailableError):
            self.flush()
        self._connection.close()
        self.files.close()


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
    return Database(connection, path, path.parent / FILES_NAME if path else None)


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


def make_tables(connection: sqlite3.Connection, path: Path | None = None) -> None:
    """Make the tables when there are none, and change those of an earlier release; of two servers that start at once,
    one does. The search index is brought up to date when it is used. Raises `DamagedAtStartError` when the file at
    `path` lacks anything then; it is left as it was.
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
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
