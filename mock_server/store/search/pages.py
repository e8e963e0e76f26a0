"""Searches: which objects stand on a page, and how many there are in all."""

import json
from typing import NamedTuple

from mock_server.domain.search.conditions import All
from mock_server.domain.search.pagination import CREATED, RELEVANCE, Place, SearchRequest
from mock_server.store.database import Database, Statement
from mock_server.store.index.documents import SORTED_BY
from mock_server.store.search.compiler import Bound, to_sql
from mock_server.store.search.count_cache import Counts
from mock_server.store.search.scan import LAST, Hits, Steps

WINDOW = 500
"""Relevance ranks so many of the newest that match, then the next so many."""

FEW = 2000
"""So many entries that match are sorted. More are found by walking through all entries in the order asked for."""

_BACKWARDS = "ORDER BY created DESC, id DESC LIMIT 1"
_beside = {
    "<": Statement(f"SELECT doc FROM entry WHERE (created, id) < (:created, :id) {_BACKWARDS}"),  # noqa: S608
    "<=": Statement(f"SELECT doc FROM entry WHERE (created, id) <= (:created, :id) {_BACKWARDS}"),  # noqa: S608
    ">": Statement("SELECT doc FROM entry WHERE (created, id) > (:created, :id) ORDER BY created, id LIMIT 1"),
}


_moves = Statement("SELECT count FROM moves")


class Page(NamedTuple):
    """The ids on a page, the place behind each of them, and whether other pages follow."""

    ids: list[str]
    places: list[Place]
    has_more: bool


_Placed = list[tuple[str, Place]]
"""Ids, each with the place behind it."""


def page(db: Database, wanted: SearchRequest, counts: Counts) -> Steps[Page]:
    """One page of a search."""
    hits = Hits(db, wanted)
    if wanted.sort == CREATED:
        found = yield from _by_creation(hits, counts)
    elif wanted.sort == RELEVANCE:
        found = yield from _by_relevance(hits, counts)
    else:
        found = yield from _by_column(hits)
    kept = found[: wanted.limit]
    return Page([key for key, _ in kept], [place for _, place in kept], len(found) > wanted.limit)


def moves(db: Database) -> int:
    """How often entries were given other numbers. Steps before and after that do not fit together."""
    row = db.one(_moves, {})
    return int(row[0]) if row else 0


def _by_creation(hits: Hits, counts: Counts) -> Steps[_Placed]:
    wanted = hits.wanted
    if wanted.place is None:
        low, high = yield from counts.skip(hits, wanted.offset, descending=wanted.descending)
    elif wanted.descending:
        low, high = 0, _number(hits.db, "<", wanted.place)
    else:
        low, high = _number(hits.db, ">", wanted.place), LAST
    found = yield from hits.in_order(low, high, wanted.limit + 1, descending=wanted.descending)
    return [(hit.id, [hit.created, hit.id]) for hit in found]


def _by_relevance(hits: Hits, counts: Counts) -> Steps[_Placed]:
    """Windows of hits, the newest first; in each of them the most relevant first. A place names the window it is in
    by its newest and its oldest hit, so that the window stays what it is when others come and go.
    """
    wanted = hits.wanted
    found: _Placed = []
    behind, skipped = None, wanted.offset % WINDOW
    if wanted.place is None:
        low, (_, high) = 0, (yield from counts.skip(hits, wanted.offset - skipped, descending=True))
    else:
        behind, newest, oldest = wanted.place
        low, high, skipped = _number(hits.db, "<", oldest) + 1, _number(hits.db, "<=", newest), 0
    while len(found) <= wanted.limit:
        window = yield from hits.in_order(low, high, WINDOW)
        ranked = sorted(((hit.value, hit.created, hit.id) for hit in window), reverse=True)
        rest = [rank for rank in ranked if behind is None or rank < tuple(behind)]
        ends = [[hit.created, hit.id] for hit in (*window[:1], *window[-1:])]
        needed = skipped + wanted.limit + 1 - len(found)
        found += [(rank[2], [rank, *ends]) for rank in rest[skipped:needed]]
        skipped = max(0, skipped - len(rest))
        if low == 0 and len(window) < WINDOW:
            break
        low, high, behind = 0, (low or window[-1].doc) - 1, None
    return found


def _by_column(hits: Hits) -> Steps[_Placed]:
    wanted = hits.wanted
    docs = yield from hits.few(FEW // hits.burden)
    if docs is None:
        return (yield from _walk(hits))
    bound = Bound(docs=json.dumps(docs), limit=wanted.limit + 1, offset=0 if wanted.place else wanted.offset)
    # The other way round, and SQLite would walk through all entries to find these few.
    few = "(SELECT value AS few FROM json_each(:docs)) CROSS JOIN entry ON doc = few"
    statement = _in_column_order(f"{wanted.sort}, id", few, wanted, wanted.place, _fits(wanted, bound), bound)
    rows = hits.db.all(Statement(f"{statement} LIMIT :limit OFFSET :offset", bound.values), {})
    return [(key, [value, key]) for value, key in rows]


def _walk(hits: Hits) -> Steps[_Placed]:
    """Look at all entries in order until enough of them match."""
    wanted = hits.wanted
    found: _Placed = []
    place, skipped = wanted.place, 0 if wanted.place else wanted.offset
    size = min(hits.at_once, 2 * wanted.limit)
    while len(found) <= wanted.limit:
        bound = Bound(limit=size)
        columns = f"{wanted.sort}, id, {_fits(wanted, bound)}"
        statement = _in_column_order(columns, "entry", wanted, place, "1", bound)
        rows = hits.db.all(Statement(f"{statement} LIMIT :limit", bound.values), {})
        fitting = [(key, [value, key]) for value, key, fits in rows if fits]
        found += fitting[skipped:]
        skipped = max(0, skipped - len(fitting))
        if len(rows) < size:
            break
        place, size = list(rows[-1][:2]), hits.at_once
        yield
    return found


def _in_column_order(
    columns: str, source: str, wanted: SearchRequest, place: Place | None, condition: str, bound: Bound
) -> str:
    """SQL for the entries of one kind in `source` behind `place`, in the order of a column of theirs."""
    column = SORTED_BY[SORTED_BY.index(wanted.sort)]
    sign, direction = ("<", "DESC") if wanted.descending else (">", "ASC")
    behind = f"AND ({column}, id) {sign} ({bound(place[0])}, {bound(place[1])})" if place is not None else ""
    return (
        f"SELECT {columns} FROM {source} WHERE kind = {bound(wanted.kind)} AND {column} IS NOT NULL {behind} "  # noqa: S608
        f"AND {condition} ORDER BY {column} {direction}, id {direction}"
    )


def _fits(wanted: SearchRequest, bound: Bound) -> str:
    return to_sql(All((wanted.scope, wanted.asked)), bound)


def _number(db: Database, sign: str, place: Place) -> int:
    """The number of the entry that is nearest to a time of creation and an id, on the side that `sign` says."""
    created, key = place
    row = db.one(_beside[sign], {"created": created, "id": key})
    if row is not None:
        return int(row[0])
    return LAST if sign[0] == ">" else -1
