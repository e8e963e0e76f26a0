"""All rows of a world as they are stored, and those that refer to rows that do not exist."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mock_server.store.database import NO_VALUES, Database
from mock_server.store.statement import Statement

AT_ONCE = 500
"""How many rows are looked at together."""

SIZE_AT_ONCE = 16 * 1024**2
"""How much text is, unless one row alone has more."""

_OBJECTS = "SELECT id FROM dataasset UNION ALL SELECT id FROM capsule"
_TREES = "SELECT hash FROM tree UNION ALL SELECT ''"
_REFERENCES = (
    ("token", "token", "user_id", "SELECT id FROM user"),
    ("capsule", "id", "owner", "SELECT id FROM user"),
    ("capsule", "id", "tree", _TREES),
    ("dataasset", "id", "owner", "SELECT id FROM user"),
    ("dataasset", "id", "tree", _TREES),
    ("computation", "id", "owner", "SELECT id FROM user"),
    ("computation", "id", "capsule_id", "SELECT id FROM capsule"),
    ("computation", "id", "tree", _TREES),
    ("driven", "id", "id", "SELECT id FROM computation"),
    ("bucket", "name", "tree", _TREES),
    ("scenario", "name", "tree", _TREES),
    ('"grant"', "entity_id", "entity_id", _OBJECTS),
    ("favorite", "entity_id", "entity_id", _OBJECTS),
    ("favorite", "entity_id", "user_id", "SELECT id FROM user"),
    ("entry", "id", "id", f"{_OBJECTS} UNION ALL SELECT id FROM stale"),  # noqa: S608
)
"""Table, the column that names a row, the column that refers to another row, and all that it may hold."""

_dangling = tuple(
    (
        table.strip('"'),
        column,
        Statement(f"SELECT {key}, {column} FROM {table} WHERE {column} NOT IN ({known}) LIMIT 1"),  # noqa: S608
    )
    for table, key, column, known in _REFERENCES
)
_dangling_attachments = Statement("""
    SELECT capsule.id, value ->> 'id' FROM capsule, json_each(attached)
    WHERE value ->> 'id' NOT IN (SELECT id FROM dataasset) LIMIT 1
""")
_not_indexed = Statement(f"""
    SELECT id FROM ({_OBJECTS}) WHERE id NOT IN (SELECT id FROM entry UNION ALL SELECT id FROM stale) LIMIT 1
""")  # noqa: S608
_columns = Statement("SELECT name, pk FROM pragma_table_info(:table)")


class Dangling(NamedTuple):
    """A row that refers to one that does not exist."""

    table: str
    row: Any
    column: str
    target: Any


def of_table(db: Database, table: str) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time, each with its columns as they are stored."""
    names = [name for name, _ in db.all(_columns, {"table": table})]
    columns = ", ".join(f'"{name}"' for name in names)
    every = Statement(f'SELECT {columns} FROM "{table}"')  # noqa: S608
    rows: list[dict[str, Any]] = []
    size = 0
    for row in db.each(every):
        rows.append(dict(zip(names, row, strict=True)))
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == AT_ONCE or size > SIZE_AT_ONCE:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def count(db: Database, table: str) -> int:
    """How many rows a table has."""
    found = db.one(Statement(f'SELECT count(*) FROM "{table}"'), NO_VALUES)  # noqa: S608
    return int(found[0]) if found else 0


def key_of(db: Database, table: str, row: dict[str, Any]) -> str:
    """What names a row of a table."""
    return " ".join(str(row[name]) for name, place in db.all(_columns, {"table": table}) if place)


def dangling(db: Database) -> Iterator[Dangling]:
    """Rows that refer to others that do not exist, the first of each kind."""
    statements = (*_dangling, ("capsule", "attached", _dangling_attachments))
    for table, column, statement in statements:
        found = db.one(statement, NO_VALUES)
        if found is not None:
            yield Dangling(table, found[0], column, found[1])


def not_indexed(db: Database) -> str | None:
    """The id of an object that searches cannot find, as it is not in their index; None when all are."""
    found = db.one(_not_indexed, NO_VALUES)
    return None if found is None else str(found[0])
