"""How many objects a search finds in all, counted block by block.

Counting looks at all that match, so its cost grows with them. Clients that page by `offset` ask for the same number
again and again; what was counted in a block is remembered until an entry in it changes.
"""

from collections import OrderedDict

from mock_server.domain.search.pagination import SearchRequest
from mock_server.store.database import Database, Statement
from mock_server.store.index import blocks
from mock_server.store.search.scan import AT_ONCE, Ask, Hits, Steps

KEPT = 64
"""Of how many searches the counts are remembered."""

_marks = Statement("SELECT place, mark FROM stretch")

_Marked = tuple[int | None, int]
"""The mark of a block when it was counted, and what the count came to."""


class Counts:
    """What was counted for the latest searches of one world. It holds for this content of the database alone: when all
    of that is replaced, marks are given again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Ask, dict[int, _Marked]] = OrderedDict()

    def total(self, db: Database, wanted: SearchRequest) -> Steps[int]:
        """How many objects match, on all pages together."""
        hits = Hits(db, wanted)
        marks = _marks_of(db)
        found = 0
        for place in _places(*hits.ends()):
            found += yield from self._block(hits, place, marks)
        return found

    def skip(self, hits: Hits, count: int, *, descending: bool) -> Steps[tuple[int, int]]:
        """The numbers of entries behind the first `count` hits, as from where to where."""
        low, high = hits.ends()
        if count > AT_ONCE:
            marks = _marks_of(hits.db)
            places = _places(low, high)
            for place in reversed(places) if descending else places:
                there = yield from self._block(hits, place, marks)
                if there > count:
                    break
                count -= there
                first = place * blocks.LENGTH
                low, high = (low, first - 1) if descending else (first + blocks.LENGTH, high)
        return (yield from hits.skip(low, high, count, descending=descending))

    def _block(self, hits: Hits, place: int, marks: dict[int, int]) -> Steps[int]:
        """How many hits there are in a block."""
        known = self._of(hits.strict)
        if place not in known or known[place][0] != marks.get(place):
            first = place * blocks.LENGTH
            known[place] = marks.get(place), (yield from hits.count(first, first + blocks.LENGTH - 1))
            yield
        return known[place][1]

    def _of(self, ask: Ask) -> dict[int, _Marked]:
        known = self._kept.setdefault(ask, {})
        self._kept.move_to_end(ask)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known


def _marks_of(db: Database) -> dict[int, int]:
    """The mark of each block. Read before anything is counted: what changes meanwhile has another one next time."""
    return dict(db.all(_marks, {}))


def _places(low: int, high: int) -> range:
    """The blocks that the numbers from `low` to `high` are in."""
    return range(low // blocks.LENGTH, high // blocks.LENGTH + 1)
