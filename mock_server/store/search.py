"""Searches as SQL: one `SELECT` for a page, one for the total."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.schema import Table

from mock_server.domain.access import Role
from mock_server.domain.search import Wanted
from mock_server.store.engine import Database, R, Rows, Statement
from mock_server.store.rows import Favorite, Grant

GRANT: Table = Grant.__table__  # type: ignore[attr-defined]
FAVORITE: Table = Favorite.__table__  # type: ignore[attr-defined]


def page(db: Database, rows: Rows[R], wanted: Wanted) -> list[R]:
    """The objects of one page and one more, if there is one."""
    table = rows.table
    order = _order(table, wanted.sort)
    statement = select(table).where(*_conditions(table, wanted))
    if wanted.after is not None:
        behind = tuple_(*order) < wanted.after if wanted.descending else tuple_(*order) > wanted.after
        statement = statement.where(behind)
    statement = statement.order_by(*(column.desc() if wanted.descending else column for column in order))
    statement = statement.limit(wanted.limit + 1).offset(0 if wanted.after else wanted.offset)
    return rows.query(db, Statement(statement), _subjects(wanted))


def total(db: Database, rows: Rows[R], wanted: Wanted) -> int:
    """How many objects match, on all pages together."""
    statement: Select[int] = select(func.count()).select_from(rows.table).where(*_conditions(rows.table, wanted))
    row = db.one(Statement(statement), _subjects(wanted))
    return int(row[0]) if row else 0


def sort_value(row: Any, sort: str) -> Any:
    """The value by which `row` is sorted; a missing one counts as 0."""
    value = getattr(row, sort)
    return 0 if value is None else value


def _order(table: Table, sort: str) -> list[ColumnElement[Any]]:
    column = table.c[sort]
    return [func.coalesce(column, 0) if column.nullable else column, table.c.id]


def _subjects(wanted: Wanted) -> dict[str, Any]:
    return {"subjects": json.dumps(wanted.caller.subjects)}


def _conditions(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [table.c[column] == value for column, value in wanted.equal.items()]
    conditions += _who(table, wanted)
    conditions += [_mentions(table, word) for word in wanted.terms.words]
    for name, values in wanted.terms.fields.items():
        test = _tagged if name == "tag" else _named
        conditions.append(or_(*(test(table, value) for value in values)))
    return conditions


def _who(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    caller = wanted.caller
    own = table.c.owner == caller.user_id
    granted = exists().where(
        GRANT.c.entity_id == table.c.id,
        GRANT.c.role >= int(Role.DISCOVERABLE),
        GRANT.c.subject.in_(select(func.json_each(bindparam("subjects")).table_valued("value").c.value)),
    )
    conditions: list[ColumnElement[bool]] = [] if caller.admin else [or_(own, granted)]
    match wanted.ownership:
        case "created":
            conditions.append(own)
        case "private":
            conditions.append(and_(own, ~exists().where(GRANT.c.entity_id == table.c.id)))
        case "shared":
            conditions.append(~own)
    if wanted.favorite:
        conditions.append(exists().where(FAVORITE.c.entity_id == table.c.id, FAVORITE.c.user_id == caller.user_id))
    return conditions


def _named(table: Table, value: str) -> ColumnElement[bool]:
    return func.instr(func.lower(table.c.name), value) > 0


def _tagged(table: Table, value: str) -> ColumnElement[bool]:
    tags = func.json_each(table.c.tags).table_valued("value")
    return exists(select(tags.c.value).where(func.lower(tags.c.value) == value))


def _mentions(table: Table, word: str) -> ColumnElement[bool]:
    description = func.instr(func.lower(func.coalesce(table.c.description, "")), word) > 0
    tags = func.json_each(table.c.tags).table_valued("value")
    tagged = exists(select(tags.c.value).where(func.instr(func.lower(tags.c.value), word) > 0))
    return or_(_named(table, word), description, tagged)
