"""Whether a database is sound: its pages, tables, indexes and JSON, and whether its file is still what it was."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

from mock_server.errors import UnavailableError
from mock_server.store import sql
from mock_server.store.migrations import SEARCH_INDEX

SMALL_BYTES = 4 * 1024**2
"""Up to which size a database is checked as a whole when it is opened: that takes 16 ms at most. One of 100,000 data
assets (240 MB) takes a second.
"""

READ_AT_START = ("world", "user", "token", "scenario", "fault", "bucket")
"""The tables that are checked when a larger one is opened: a start reads them, and they are small."""

_MADE = re.compile(r"CREATE (?:VIRTUAL )?(TABLE|TRIGGER) (\w+)")

_SHADOWS = ("term_config", "term_data", "term_idx")
"""What FTS5 keeps the table `term` in."""

_THERE = """
    SELECT type || ' ' || name FROM sqlite_schema
    UNION ALL SELECT 'column ' || t.name || '.' || c.name
    FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'
"""


_JSON_KINDS = {(table, column): kind for table, column, kind in sql.JSON_COLUMNS}
_JSON = "typeof(?) <> 'text' OR CASE json_valid(?) WHEN 1 THEN json_type(?) <> '{kind}' ELSE 1 END"
_VALUES = {
    "INTEGER": ("typeof(?) <> 'integer'", "not a whole number"),
    "BOOLEAN": ("? NOT IN (0, 1)", "neither 0 nor 1"),
    "FLOAT": ("typeof(?) NOT IN ('real', 'integer') OR abs(?) = 9e999", "not a number"),
    "VARCHAR": ("typeof(?) <> 'text'", "not text"),
}
"""By the declared type of a column: the condition that a value `?` is wrong, and what it is not."""


def page_damage(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the pages of a database, or None; everything is read."""
    return _first(connection, "quick_check")


def damage_at_start(connection: sqlite3.Connection) -> str | None:
    """What is wrong with a database, or None: all of a small one, of others what a start reads."""
    if is_small(connection):
        return damage_of(connection, None)
    there = tables(connection)
    found = (damage_of(connection, table) for table in READ_AT_START if table in there)
    return next(filter(None, found), None)


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of all tables."""
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]


def missing(connection: sqlite3.Connection) -> str | None:
    """The first table, column, index or trigger that ought to be there and is not, or None."""
    there = {name for (name,) in connection.execute(_THERE)}
    # A table that is missing has taken all that belongs to it along.
    lacking = sorted(_needed() - there, key=lambda name: (not name.startswith("table"), name))
    return f"the {lacking[0]} is missing" if lacking else None


@cache
def _needed() -> frozenset[str]:
    made = (found for found in map(_MADE.match, SEARCH_INDEX) if found is not None)
    names = {f"{found[1].lower()} {found[2]}" for found in made} | {f"table {name}" for name in _SHADOWS}
    return frozenset(names.union(sql.PARTS))


def is_small(connection: sqlite3.Connection) -> bool:
    """Whether a database takes no time to be checked as a whole."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return bool(pages * size <= SMALL_BYTES)


def damage_of(connection: sqlite3.Connection, table: str | None) -> str | None:
    """What is wrong with a table and its indexes, with all of them when it is None."""
    found = _first(connection, f"integrity_check('{table}')" if table else "integrity_check")
    each = [table] if table else tables(connection)
    return found or next(filter(None, (_wrong_value(connection, one) for one in each)), None)


def _first(connection: sqlite3.Connection, check: str) -> str | None:
    (verdict,) = connection.execute(f"PRAGMA {check}").fetchone()
    return None if verdict == "ok" else " ".join(str(verdict).replace("*** in database main ***", "").split())


def _wrong_value(connection: sqlite3.Connection, table: str) -> str | None:
    """A column of a table with a value that is not of its type. SQLite keeps neither checksums nor what a type demands:
    what flips or is written inside a value shows only where that has a form to keep.
    """
    found = list(_forms(connection, table))
    if not found:
        return None
    wrong = " OR ".join(test for test, _ in found)
    reasons = " ".join(f"WHEN {test} THEN '{reason}'" for test, reason in found)
    query = f'SELECT CASE {reasons} END FROM "{table}" WHERE {wrong} LIMIT 1'  # noqa: S608 - names of the schema
    row = connection.execute(query).fetchone()
    return f"the column {table}.{row[0]}" if row else None


def _forms(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, str]]:
    """For each column the condition that a value is wrong, and what is told of it then."""
    for name, declared in connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)):
        # A database of an earlier release has columns that this one does not know.
        kind = _JSON_KINDS.get((table, name))
        test, reason = (_JSON.format(kind=kind), f"not a JSON {kind}") if kind else _VALUES.get(declared, ("", ""))
        if test:
            column = f'"{name}"'
            yield f"{column} IS NOT NULL AND ({test.replace('?', column)})", f"{name} holds what is {reason}"


def refuse_unsound(path: Path) -> None:
    """Raise `UnavailableError`, with the reason, when the database at `path` or its directory cannot be used."""
    _write_beside(path)
    _read_from_disk(path)


def _write_beside(path: Path) -> None:
    """What SQLite has open it can write still when the directory cannot be written, or a full disk has a little room
    in the log.
    """
    try:
        with TemporaryFile(dir=path.parent) as probe:
            probe.write(b"probe")
            probe.flush()
    except OSError as problem:
        raise UnavailableError(f"the data directory cannot be written: {problem.strerror}") from problem


def _read_from_disk(path: Path) -> None:
    """An open connection goes on with what it remembers. This one remembers nothing, and looks past the log.

    It is SQLite that opens the file: closing it here would take away the locks that SQLite has on it.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
    except sqlite3.Error as problem:
        raise UnavailableError(f"the database {path.name} is damaged: {problem}") from problem
    if pages == 0:
        raise UnavailableError(f"the database {path.name} is damaged: it is empty")
