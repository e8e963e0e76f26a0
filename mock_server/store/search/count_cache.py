"""How many objects a search finds in all, counted block by block.

Counting visits all matches, so its cost grows with them. Clients that page by `offset` need the same number again and
again; the count of a block is cached until an entry in it changes.
"""

from collections import OrderedDict

from mock_server.domain.search.pagination import SearchRequest
from mock_server.store.database import Database
from mock_server.store.index import blocks
from mock_server.store.search.scan import AT_ONCE, Hits, IndexQuery, Steps
from mock_server.store.statement import Statement

KEPT = 64
"""The number of searches whose counts are cached."""

_marks = Statement("SELECT number, mark FROM block")

_Marked = tuple[int | None, int]
"""The mark of a block when it was counted, and the count."""


class Counts:
    """The counts of the latest searches of one world. They hold for this content of the database alone: when all of it
    is replaced, marks are assigned again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[IndexQuery, dict[int, _Marked]] = OrderedDict()

    def total(self, db: Database, request: SearchRequest) -> Steps[int]:
        """The number of matches on all pages together."""
        return (yield from self.count(Hits(db, request)))

    def count(self, hits: Hits) -> Steps[int]:
        """The number of all hits."""
        marks = _marks_of(hits.db)
        total = 0
        for number in _numbers(*hits.ends()):
            total += yield from self._block(hits, number, marks)
        return total

    def skip(self, hits: Hits, count: int, *, descending: bool) -> Steps[tuple[int, int]]:
        """The range of the numbers of entries behind the first `count` hits."""
        low, high = hits.ends()
        if count > AT_ONCE:
            marks = _marks_of(hits.db)
            numbers = _numbers(low, high)
            for number in reversed(numbers) if descending else numbers:
                in_block = yield from self._block(hits, number, marks)
                if in_block > count:
                    break
                count -= in_block
                first = number * blocks.LENGTH
                low, high = (low, first - 1) if descending else (first + blocks.LENGTH, high)
        return (yield from hits.skip(low, high, count, descending=descending))

    def _block(self, hits: Hits, number: int, marks: dict[int, int]) -> Steps[int]:
        """The number of hits in a block."""
        known = self._of(hits.strict)
        if number not in known or known[number][0] != marks.get(number):
            first = number * blocks.LENGTH
            known[number] = marks.get(number), (yield from hits.count(first, first + blocks.LENGTH - 1))
            yield
        return known[number][1]

    def _of(self, query: IndexQuery) -> dict[int, _Marked]:
        known = self._kept.setdefault(query, {})
        self._kept.move_to_end(query)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known


def _marks_of(db: Database) -> dict[int, int]:
    """The mark of each block. Read before counting: a block that changes meanwhile has another mark next time."""
    return dict(db.all(_marks, {}))


def _numbers(low: int, high: int) -> range:
    """The numbers of the blocks that contain the entries from `low` to `high`."""
    return range(low // blocks.LENGTH, high // blocks.LENGTH + 1)
