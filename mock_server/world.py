"""A world: one isolated Code Ocean with its own data, clock and ids. Everything that can change hangs here."""

from collections import deque
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from mock_server import ids
from mock_server.clock import Anchor, Clock, RealTime, real_time
from mock_server.domain import lifecycle
from mock_server.domain.access import SCOPES, Caller
from mock_server.errors import StartError, UnavailableError
from mock_server.settings import Settings, UnknownBuckets
from mock_server.store import rows, seed, seed_file, tables
from mock_server.store.engine import Database, open_database

DATABASE_NAME = "default.sqlite"

IDS_AT_ONCE = 1000
"""The most ids that one transaction makes: a thousand attachments."""

ID_BLOCK = 2048
"""How many ids a server takes from the database at a time."""


class World:
    """The data, the clock and the ids of one Code Ocean."""

    def __init__(
        self, name: str, db: Database, row: rows.WorldRow, settings: Settings, real: RealTime, *, is_new: bool
    ) -> None:
        self.name = name
        self.is_new = is_new
        self.db = db
        self.unknown_buckets: UnknownBuckets = settings.unknown_buckets
        self.ids = ids.Ids(row.random_seed)
        self.clock = Clock(_anchor(row), real)
        self._numbers: deque[int] = deque()
        self._callers: dict[str, Caller] = {}
        self._emails: dict[str, str | None] = {}
        self._seen_version = db.version()

    def write(self) -> AbstractContextManager[None]:
        """A transaction: everything written inside is kept together, or nothing is."""
        if len(self._numbers) < IDS_AT_ONCE:
            # Taken by the block and not inside a transaction: one that fails must not give them out again.
            self._numbers.extend(tables.reserve_ids(self.db, ID_BLOCK))
        return self.db.transaction()

    def next_id(self) -> str:
        """A new id; call it inside `write`."""
        return self.ids.uuid(self._numbers.popleft())

    def caller(self, token: str) -> Caller | None:
        """The user that `token` belongs to, or None."""
        self._see_changes()
        caller = self._callers.get(token)
        if caller is None:
            row = tables.TOKENS.get(self.db, token)
            user = tables.USERS.get(self.db, row.user_id) if row else None
            if row is None or user is None:
                return None
            caller = Caller(user.id, user.email, user.admin, frozenset(row.scopes), tuple(user.groups))
            self._callers[token] = caller
        return caller

    def email(self, user_id: str) -> str | None:
        """The address of a user; None for one that is not in the world."""
        if user_id not in self._emails:
            user = tables.USERS.get(self.db, user_id)
            self._emails[user_id] = user.email if user else None
        return self._emails[user_id]

    def tokens(self) -> dict[str, str]:
        """All tokens, each with a word on what it is good for."""
        shown = {}
        for row in tables.all_tokens(self.db):
            user = tables.USERS.get(self.db, row.user_id)
            rights = "all scopes" if set(row.scopes) == set(SCOPES) else ", ".join(row.scopes) or "no scope"
            shown[row.token] = (
                f"{user.email if user else row.user_id}{', admin' if user and user.admin else ''}; {rights}"
            )
        return shown

    def moment(self, plan: dict[str, Any]) -> lifecycle.Moment:
        """Where a stored plan stands now."""
        return lifecycle.at(lifecycle.Plan.from_json(plan), self.clock.now())

    def _see_changes(self) -> None:
        """What is remembered of users, and how the clock runs, holds until another process changes the database."""
        version = self.db.version()
        if version != self._seen_version:
            self._callers.clear()
            self._emails.clear()
            self._seen_version = version
            row = tables.WORLD.get(self.db, tables.WORLD_ID)
            if row is not None:
                self.clock.follow(_anchor(row))

    def close(self) -> None:
        """Close the database; nothing that was acknowledged is lost, closed or not."""
        self.db.close()


def open_world(settings: Settings, real: RealTime = real_time) -> World:
    """The default world: the one in the data directory, or a new one made from the seed.

    Raises `StartError` when the data directory or the seed cannot be used.
    """
    path: Path | None = settings.data_dir / DATABASE_NAME if settings.data_dir else None
    db = open_database(path)
    try:
        with db.transaction():
            kept = tables.WORLD.get(db, tables.WORLD_ID)
            row = kept or _create(db, settings, real)
            world = World("default", db, row, settings, real, is_new=kept is None)
            if settings.time_scale != row.clock_scale:
                world.clock.rescale(settings.time_scale)
                anchor = world.clock.anchor
                tables.set_clock(db, anchor.real, anchor.virtual, anchor.scale)
    except UnavailableError as problem:
        db.close()
        raise StartError(f"{path}: {problem}") from problem
    except BaseException:
        db.close()
        raise
    return world


def _anchor(row: rows.WorldRow) -> Anchor:
    return Anchor(row.clock_real, row.clock_virtual, row.clock_scale)


def _create(db: Database, settings: Settings, real: RealTime) -> rows.WorldRow:
    wanted = seed_file.read(settings.seed)
    anchor = Clock.starting(settings.time_scale, real).anchor
    row = rows.WorldRow(
        id=tables.WORLD_ID,
        random_seed=ids.fresh_seed() if settings.random_seed is None else settings.random_seed,
        ids_given=0,
        custom_metadata=wanted.custom_metadata.model_dump(exclude_none=True),
        clock_real=anchor.real,
        clock_virtual=anchor.virtual,
        clock_scale=anchor.scale,
    )
    tables.WORLD.insert(db, row)
    try:
        seed.load(db, wanted)
    except OverflowError as problem:
        raise StartError(f"seed {settings.seed}: a number is too large: {problem}") from problem
    return row
