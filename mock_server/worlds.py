"""The worlds of a server: the default one, which is kept, and those that tokens and the control plane call for."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mock_server import background
from mock_server.clock import ClockSetting, RealTime, real_time
from mock_server.database_watch import DatabaseWatch
from mock_server.domain.naming import DEFAULT_WORLD, is_name
from mock_server.errors import (
    BadRequestError,
    ConflictError,
    DamagedAtStartError,
    DamagedError,
    NotFoundError,
    StartError,
    TooManyRequestsError,
    UnauthorizedError,
)
from mock_server.settings import Settings
from mock_server.store import faults, file_trees, queries
from mock_server.store.database import Database, blank_database
from mock_server.store.snapshot import snapshots
from mock_server.store.snapshot.snapshots import Snapshot, Snapshots
from mock_server.store.stored_files import StoredFiles
from mock_server.world import World
from mock_server.world_databases import WorldDatabases

if TYPE_CHECKING:
    from mock_server.s3.storage import Storage, WorldStorage

DATABASE_NAME = "default.sqlite"
SNAPSHOTS_NAME = "snapshots"


class Worlds:
    """All worlds of a server. Those beside `default` live in memory, and are dropped when nobody uses them.

    Raises `StartError` when the data directory or the seed cannot be used.
    """

    def __init__(self, settings: Settings, real: RealTime = real_time, storage: "Storage | None" = None) -> None:
        self.settings = settings
        self.real = real
        self.storage = storage
        self.snapshots = Snapshots(settings.data_dir / SNAPSHOTS_NAME if settings.data_dir else None)
        self._databases = WorldDatabases(settings, real)
        self.folders = self._databases.folders
        path = settings.data_dir / DATABASE_NAME if settings.data_dir else None
        try:
            self.default = self._open_default(path)
        except DamagedAtStartError as problem:
            raise StartError(f"{problem}; {self._way_on()}") from problem
        self.watch = DatabaseWatch(self.default.db, path, real)
        self._others: dict[str, World] = {}

    def _open_default(self, path: Path | None) -> World:
        db, is_new = self._databases.open_default(path)
        try:
            file_trees.remove_strangers(db)
            storage = self._storage_of(DEFAULT_WORLD)
            world = World(DEFAULT_WORLD, db, self.settings, self.real, self.folders, storage, is_new=is_new)
            # What the embedded server held is gone with it.
            self._fill(world, anew=self.storage is not None and self.storage.is_embedded)
            return world
        except DamagedError as problem:
            db.close()
            raise DamagedAtStartError(f"{path}: {problem}") from problem

    def _storage_of(self, name: str) -> "WorldStorage | None":
        if self.storage is None:
            return None
        # Late: hardly any server has S3.
        from mock_server.s3.storage import WorldStorage

        return WorldStorage(self.storage, self.storage.bucket_of(name, default=name == DEFAULT_WORLD))

    @staticmethod
    def _fill(world: World, *, anew: bool, before: Iterable[str] = ()) -> None:
        """Have the files of the world's internal data assets put into S3, `anew` those that were there before too; and
        have removed what data assets have there that were in the world `before`, and are no more.
        """
        if world.storage is None:
            return
        from mock_server.store import object_jobs  # Late: hardly any server has S3.

        with world.write():
            object_jobs.remove_those_gone(world.db, before)
            object_jobs.fill(world.db, anew=anew)
        world.storage.wake()

    @staticmethod
    def _in_s3(world: World) -> set[str]:
        """The ids of the data assets that have, or may have, objects in the bucket of the world."""
        if world.storage is None:
            return set()
        from mock_server.store import object_jobs  # Late: hardly any server has S3.

        return object_jobs.owners(world.db)

    def _way_on(self) -> str:
        """What to do about a damaged database."""
        found = self.snapshots.all()
        saved = max(found, key=lambda one: (one.head.world == DEFAULT_WORLD, one.head.saved), default=None)
        move = f"move {DATABASE_NAME}* out of {self.settings.data_dir} and start again"
        if saved is None:
            return f"{move}: a new world is made from the seed, as no snapshot is there"
        return f"{move}, then go on from the snapshot: codeocean-mock snapshots load {saved.name}"

    async def check(self) -> None:
        """Write, read, and look at a part of the data. Raises `UnavailableError` when the database of a world cannot be
        used.
        """
        await self.watch.look()
        for world in self.all():
            world.db.condition.refuse_damaged()
        self.default.check()

    def get(self, name: str) -> World | None:
        """The world called `name`, if it is there; whoever asks uses it."""
        if name == DEFAULT_WORLD:
            self.default.refresh()
            return self.default
        world = self._others.get(name)
        if world is None:
            return None
        if self._is_idle(world):
            self.drop(name)
            return None
        world.last_used = self.real()
        return world

    def require(self, name: str) -> World:
        """The world called `name`. Raises `NotFoundError`."""
        world = self.get(name)
        if world is None:
            raise NotFoundError(f"there is no world called {name}")
        return world

    def get_or_create(self, name: str, token: str | None) -> World:
        """The world that a token names, made from the seed when it is not there. Raises `UnauthorizedError` for a
        token that the seed does not know, and as `make` does.
        """
        world = self.get(name)
        if world is not None:
            return world
        if token is None or not self._databases.has_token(token):
            raise UnauthorizedError("a valid access token is required")
        return self.create(name)

    def create(self, name: str) -> World:
        """Return a new world as the server's settings have it. Raises as `create_from_seed` does."""
        self._make_room(name)
        return self._add_copy(name, self._databases.own_image(), self._databases.origin(), None)

    async def create_from_seed(
        self,
        name: str,
        seed: str | None = None,
        random_seed: int | None = None,
        clock: ClockSetting | None = None,
        *,
        replace: bool = False,
    ) -> World:
        """Return a new world, from `seed`, with ids and draws from `random_seed`, on a clock that runs as `clock` says;
        what is None is as the server's settings have it. With `replace` it may take the place of another, which is
        there until it is made.

        Raises `ConflictError` when there is one of that name, `TooManyRequestsError` when there is no room,
        `BadRequestError` when the name or the seed cannot be used, or the default world would be replaced.
        """
        self._make_room(name, replace=replace)
        image = await self._databases.image_of(seed or self.settings.seed)
        # Others may have made worlds while the seed was read.
        self._make_room(name, replace=replace)
        origin = self._databases.origin(seed, asdict(clock) if clock else None)
        return self._add_copy(name, image, origin, random_seed)

    async def create_from_snapshot(
        self, name: str, snapshot: str, clock: ClockSetting | None = None, *, replace: bool = False
    ) -> World:
        """A new world as it was saved, on a clock that runs as `clock` says from then on. Raises as `create_from_seed`
        does, when the snapshot is broken or not there, and when the clock would run backwards.
        """
        self._make_room(name, replace=replace)
        async with self._saved(snapshot, clock) as saved:
            db = blank_database()
            try:
                await background.run(saved.copy_to, db)
                db.files.take(saved.files, file_trees.referred_to(db))
                # Others may have made worlds meanwhile.
                self._make_room(name, replace=replace)
            except BaseException:
                db.close()
                raise
        return self._add(name, db)

    @asynccontextmanager
    async def _saved(self, snapshot: str, clock: ClockSetting | None = None) -> AsyncIterator[Database]:
        """The database of a snapshot, as long as the block lasts."""
        with self.snapshots.open(snapshot) as file:
            async with self._unfolded(snapshot, file, self.snapshots.files_of(snapshot), clock) as db:
                yield db

    @asynccontextmanager
    async def _unfolded(
        self, name: str, file: BinaryIO, files: StoredFiles, clock: ClockSetting | None = None
    ) -> AsyncIterator[Database]:
        """The database of a snapshot's file, as long as the block lasts; its stored files are in `files`."""
        with self.snapshots.scratch(name) as scratch:
            db = await background.run(self._databases.from_snapshot, file, scratch, files, clock)
            try:
                yield db
            finally:
                # Its files are the snapshot's.
                db.files = StoredFiles(None)
                db.close()

    def drop(self, name: str) -> None:
        """Forget a world. Raises `BadRequestError` for the default one, `NotFoundError` when it is not there."""
        _refuse_default(name)
        world = self._others.pop(name, None)
        if world is None:
            raise NotFoundError(f"there is no world called {name}")
        world.close()
        if world.storage is not None:
            world.storage.leave()

    def all(self) -> list[World]:
        """The worlds that are there now, the default one first."""
        self._drop_idle()
        return [self.default, *(self._others[name] for name in sorted(self._others))]

    def idle(self, world: World) -> float:
        """For how many real seconds nobody has used the world."""
        return max(0.0, self.real() - world.last_used)

    async def reset(self, world: World) -> None:
        """Put a world back to the seed that it was made from. Raises `BadRequestError` when that cannot be read."""
        origin = world.row().origin
        image = await self._databases.image_of(origin["seed"])
        db = self._databases.from_image(image, origin, world.random_seed)
        try:
            self._put_back(world, db)
        finally:
            db.close()

    def save(self, world: World, name: str) -> Snapshot:
        """Save a world under `name`; it is not changed by that. Raises `DamagedError` for one that is damaged."""
        now = world.clock.pinned()
        row = replace(world.row(), ids_given=world.ids_used, clock_real=now.real, clock_virtual=now.virtual)
        scratch = blank_database()
        try:
            world.db.copy_to(scratch)
            with scratch.transaction():
                queries.replace_world(scratch, row)
                faults.write(scratch, world.faults)
            # What cannot be loaded must not take the place of what can.
            scratch.verify()
            files = file_trees.referred_to(scratch)
            content = snapshots.pack(world.name, now.virtual, scratch.image(), len(files))
        finally:
            scratch.close()
        return self.snapshots.keep(name, content, world.db.files, files)

    async def load(self, world: World, name: str) -> None:
        """Put a world back to what was saved. Raises as `create_from_snapshot` does; nothing is lost then."""
        async with self._saved(name) as saved:
            self._put_back(world, saved)

    async def import_snapshot(self, name: str, pieces: AsyncIterable[bytes], size: int | None) -> Snapshot:
        """Keep a snapshot that another server has exported, of `size` bytes if that is known. Raises `BadRequestError`
        when it is broken or foreign, `PayloadTooLargeError` when it unfolds to too much.
        """
        with self.snapshots.receive(name, size) as upload:
            async for piece in pieces:
                upload.write(piece)
            files = StoredFiles(None)
            try:
                async with self._unfolded(name, upload.file, files) as db:
                    names = file_trees.referred_to(db)
                return await background.run(self.snapshots.adopt, name, upload, files, names)
            finally:
                files.close()

    def export_snapshot(self, name: str) -> tuple[BinaryIO, Iterator[bytes]]:
        """The file of a snapshot, to be read and closed, and its stored files as they stand behind it for another
        server. Raises `NotFoundError`.
        """
        # Late: hardly any server exports one.
        from mock_server.store.snapshot import files as snapshot_files

        file = self.snapshots.open(name)
        files = self.snapshots.files_of(name)
        names = files.names()
        return file, snapshot_files.packed(files, names) if names else iter(())

    def flush(self) -> None:
        """Commit what all worlds have written. Raises `UnavailableError` when that fails."""
        for world in (self.default, *self._others.values()):
            world.db.flush()

    def lost_groups(self) -> dict[World, int]:
        """How many groups of transactions each world could not keep."""
        return {world: world.db.lost for world in (self.default, *self._others.values())}

    def close(self) -> None:
        """Close all worlds."""
        self.watch.stop()
        for world in (self.default, *self._others.values()):
            world.close()
        self._databases.close()
        self.snapshots.close()
        if self.storage is not None:
            self.storage.close()

    def _put_back(self, world: World, db: Database) -> None:
        """Put the content of `db` into a world, in place: whoever holds the world sees it. Raises `NotFoundError` for
        one that was dropped meanwhile.
        """
        if world.closed:
            raise NotFoundError(f"there is no world called {world.name}")
        row = queries.require_world(db)
        with db.transaction():
            queries.replace_world(db, replace(row, epoch=world.next_epoch))
        files = file_trees.referred_to(db)
        world.db.files.take(db.files, files)
        before = self._in_s3(world)
        db.copy_to(world.db)
        # Another server on the same data may have removed what nothing referred to until now.
        world.db.files.take(db.files, files)
        world.reload()
        file_trees.remove_strangers(world.db)
        self._fill(world, anew=True, before=before)

    def _add_copy(self, name: str, image: Database, origin: dict[str, Any], random_seed: int | None) -> World:
        given = self.settings.random_seed if random_seed is None else random_seed
        return self._add(name, self._databases.from_image(image, origin, given))

    def _add(self, name: str, db: Database) -> World:
        if name in self._others:
            self.drop(name)
        world = World(name, db, self.settings, self.real, self.folders, self._storage_of(name))
        self._others[name] = world
        self._fill(world, anew=True)
        return world

    def _make_room(self, name: str, *, replace: bool = False) -> None:
        if not is_name(name):
            raise BadRequestError("the name of a world is 1 to 64 letters, digits, dots, hyphens and underscores")
        if self.get(name) is not None:
            if not replace:
                raise ConflictError(f"there is a world called {name}")
            _refuse_default(name)
            return
        if len(self._others) >= self.settings.max_worlds:
            self._drop_idle()
        if len(self._others) >= self.settings.max_worlds:
            raise TooManyRequestsError(
                f"there are {len(self._others)} worlds, and no more are allowed; drop some, or set --max-worlds"
            )

    def _is_idle(self, world: World) -> bool:
        return 0 < self.settings.world_idle < self.idle(world)

    def _drop_idle(self) -> None:
        for name in [name for name, world in self._others.items() if self._is_idle(world)]:
            self.drop(name)


def _refuse_default(name: str) -> None:
    if name == DEFAULT_WORLD:
        raise BadRequestError("the default world cannot be dropped; reset it")
