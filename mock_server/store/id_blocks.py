"""The numbers that ids are made of, taken from the database by the block."""

from collections import deque

from mock_server.ids import Ids
from mock_server.store import queries
from mock_server.store.database import Database

IDS_AT_ONCE = 1000
"""The most ids that one transaction makes: a thousand attachments."""

BLOCK = 2048
"""How many numbers a server takes from the database at a time."""

APART = 1000
"""Of how many ids in a row none is used before later ones are taken for new."""


def skip_used(db: Database) -> None:
    """Take the numbers of the ids that things have already: a seed file may hold ids that were drawn from the world's
    own random seed without saying how many were.
    """
    world, used = queries.require_world(db), queries.all_ids(db)
    ids = Ids(world.random_seed)
    last = number = world.ids_given
    while number - last < APART:
        number += 1
        if ids.uuid(number) in used:
            last = number
    if last > world.ids_given:
        queries.reserve_ids(db, last - world.ids_given)


class IdBlocks:
    """The numbers that a server has taken and not used yet.

    They are taken outside a transaction and a group: one that fails must not give them out again.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ready: deque[int] = deque()

    def refill(self) -> None:
        """Have at least `IDS_AT_ONCE` numbers ready; call it outside a transaction."""
        if len(self._ready) < IDS_AT_ONCE:
            self._db.flush()
            self._ready.extend(queries.reserve_ids(self._db, BLOCK))

    @property
    def is_empty(self) -> bool:
        """Whether there is none: another process has put the world back, and those taken were not of its seed."""
        return not self._ready

    def next(self) -> int:
        """Take a number."""
        return self._ready.popleft()

    def used(self, given: int) -> int:
        """Count the numbers that are used for good, of `given` that the database has given out. Those that are ready
        here are not used, unless another server may have used later ones.
        """
        ready = len(self._ready)
        return given - ready if ready and self._ready[0] == given - ready + 1 else given
