"""Merges the full text index. Many transactions leave it in many segments; searches read a single one faster."""

from mock_server.store.database import Database
from mock_server.store.statement import Statement

PAGES = 1000
"""How many pages one step merges: mostly a tenth of a second."""

_merge = Statement("INSERT INTO term (term, rank) VALUES ('merge', :pages)")


def merge(db: Database, *, begin: bool) -> bool:
    """Merge a part of the index, to `begin` or to continue; return whether there is more to do. Call it in a
    transaction.

    (SQLite's FTS5 documentation, "The 'merge' Command": a negative number merges all segments into one, positive ones
    continue that, and fewer than two changes say that it is done.)
    """
    before = db.changes
    db.write(_merge, {"pages": -PAGES if begin else PAGES})
    return db.changes - before >= 2
