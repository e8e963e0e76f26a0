"""Whether the schema of a database is that of another one, such as a freshly made one."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_WORD = re.compile(r"\w+|[^\w\s]")

_OF_MIGRATIONS = frozenset(["DEFAULT", "0", "'", "{", "}"])
"""What stands in the definition of a table to which a migration has added columns, and in no other."""

_QUOTES = re.compile(r'["`\[\]]')


class Table(NamedTuple):
    """A table: its columns by name, each with its type and whether it takes NULL and is part of the key; the columns of
    its unnamed indexes; and the words of its definition.
    """

    columns: dict[str, tuple[object, ...]]
    unnamed_indexes: frozenset[tuple[object, ...]]
    words: frozenset[str]
    is_virtual: bool


class Schema(NamedTuple):
    """The tables of a database by name, and the definitions of all indexes, triggers and views by kind and name."""

    tables: dict[str, Table]
    others: dict[tuple[str, str], str]


def schema_of(connection: sqlite3.Connection) -> Schema:
    """The schema of an open database. Raises `sqlite3.Error` when it cannot be read."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite#_%' ESCAPE '#'")
    tables, others = {}, {}
    for kind, name, sql in rows.fetchall():
        if kind == "table":
            tables[str(name)] = _table(connection, str(name), str(sql))
        else:
            others[(str(kind), str(name))] = " ".join(_WORD.findall(_QUOTES.sub(" ", str(sql))))
    return Schema(tables, others)


def _table(connection: sqlite3.Connection, name: str, sql: str) -> Table:
    words = _WORD.findall(_QUOTES.sub(" ", sql))
    is_virtual = [word.upper() for word in words[:2]] == ["CREATE", "VIRTUAL"]
    columns = connection.execute("SELECT name, type, [notnull], pk, hidden FROM pragma_table_xinfo(?)", (name,))
    unnamed = connection.execute(
        "SELECT name, [unique], origin, partial FROM pragma_index_list(?) WHERE origin != 'c'", (name,)
    )
    indexes = frozenset(
        (*rest, *(column for (column,) in connection.execute("SELECT name FROM pragma_index_info(?)", (index,))))
        for index, *rest in unnamed.fetchall()
    )
    return Table({column[0]: column[1:] for column in columns}, indexes, frozenset(words), is_virtual)


def foreign_code(found: Schema, expected: Schema) -> Iterator[str]:
    """The triggers and views of a schema that are not exactly those that are expected, a line each: what they do runs
    with every change of a row.
    """
    for key, definition in found.others.items():
        if key[0] != "index" and expected.others.get(key) != definition:
            yield f"{key[0]} {key[1]} {'differs' if key in expected.others else 'is not known'}"


def differences(found: Schema, expected: Schema) -> Iterator[str]:
    """How a schema differs from what is expected, a line for each table, column, index, trigger or view."""
    yield from _missing_and_unknown("table", found.tables, expected.tables)
    for name in sorted(found.tables.keys() & expected.tables.keys()):
        yield from _of_table(name, found.tables[name], expected.tables[name])
    for key in sorted(found.others.keys() | expected.others.keys()):
        if key not in found.others:
            yield f"{key[0]} {key[1]} is missing"
        elif key not in expected.others:
            yield f"{key[0]} {key[1]} is not known"
        elif found.others[key] != expected.others[key]:
            yield f"{key[0]} {key[1]} differs"


def _of_table(name: str, found: Table, expected: Table) -> Iterator[str]:
    yield from _missing_and_unknown(f"table {name}: column", found.columns, expected.columns)
    for column in sorted(found.columns.keys() & expected.columns.keys()):
        if found.columns[column] != expected.columns[column]:
            yield f"table {name}: column {column} has another type"
    if found.unnamed_indexes != expected.unnamed_indexes:
        yield f"table {name}: its unique columns are others"
    if (found.words ^ expected.words) - _OF_MIGRATIONS or found.is_virtual != expected.is_virtual:
        yield f"table {name}: its definition differs"


def _missing_and_unknown(what: str, found: Mapping[str, object], expected: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{what} {name} is missing" for name in sorted(expected.keys() - found.keys()))
    yield from (f"{what} {name} is not known" for name in sorted(found.keys() - expected.keys()))
