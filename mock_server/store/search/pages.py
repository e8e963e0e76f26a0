"""Searches: the objects on a page."""

import json
from typing import Any, NamedTuple

from mock_server.domain.search.conditions import All
from mock_server.domain.search.pagination import CREATED, RELEVANCE, Cursor, SearchRequest
from mock_server.store.database import Database
from mock_server.store.index.documents import SORTED_BY
from mock_server.store.search.compiler import Bound, to_sql
from mock_server.store.search.count_cache import Counts
from mock_server.store.search.scan import LAST, Hits, Steps
from mock_server.store.statement import Statement

WINDOW = 500
"""Relevance ranks so many of the newest matches, then the next so many."""

FEW = 2000
"""Up to so many matches are sorted. More are found by a walk through all entries in the requested order."""

_BACKWARDS = "ORDER BY created DESC, id DESC LIMIT 1"
_nearest = {
    "<": Statement(f"SELECT doc FROM entry WHERE (created, id) < (:created, :id) {_BACKWARDS}"),  # noqa: S608
    "<=": Statement(f"SELECT doc FROM entry WHERE (created, id) <= (:created, :id) {_BACKWARDS}"),  # noqa: S608
    ">": Statement("SELECT doc FROM entry WHERE (created, id) > (:created, :id) ORDER BY created, id LIMIT 1"),
}


_moves = Statement("SELECT count FROM moves")


class Page(NamedTuple):
    """The ids on a page, the cursor behind each of them, and whether other pages follow."""

    ids: list[str]
    cursors: list[Cursor]
    has_more: bool


_Rows = list[tuple[str, Cursor]]
"""Ids, each with the cursor behind it."""


def page(db: Database, request: SearchRequest, counts: Counts) -> Steps[Page]:
    """One page of a search."""
    if request.sort == CREATED:
        found = yield from _by_creation(Hits(db, request), counts)
    elif request.sort == RELEVANCE:
        found = yield from _by_relevance(db, request, counts)
    else:
        found = yield from _by_column(Hits(db, request))
    kept = found[: request.limit]
    return Page([key for key, _ in kept], [cursor for _, cursor in kept], len(found) > request.limit)


def moves(db: Database) -> int:
    """How often entries were renumbered. Steps before and after that cannot be combined."""
    row = db.one(_moves, {})
    return int(row[0]) if row else 0


def _by_creation(hits: Hits, counts: Counts) -> Steps[_Rows]:
    request = hits.request
    if request.cursor is None:
        low, high = yield from counts.skip(hits, request.offset, descending=request.descending)
    elif request.descending:
        low, high = 0, _number(hits.db, "<", request.cursor)
    else:
        low, high = _number(hits.db, ">", request.cursor), LAST
    found = yield from hits.in_order(low, high, request.limit + 1, descending=request.descending)
    return [(hit.id, [hit.created, hit.id]) for hit in found]


class _Window(NamedTuple):
    """A range of numbers of entries in which hits of one tier are ranked. The page begins behind the rank `behind`, and
    after `skipped` more hits.
    """

    tier: int
    low: int
    high: int
    behind: tuple[Any, ...] | None
    skipped: int


def _by_relevance(db: Database, request: SearchRequest, counts: Counts) -> Steps[_Rows]:
    """Tier by tier, windows of hits, the newest first; in each of them the most relevant first. A cursor names its
    window by the newest and the oldest hit in it, so that the window stays the same when others come and go.
    """
    found: _Rows = []
    tiers = [Hits(db, request, tier) for tier in request.tiers]
    tier, low, high, behind, skipped = yield from _first_window(tiers, counts)
    while tier < len(tiers) and len(found) <= request.limit:
        window = yield from tiers[tier].in_order(low, high, WINDOW)
        ranked = sorted(((hit.value, hit.created, hit.id) for hit in window), reverse=True)
        rest = [rank for rank in ranked if behind is None or rank < behind]
        ends = [[hit.created, hit.id] for hit in (*window[:1], *window[-1:])]
        needed = skipped + request.limit + 1 - len(found)
        found += [(rank[2], [tier, rank, *ends]) for rank in rest[skipped:needed]]
        skipped, behind = max(0, skipped - len(rest)), None
        if low == 0 and len(window) < WINDOW:
            tier, high = tier + 1, LAST
        else:
            high = (low or window[-1].doc) - 1
        low = 0
    return found


def _first_window(tiers: list[Hits], counts: Counts) -> Steps[_Window]:
    """The window in which the page begins."""
    request = tiers[0].request
    if request.cursor is not None:
        tier, behind, newest, oldest = request.cursor
        db = tiers[tier].db
        return _Window(tier, _number(db, "<", oldest) + 1, _number(db, "<=", newest), tuple(behind), 0)
    tier, offset = 0, request.offset
    while offset and tier < len(tiers) - 1 and offset >= (count := (yield from counts.count(tiers[tier]))):
        tier, offset = tier + 1, offset - count
    skipped = offset % WINDOW
    _, high = yield from counts.skip(tiers[tier], offset - skipped, descending=True)
    return _Window(tier, 0, high, None, skipped)


def _by_column(hits: Hits) -> Steps[_Rows]:
    request = hits.request
    docs = yield from hits.few(FEW // hits.burden)
    if docs is None:
        return (yield from _walk(hits))
    bound = Bound(docs=json.dumps(docs), limit=request.limit + 1, offset=0 if request.cursor else request.offset)
    # The other way round, and SQLite would walk through all entries to find these few.
    few = "(SELECT value AS few FROM json_each(:docs)) CROSS JOIN entry ON doc = few"
    statement = _in_column_order(f"{request.sort}, id", few, request, request.cursor, _matches(request, bound), bound)
    rows = hits.db.all(Statement(f"{statement} LIMIT :limit OFFSET :offset", bound.values), {})
    return [(key, [value, key]) for value, key in rows]


def _walk(hits: Hits) -> Steps[_Rows]:
    """Walk through all entries in order until enough of them match."""
    request = hits.request
    found: _Rows = []
    cursor, skipped = request.cursor, 0 if request.cursor else request.offset
    size = min(hits.at_once, 2 * request.limit)
    while len(found) <= request.limit:
        bound = Bound(limit=size)
        columns = f"{request.sort}, id, {_matches(request, bound)}"
        statement = _in_column_order(columns, "entry", request, cursor, "1", bound)
        rows = hits.db.all(Statement(f"{statement} LIMIT :limit", bound.values), {})
        matching = [(key, [value, key]) for value, key, matches in rows if matches]
        found += matching[skipped:]
        skipped = max(0, skipped - len(matching))
        if len(rows) < size:
            break
        cursor, size = list(rows[-1][:2]), hits.at_once
        yield
    return found


def _in_column_order(
    columns: str, source: str, request: SearchRequest, cursor: Cursor | None, condition: str, bound: Bound
) -> str:
    """SQL for the entries of one kind in `source` behind `cursor`, in the order of a column."""
    column = SORTED_BY[SORTED_BY.index(request.sort)]
    operator, direction = ("<", "DESC") if request.descending else (">", "ASC")
    behind = f"AND ({column}, id) {operator} ({bound(cursor[0])}, {bound(cursor[1])})" if cursor is not None else ""
    return (
        f"SELECT {columns} FROM {source} WHERE kind = {bound(request.kind)} AND {column} IS NOT NULL {behind} "  # noqa: S608
        f"AND {condition} ORDER BY {column} {direction}, id {direction}"
    )


def _matches(request: SearchRequest, bound: Bound) -> str:
    return to_sql(All((request.scope, request.conditions)), bound)


def _number(db: Database, operator: str, cursor: Cursor) -> int:
    """The number of the entry nearest to a time of creation and an id, on the side that `operator` selects."""
    created, key = cursor
    row = db.one(_nearest[operator], {"created": created, "id": key})
    if row is not None:
        return int(row[0])
    return LAST if operator[0] == ">" else -1
