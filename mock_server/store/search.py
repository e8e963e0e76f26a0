"""Searches: which objects stand on a page, and how many there are in all."""

import json
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true, tuple_

from mock_server.domain.paging import CREATED, RELEVANCE, Place, Wanted
from mock_server.store.engine import Database, Statement
from mock_server.store.hits import AT_ONCE, LAST, Hits, Steps
from mock_server.store.matching import ENTRY, holds

WINDOW = 1000
"""Relevance ranks so many of the newest that match, then the next so many."""

FEW = 5000
"""So many entries that match are sorted. More are found by walking through all entries in the order asked for."""

_key = tuple_(ENTRY.c.created, ENTRY.c.id)
_sought = tuple_(bindparam("created"), bindparam("id"))
_backwards = (ENTRY.c.created.desc(), ENTRY.c.id.desc())
_beside = {
    "<": Statement(select(ENTRY.c.doc).where(_key < _sought).order_by(*_backwards).limit(1)),
    "<=": Statement(select(ENTRY.c.doc).where(_key <= _sought).order_by(*_backwards).limit(1)),
    ">": Statement(select(ENTRY.c.doc).where(_key > _sought).order_by(ENTRY.c.created, ENTRY.c.id).limit(1)),
}


class Page(NamedTuple):
    """The ids on a page, the place behind each of them, and whether other pages follow."""

    ids: list[str]
    places: list[Place]
    has_more: bool


_Placed = list[tuple[str, Place]]
"""Ids, each with the place behind it."""


def page(db: Database, wanted: Wanted) -> Steps[Page]:
    """One page of a search."""
    hits = Hits(db, wanted)
    if wanted.sort == CREATED:
        found = yield from _by_creation(hits)
    elif wanted.sort == RELEVANCE:
        found = yield from _by_relevance(hits)
    else:
        found = yield from _by_column(hits)
    kept = found[: wanted.limit]
    return Page([key for key, _ in kept], [place for _, place in kept], len(found) > wanted.limit)


def total(db: Database, wanted: Wanted) -> Steps[int]:
    """How many objects match, on all pages together."""
    return (yield from Hits(db, wanted).total())


def _by_creation(hits: Hits) -> Steps[_Placed]:
    wanted = hits.wanted
    low, high, skipped = 0, LAST, wanted.offset
    if wanted.place is not None:
        skipped = 0
        if wanted.descending:
            high = _number(hits.db, "<", wanted.place)
        else:
            low = _number(hits.db, ">", wanted.place)
    while skipped > 0:
        passed = yield from hits.in_order(low, high, min(skipped, AT_ONCE), descending=wanted.descending)
        if not passed:
            return []
        low, high = (low, passed[-1].doc - 1) if wanted.descending else (passed[-1].doc + 1, high)
        skipped -= len(passed)
    found = yield from hits.in_order(low, high, wanted.limit + 1, descending=wanted.descending)
    return [(hit.id, [hit.created, hit.id]) for hit in found]


def _by_relevance(hits: Hits) -> Steps[_Placed]:
    """Windows of hits, the newest first; in each of them the most relevant first. A place names the window it is in
    by its newest and its oldest hit, so that the window stays what it is when others come and go.
    """
    wanted = hits.wanted
    found: _Placed = []
    low, high, behind, skipped = 0, LAST, None, wanted.offset
    if wanted.place is not None:
        behind, newest, oldest = wanted.place
        low, high, skipped = _number(hits.db, "<", oldest) + 1, _number(hits.db, "<=", newest), 0
    while len(found) <= wanted.limit:
        window = yield from hits.in_order(low, high, WINDOW)
        ranked = sorted(([hit.value, hit.created, hit.id] for hit in window), reverse=True)
        rest = [rank for rank in ranked if behind is None or rank < behind]
        ends = [[hit.created, hit.id] for hit in (*window[:1], *window[-1:])]
        found += [(rank[2], [rank, *ends]) for rank in rest[skipped:]]
        skipped = max(0, skipped - len(rest))
        if low == 0 and len(window) < WINDOW:
            break
        low, high, behind = 0, (low or window[-1].doc) - 1, None
    return found


def _by_column(hits: Hits) -> Steps[_Placed]:
    wanted = hits.wanted
    docs = yield from hits.few(FEW)
    if docs is None:
        return (yield from _walk(hits))
    statement = _sorted(wanted, wanted.place).where(
        ENTRY.c.doc.in_(select(func.json_each(bindparam("docs")).table_valued("value").c.value)), _all_hold(wanted)
    )
    statement = statement.limit(wanted.limit + 1).offset(0 if wanted.place else wanted.offset)
    rows = hits.db.all(Statement(statement), {"docs": json.dumps(docs)})
    return [(key, [value, key]) for value, key in rows]


def _walk(hits: Hits) -> Steps[_Placed]:
    """Look at all entries in order until enough of them match."""
    wanted = hits.wanted
    found: _Placed = []
    place, skipped = wanted.place, 0 if wanted.place else wanted.offset
    while len(found) <= wanted.limit:
        statement = _sorted(wanted, place).add_columns(_all_hold(wanted)).limit(AT_ONCE)
        rows = hits.db.all(Statement(statement), {})
        fitting = [(key, [value, key]) for value, key, fits in rows if fits]
        found += fitting[skipped:]
        skipped = max(0, skipped - len(fitting))
        if len(rows) < AT_ONCE:
            break
        place = list(rows[-1][:2])
        yield
    return found


def _sorted(wanted: Wanted, place: Place | None) -> Select[Any]:
    """The entries of one kind behind `place`, in the order of a column: its value, and the id."""
    column = ENTRY.c[wanted.sort]
    order = (column, ENTRY.c.id)
    statement = select(*order).where(ENTRY.c.kind == wanted.kind, column.is_not(None))
    if place is not None:
        statement = statement.where(tuple_(*order) < place if wanted.descending else tuple_(*order) > place)
    return statement.order_by(*(part.desc() if wanted.descending else part for part in order))


def _all_hold(wanted: Wanted) -> ColumnElement[bool]:
    return and_(true(), *map(holds, (*wanted.scope.conditions, *wanted.asked.conditions)))


def _number(db: Database, sign: str, place: Place) -> int:
    """The number of the entry that is nearest to a time of creation and an id, on the side that `sign` says."""
    created, key = place
    row = db.one(_beside[sign], {"created": created, "id": key})
    if row is not None:
        return int(row[0])
    return LAST if sign[0] == ">" else -1
