"""How many objects a search finds in all, counted stretch by stretch.

Counting looks at all that match, so its cost grows with them. Clients that page by `offset` ask for the same number
again and again; what was counted in a stretch is remembered until an entry in it changes.
"""

from collections import OrderedDict

from mock_server.domain.paging import Wanted
from mock_server.store import stretches
from mock_server.store.engine import Database, Statement
from mock_server.store.hits import Ask, Hits, Steps

KEPT = 64
"""Of how many searches the counts are remembered."""

_marks = Statement("SELECT place, mark FROM stretch")

_Marked = tuple[int | None, int]
"""The mark of a stretch when it was counted, and what the count came to."""


class Counts:
    """What was counted for the latest searches of one world. It holds for this content of the database alone: when all
    of that is replaced, marks are given again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Ask, dict[int, _Marked]] = OrderedDict()

    def total(self, db: Database, wanted: Wanted) -> Steps[int]:
        """How many objects match, on all pages together."""
        hits = Hits(db, wanted)
        known = self._of(hits.strict)
        # Read before anything is counted: what changes meanwhile has another mark the next time.
        marks = dict(db.all(_marks, {}))
        low, high = hits.ends()
        places = range(low // stretches.LENGTH, high // stretches.LENGTH + 1)
        for place in places:
            if place not in known or known[place][0] != marks.get(place):
                first = place * stretches.LENGTH
                known[place] = marks.get(place), (yield from hits.count(first, first + stretches.LENGTH - 1))
                yield
        return sum(known[place][1] for place in places)

    def _of(self, ask: Ask) -> dict[int, _Marked]:
        known = self._kept.setdefault(ask, {})
        self._kept.move_to_end(ask)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known
