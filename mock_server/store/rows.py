"""The rows of tables as Python values: the way between them and the driver's tuples."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

from pydantic_core import from_json, to_json

from mock_server.domain.lifecycle import Plan
from mock_server.store.columns import Mark, columns, marked
from mock_server.store.database import Database
from mock_server.store.statement import Statement

R = TypeVar("R")


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
        self._in_order = itemgetter(*self._names)
        every, values = ", ".join(self._names), ", ".join("?" * len(self._names))
        found = f'FROM "{table}" WHERE {key}'
        self._select = Statement(f"SELECT {every} {found} = :key")
        self._select_named = Statement(f"SELECT {every} {found} IN (SELECT value FROM json_each(:keys))")  # noqa: S608
        self._insert = Statement(f'INSERT INTO "{table}" ({every}) VALUES ({values})')  # noqa: S608
        self._all = Statement(f'SELECT {every} FROM "{table}" ORDER BY rowid')  # noqa: S608
        self._delete = Statement(f"DELETE {found} = :key")

    def get(self, db: Database, key: str | int) -> R | None:
        """The row under `key`, or None."""
        values = db.one(self._select, {"key": key})
        return None if values is None else self._decode(db, values)

    def named(self, db: Database, keys: list[str]) -> list[R]:
        """The rows under `keys`, in that order; those that are not there are left out."""
        found = {values[self._key_at]: values for values in db.all(self._select_named, {"keys": dump(keys)})}
        return [self._decode(db, found[key]) for key in keys if key in found]

    def insert(self, db: Database, row: R, *, last: bool = False) -> None:
        """Add `row`; `last` says that nothing that can fail follows in the transaction."""
        db.insert(self._insert, self.encode(row), last=last)

    def insert_many(self, db: Database, rows: list[R]) -> None:
        """Add many rows."""
        db.insert_many(self._insert, [self.encode(row) for row in rows])

    def insert_stored(self, db: Database, rows: list[dict[str, Any]]) -> None:
        """Add many rows, each with its columns as they are stored."""
        db.insert_many(self._insert, [self._in_order(row) for row in rows])

    def stored(self, db: Database) -> list[dict[str, Any]]:
        """All rows in the order in which they were added, each with its columns as they are stored."""
        return [dict(zip(self._names, values, strict=True)) for values in db.all(self._all, {})]

    def each(self, db: Database) -> Iterator[R]:
        """All rows in the order in which they were added, one by one, however many there are."""
        return (self._decode(db, values) for values in db.each(self._all))

    def delete(self, db: Database, key: str | int) -> None:
        """Remove the row under `key`, if there is one."""
        db.write(self._delete, {"key": key})

    def query(self, db: Database, statement: Statement, values: Mapping[str, Any]) -> list[R]:
        """The rows that a `SELECT` of all the table's columns finds."""
        return [self._decode(db, row) for row in db.all(statement, values)]

    def _decode(self, db: Database, values: tuple[Any, ...]) -> R:
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

    def encode(self, row: R) -> tuple[Any, ...]:
        """The values to write for `row`, in the order of the columns."""
        fields = row.__dict__.copy()
        for name in self._json:
            fields[name] = dump(fields[name])
        for name in self._plans:
            fields[name] = write_plan(fields[name])
        values: tuple[Any, ...] = self._in_order(fields)
        return values


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
