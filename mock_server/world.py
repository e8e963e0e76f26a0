"""A world: one isolated Code Ocean with its own data, clock and ids. Everything that can change hangs here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mock_server import ids
from mock_server.capsule_folders import CapsuleFolders
from mock_server.clock import Clock, RealTime
from mock_server.domain import lifecycle, versions
from mock_server.domain.access import Caller
from mock_server.domain.faults import Faults
from mock_server.domain.journal import Journal
from mock_server.domain.lifecycle import Plan
from mock_server.errors import DamagedError
from mock_server.scenario_book import ScenarioBook
from mock_server.settings import Settings, UnknownBuckets
from mock_server.store import faults, file_trees, queries, schema
from mock_server.store.database import Database
from mock_server.store.id_blocks import IdBlocks
from mock_server.store.search.count_cache import Counts
from mock_server.store.table_memory import TableMemory

if TYPE_CHECKING:
    from mock_server.s3.storage import WorldStorage

T = TypeVar("T")
K = TypeVar("K")

FEW = 16
"""How many things of a kind are remembered that may be as large as a page."""


class World:
    """The data, the clock, the ids, scenarios, faults and journal of one Code Ocean."""

    def __init__(
        self,
        name: str,
        db: Database,
        settings: Settings,
        real: RealTime,
        folders: CapsuleFolders,
        storage: "WorldStorage | None" = None,
        *,
        is_new: bool = True,
    ) -> None:
        self.name = name
        self.folders = folders
        self.storage = storage
        self.is_new = is_new
        self.closed = False
        self.db = db
        if not db.is_file:
            db.condition.label = f"the database of the world {name}"
        db.groups_commits = True
        self.unknown_buckets: UnknownBuckets = settings.unknown_buckets
        self.search_quirks = settings.search_quirks
        self.default_limit = versions.default_limit(settings.platform_version)
        self._stable_order = settings.stable_order
        self.journal = Journal(settings.journal_size)
        self.last_used = real()
        self._real = real
        self.capsules = TableMemory[str, schema.CapsuleRow](
            db, queries.CAPSULES.table, make=partial(queries.CAPSULES.get, db)
        )
        self.rows = TableMemory[int, schema.WorldRow](db, queries.WORLD.table, make=partial(queries.WORLD.get, db))
        self.roles = TableMemory[tuple[str, Caller], int](
            db, queries.GRANTS.table, make=lambda key: queries.granted_role(db, key[0], key[1].subjects)
        )
        self._memories: dict[Callable[..., Any], TableMemory[Any, Any]] = {}
        self.reload()

    def reload(self) -> None:
        """Go on from what is in the database, whatever was there before."""
        row = self.row()
        self._epoch = row.epoch
        self.random_seed = row.random_seed
        self.ids = ids.Ids(row.random_seed)
        self.clock = Clock(row.anchor, self._real)
        self._read_control(row)
        self._numbers = IdBlocks(self.db)
        self._orders = 0
        self._callers: dict[str, Caller] = {}
        self._emails: dict[str, str | None] = {}
        self.counts = Counts()
        self._seen_version = self.db.version()
        self.journal.clear()

    def _read_control(self, row: schema.WorldRow) -> None:
        self._revision = row.revision
        try:
            self.faults: Faults = faults.read(self.db)
            self.scenarios = ScenarioBook(self.db, self.ids)
        except (AttributeError, LookupError, TypeError, ValueError) as problem:
            raise self.db.condition.damaged("its scenarios and faults cannot be read") from problem

    @contextmanager
    def changing_faults(self) -> Iterator[Faults]:
        """The faults, to be changed inside the block; they are kept as they are then."""
        with self._steering():
            yield self.faults
            faults.write(self.db, self.faults)
            self._revision = queries.revise(self.db)

    def load_scenarios(self, change: Callable[[], None]) -> None:
        """Change the loaded scenarios in the database by `change`, and go by them."""
        with self._steering():
            change()
            self._revision = queries.revise(self.db)
            self.scenarios = ScenarioBook(self.db, self.ids)

    def remembered(self, make: Callable[["World", K], T], key: K, *tables: str) -> T:
        """What `make` makes of the world for `key`, remembered for as long as nobody changes the tables that it reads,
        as open dashboards ask for the same things again and again.
        """
        memory = self._memories.get(make)
        if memory is None:
            memory = self._memories[make] = TableMemory(self.db, *tables, make=partial(make, self), kept=FEW)
        found: T | None = memory.get(key)
        assert found is not None  # `make` has made it.
        return found

    @property
    def ids_used(self) -> int:
        """How many ids have been given out for good."""
        return self._numbers.used(self.row().ids_given)

    def write(self) -> "Write":
        """A transaction: everything written inside is kept together, or nothing is. What others have written by then
        is seen.
        """
        return Write(self)

    def begin(self) -> None:
        """Begin what `write` is around."""
        while True:
            self._numbers.refill()
            self._begin()
            # Another process may have put back the world just now, and these ids are not those of its seed.
            if not self._numbers.is_empty:
                return
            self.db.finish()

    def _begin(self) -> None:
        self.db.begin()
        try:
            self.refresh()
        except BaseException:
            self.db.abandon()
            raise

    def next_id(self) -> str:
        """A new id; call it inside `write`."""
        return self.ids.uuid(self._numbers.next())

    def unordered(self, items: list[T]) -> list[T]:
        """`items` in an order that is drawn anew each time, as a Go map gives them: from the seed, and from how many
        were drawn before since the world was made, reset or opened.
        """
        if self._stable_order or len(items) < 2:
            return items
        self._orders += 1
        return self.ids.draws("order", str(self._orders)).shuffled(items)

    def caller(self, token: str) -> Caller | None:
        """The user that `token` belongs to, or None. Raises `DamagedError` when nobody can be served any more: what an
        index has lost would be answered as if it had never been.
        """
        self.refresh()
        self.db.condition.refuse_damaged()
        caller = self._callers.get(token)
        if caller is None:
            row = queries.TOKENS.get(self.db, token)
            user = queries.USERS.get(self.db, row.user_id) if row else None
            if row is None or user is None:
                return None
            caller = Caller(user.id, user.email, user.admin, frozenset(row.scopes), tuple(user.groups))
            self._callers[token] = caller
        return caller

    def email(self, user_id: str) -> str | None:
        """The address of a user; None for one that is not in the world."""
        if user_id not in self._emails:
            user = queries.USERS.get(self.db, user_id)
            self._emails[user_id] = user.email if user else None
        return self._emails[user_id]

    def state_of(self, plan: Plan, at: float | None = None) -> lifecycle.Moment:
        """Where a plan stands now, or stood `at` another time."""
        return lifecycle.state_at(plan, self.clock.now() if at is None else at)

    def on_poll(self, plan: Plan) -> None:
        """Somebody has asked how `plan` stands: a skipping clock moves on to its next change."""
        if self.clock.skipping:
            step = lifecycle.next_step(plan, self.clock.now())
            if step is not None:
                with self.setting_clock() as clock:
                    clock.move_past(step.at)

    @contextmanager
    def setting_clock(self) -> Iterator[Clock]:
        """The clock, to be set inside the block; how it runs then is kept."""
        with self._steering():
            yield self.clock
            queries.set_clock(self.db, self.clock.anchor)

    @contextmanager
    def _steering(self) -> Iterator[None]:
        """A transaction that changes clock, faults or scenarios. When it fails, be it at its very end because the disk
        is full, all of them are as they were.
        """
        self._begin()
        before = self.clock.standing, Faults(self.faults), self.scenarios, self._revision
        try:
            try:
                yield
            except BaseException:
                self.db.abandon()
                raise
            self.db.finish()
            self.db.flush()
        except BaseException:
            self.clock.standing, self.faults, self.scenarios, self._revision = before
            raise

    def refresh(self) -> None:
        """Take up what another process has changed in the database: until then, what is remembered holds, and in a
        damaged database too.
        """
        try:
            version = self.db.version()
            if version == self._seen_version:
                return
            row = self.row()
        except DamagedError:
            return
        if row.epoch != self._epoch:
            self.db.condition.replace()
            self.reload()
            return
        self._callers.clear()
        self._emails.clear()
        self._seen_version = version
        self.clock.follow(row.anchor)
        if row.revision != self._revision:
            self._read_control(row)

    @property
    def next_epoch(self) -> int:
        """The epoch of what is put into its place."""
        try:
            return self.row().epoch + 1
        except DamagedError:
            return self._epoch + 1

    def check(self) -> None:
        """Write and read. Raises `UnavailableError` when the database cannot be used."""
        self.db.check()
        self.row()

    def row(self) -> schema.WorldRow:
        """What the database keeps of the world itself. Raises `DamagedError` when it keeps nothing."""
        return queries.require_world(self.db)

    def close(self) -> None:
        """Close the database; nothing that was acknowledged is lost, closed or not."""
        self.closed = True
        self.db.close()


class Write:
    """The block of `World.write`. A generator would cost as much as the rest of it."""

    __slots__ = ("_world",)

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> None:
        """Begin."""
        self._world.begin()

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Keep what was written, or take it back."""
        db = self._world.db
        if problem is not None:
            db.abandon()
            return
        db.finish()
        if db.unreferred:
            file_trees.remove_unreferred(db)
