"""What a search does first: the search index is brought up to date when somebody asks, not when something is written.

Clients that write much, and search now and then, would otherwise spend a third of each request on it.
"""

from mock_server.store.database import Database
from mock_server.store.search.scan import Steps

AT_ONCE = 200
"""How many entries one step writes: it takes as long as other steps do, and fewer would cost more for each."""


def steps(db: Database) -> Steps[None]:
    """Bring the entries of all objects up to date that have changed until now."""
    ids = db.unindexed()
    for start in range(0, len(ids), AT_ONCE):
        if start:
            yield
        with db.transaction():
            db.index(ids[start : start + AT_ONCE])
