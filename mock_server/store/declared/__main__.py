"""Writes `store.sql`: `python -m mock_server.store.declared > mock_server/store/sql.py`."""

import sys
from collections.abc import Iterable, Iterator

from sqlalchemy import JSON, Executable
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from mock_server.store.declared import statements

HEAD = '''"""The tables and the statements as SQL, written by `make sql` from `store.declared`; a test says when stale.

Building and compiling them takes longer than the rest of a start.
"""
# ruff: noqa: E501

from mock_server.store.statement import Statement
'''

DIALECT = dialect(paramstyle="named")


def module() -> str:
    """The text of `store.sql`."""
    named = {name: clause for name, clause in vars(statements).items() if isinstance(clause, Executable)}
    parts = [
        _tuple("TABLES", map(_text, _schema())),
        _tuple("PARTS", map(repr, _parts())),
        _tuple("JSON_COLUMNS", map(repr, _json_columns())),
        "".join(f"{name} = {_statement(clause)}\n" for name, clause in named.items() if name.isupper()),
    ]
    return "\n".join([HEAD, *parts])


def _tuple(name: str, values: Iterable[str]) -> str:
    lines = "".join(f"    {value},\n" for value in values)
    return f"{name} = (\n{lines})\n"


def _parts() -> Iterator[str]:
    """Kind and name of every table, column and index."""
    for table in SQLModel.metadata.tables.values():
        yield f"table {table.name}"
        yield from (f"column {table.name}.{column.name}" for column in table.columns)
        yield from sorted(f"index {index.name}" for index in table.indexes)


def _json_columns() -> Iterator[tuple[str, str, str]]:
    """Table and name of every column that holds JSON, and whether that is an object or an array."""
    for table in SQLModel.metadata.tables.values():
        stored = [column for column in table.columns if isinstance(column.type, JSON)]
        yield from ((table.name, column.name, column.info["kind"]) for column in stored)


def _statement(clause: Executable) -> str:
    compiled = clause.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    values = {key: value for key, value in (compiled.params or {}).items() if value is not None}
    return f"Statement({_text(str(compiled))}{f', {values!r}' if values else ''})"


def _schema() -> Iterator[str]:
    """What makes the tables with their indexes."""
    for table in SQLModel.metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=DIALECT))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=DIALECT))


def _text(sql: str) -> str:
    """SQL as Python writes text: in one line."""
    return repr(" ".join(sql.split()))


if __name__ == "__main__":
    sys.stdout.write(module())
