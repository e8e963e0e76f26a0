"""Goes through a world row by row."""

from pydantic import ValidationError

from mock_server.input_errors.words import with_place
from mock_server.store import queries, scenarios
from mock_server.store import table_rows as stored
from mock_server.store.database import Database
from mock_server.world_check.rows import ROWS

LONGEST = 100
"""How much of what is wrong is repeated."""


class UnsoundWorldError(Exception):
    """A world that this server could not have made; the text names table, row and reason in one line."""


def refuse_unsound(db: Database) -> None:
    """Raise `UnsoundWorldError` for the first row that cannot be."""
    for table in ROWS:
        _check_table(db, table)
    if queries.WORLD.get(db, queries.WORLD_ID) is None:
        raise UnsoundWorldError("there is no world in it")
    renumberings = stored.count(db, "moves")
    if renumberings != 1:
        raise UnsoundWorldError(_line("moves", "", "stands twice" if renumberings else "is missing"))
    for found in stored.dangling(db):
        reason = f"{found.column} is {_short(found.target)}, which does not exist"
        raise UnsoundWorldError(_line(found.table, found.row, reason))
    missing = stored.not_indexed(db)
    if missing is not None:
        raise UnsoundWorldError(_line("entry", missing, "is missing"))
    _check_scenarios(db)


def _check_table(db: Database, table: str) -> None:
    for rows in stored.of_table(db, table):
        try:
            ROWS[table].validate_python(rows)
        except ValidationError as problem:
            error = problem.errors(include_url=False)[0]
            at, *place = error["loc"]
            row = rows[int(at)]
            reason = with_place({**error, "loc": place})
            raise UnsoundWorldError(_line(table, stored.key_of(db, table, row), reason)) from None


def _check_scenarios(db: Database) -> None:
    """Read the scenarios as a world does: each may differ from one that stands before it."""
    for row in scenarios.stored(db):
        if (row.spec["name"], row.spec.get("kind", "computation")) != (row.name, row.kind):
            raise UnsoundWorldError(_line("scenario", row.name, "spec: is of another scenario"))
    try:
        scenarios.loaded(db)
    except LookupError as problem:
        raise UnsoundWorldError(_line("scenario", "", f"refers to {_short(problem)}, which does not exist")) from None


def _line(table: str, row: object, reason: str) -> str:
    where = f"table {table}, row {_short(row)}" if row != "" else f"table {table}"
    return f"{where}: {reason}"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
