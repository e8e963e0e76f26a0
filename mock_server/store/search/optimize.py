"""Merging the full text index. Many transactions leave it in many pieces; searches read one piece faster."""

from mock_server.store.database import Database, Statement

PAGES = 1000
"""How much one step merges, in pages: a tenth of a second, mostly."""

_merge = Statement("INSERT INTO term (term, rank) VALUES ('merge', :pages)")


def merge(db: Database, *, begin: bool) -> bool:
    """Merge some of the index, to `begin` with or to go on; whether there is more to do. Call it in a transaction.

    (SQLite's FTS5 documentation, "The 'merge' Command": a negative number has all pieces merged into one, positive ones
    go on with that, and fewer than two changes say that it is done.)
    """
    before = db.changes
    db.write(_merge, {"pages": -PAGES if begin else PAGES})
    return db.changes - before >= 2
