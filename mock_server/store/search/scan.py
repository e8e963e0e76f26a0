"""The entries that a search finds, in the order of their numbers, which is that of creation.

A search runs in steps of milliseconds each: between two of them the caller may do something else.
"""

import json
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

from mock_server.domain.search.conditions import All, Condition
from mock_server.domain.search.pagination import RELEVANCE, SearchRequest
from mock_server.store.database import Database
from mock_server.store.search.compiler import NOTHING, Bound, fts_is_exact, score, to_fts, to_sql
from mock_server.store.statement import Statement

T = TypeVar("T")

Steps: TypeAlias = Generator[None, None, T]
"""Work that can be interrupted between two steps, with its result."""

AT_ONCE = 300
"""How many entries one step checks, for a few conditions; with more conditions they are fewer."""

FEW_CONDITIONS = 8

PROBED = 2000
"""After so many entries that the scope mostly excludes, the query of the index includes the scope."""

LAST = 2**63 - 1

_BETWEEN = "FROM term WHERE term MATCH :match AND rowid BETWEEN :low AND :high"
_candidates = {
    True: Statement(f"SELECT rowid {_BETWEEN} ORDER BY rowid DESC LIMIT :count"),
    False: Statement(f"SELECT rowid {_BETWEEN} ORDER BY rowid LIMIT :count"),
}
_count = Statement(f"SELECT count(*) {_BETWEEN}")
_last_of = {
    True: Statement(f"SELECT rowid {_BETWEEN} ORDER BY rowid DESC LIMIT 1 OFFSET :others"),
    False: Statement(f"SELECT rowid {_BETWEEN} ORDER BY rowid LIMIT 1 OFFSET :others"),
}
_ends = Statement("SELECT (SELECT min(doc) FROM entry), (SELECT max(doc) FROM entry)")


class Hit(NamedTuple):
    """An entry that matches; `value` is what it is sorted by."""

    doc: int
    created: int
    id: str
    value: Any


class IndexQuery(NamedTuple):
    """An expression of the index, and the conditions that remain to be checked in the entries that match it."""

    match: str
    checks: tuple[Condition, ...]


class Hits:
    """The matches of one search, or those of one of its tiers."""

    def __init__(self, db: Database, request: SearchRequest, tier: All | None = None) -> None:
        self.db = db
        self.request = request
        conditions = tier or request.conditions
        inexact = tuple(part for part in conditions.conditions if not fts_is_exact(part))
        # The conditions mostly have shorter lists than the scope, and the index is driven by the first list.
        self.strict = IndexQuery(to_fts(All((*conditions.conditions, *request.scope.conditions))) or NOTHING, inexact)
        # Most entries fulfil the scope, so the first queries leave it out: intersecting with long lists costs more than
        # checking a few entries in vain.
        match = to_fts(conditions)
        count = len(conditions.conditions) + len(request.scope.conditions) + len(request.phrases)
        self.burden = max(1, count // FEW_CONDITIONS)
        self.loose = IndexQuery(match, (*request.scope.conditions, *inexact)) if match else None

    @property
    def at_once(self) -> int:
        """How many entries one step checks."""
        return max(1, AT_ONCE // self.burden)

    def ends(self) -> tuple[int, int]:
        """The lowest and the highest number of an entry."""
        row = self.db.one(_ends, {})
        return (row[0] or 0, row[1] or 0) if row else (0, 0)

    def in_order(self, low: int, high: int, count: int, *, descending: bool = True) -> Steps[list[Hit]]:
        """Up to `count` hits with numbers from `low` to `high`, the highest first when `descending`."""
        found: list[Hit] = []
        first, last = self.ends()
        low, high = max(low, first), min(high, last)
        query, checked = self.loose or self.strict, 0
        while low <= high:
            missing = count - len(found)
            size = min(self.at_once, missing * 2) if query.checks else missing
            docs, low, high = self._candidates(query.match, low, high, size, descending)
            found += self._check(query, docs, missing, descending)
            checked += len(docs)
            if len(found) >= count:
                break
            if checked >= PROBED:
                query = self.strict
            yield
        return found

    def count(self, low: int, high: int) -> Steps[int]:
        """The number of hits with numbers from `low` to `high`."""
        query = self.strict
        if not query.checks:
            row = self.db.one(_count, {"match": query.match, "low": low, "high": high})
            return int(row[0]) if row else 0
        counted = 0
        while low <= high:
            docs, low, high = self._candidates(query.match, low, high, self.at_once, descending=True)
            counted += len(self._check(query, docs, len(docs), descending=True))
            yield
        return counted

    def skip(self, low: int, high: int, count: int, *, descending: bool) -> Steps[tuple[int, int]]:
        """The range of numbers behind the first `count` hits with numbers from `low` to `high`."""
        if count and not self.strict.checks:
            values = {"match": self.strict.match, "low": low, "high": high, "others": count - 1}
            row = self.db.one(_last_of[descending], values)
            return _behind(row, low, high, descending)
        while count > 0 and low <= high:
            passed = yield from self.in_order(low, high, min(count, AT_ONCE), descending=descending)
            low, high = _behind(passed[-1] if passed else None, low, high, descending)
            count -= len(passed)
            yield
        return low, high

    def few(self, limit: int) -> Steps[list[int] | None]:
        """The numbers of all entries that may be hits; None when they are more than `limit`."""
        for query in (self.loose, self.strict):
            if query is None:
                continue
            docs: list[int] = []
            low, high = self.ends()
            while low <= high and len(docs) <= limit:
                more, low, high = self._candidates(query.match, low, high, limit + 1 - len(docs), descending=True)
                docs += more
                yield
            if len(docs) <= limit:
                return docs
        return None

    def _check(self, query: IndexQuery, docs: list[int], count: int, descending: bool) -> list[Hit]:
        """Up to `count` hits among the entries with these numbers."""
        if not docs:
            return []
        bound = Bound(docs=json.dumps(docs), count=count)
        value = score(self.request.phrases, bound) if self.request.sort == RELEVANCE else "0"
        statement = (
            f"SELECT doc, created, id, {value} FROM entry WHERE doc IN (SELECT value FROM json_each(:docs)) "  # noqa: S608
            f"AND {to_sql(All(query.checks), bound)} ORDER BY doc {'DESC' if descending else 'ASC'} LIMIT :count"
        )
        return [Hit(*row) for row in self.db.all(Statement(statement, bound.values), {})]

    def _candidates(self, match: str, low: int, high: int, count: int, descending: bool) -> tuple[list[int], int, int]:
        """Up to `count` numbers that match in the index, and the range that remains."""
        # FTS5 notices at the next match alone that it has left the range: smaller ranges would only mean more queries.
        values = {"match": match, "low": low, "high": high, "count": count}
        docs = [doc for (doc,) in self.db.all(_candidates[descending], values)]
        return docs, *_behind(docs[-1:] if len(docs) == count else None, low, high, descending)


def _behind(last: Sequence[Any] | None, low: int, high: int, descending: bool) -> tuple[int, int]:
    """What remains of the numbers from `low` to `high` behind a row that begins with one; nothing without a row."""
    if last is None:
        return low, low - 1
    return (low, last[0] - 1) if descending else (last[0] + 1, high)
