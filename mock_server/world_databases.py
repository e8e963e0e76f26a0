"""Databases to make worlds of: from a seed, prepared once and copied, or from a snapshot."""

import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mock_server import background, ids, seeds
from mock_server.capsule_folders import CapsuleFolders
from mock_server.clock import Anchor, Clock, ClockSetting, RealTime
from mock_server.errors import BadRequestError, DamagedAtStartError, DamagedError, StartError, UnavailableError
from mock_server.local_files import ALL_FILES, ReadableFiles
from mock_server.settings import Settings
from mock_server.side_files import SideFile
from mock_server.store import file_trees, id_blocks, prepared_seed, queries, schema
from mock_server.store.database import Database, blank_database, open_database
from mock_server.store.stored_files import StoredFiles

if TYPE_CHECKING:
    from mock_server.documents.seed_model import SeedMetadata

KEPT = 16
"""How many prepared seeds are remembered."""


class WorldDatabases:
    """Makes the databases of worlds."""

    def __init__(self, settings: Settings, real: RealTime) -> None:
        self._settings = settings
        self._real = real
        self.folders = CapsuleFolders(settings)
        self._prepared: OrderedDict[tuple[str, bytes], Database] = OrderedDict()

    def open_default(self, path: Path | None) -> tuple[Database, bool]:
        """The database at `path` (in memory when None), filled from the server's seed when there is nothing in it;
        and whether it was. Raises `StartError` when it or the seed cannot be used.
        """
        db = open_database(path)
        try:
            with db.transaction():
                kept = queries.WORLD.get(db, queries.WORLD_ID)
                if kept is None and not queries.is_empty(db):
                    raise queries.no_world(db)
                if kept is None:
                    row = self._row(self.origin(), self._settings.random_seed)
                    self._fill(db, self._settings.seed, row)
                    _skip_used_ids(db, self._settings.seed, self._settings.random_seed)
                else:
                    self._take_over(db, kept)
                    self.folders.register(db)
        except DamagedError as problem:
            db.close()
            raise DamagedAtStartError(f"{path}: {problem}") from problem
        except UnavailableError as problem:
            db.close()
            raise StartError(f"{path}: {problem}") from problem
        except BaseException:
            db.close()
            raise
        return db, kept is None

    def origin(self, source: str | None = None, clock: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a world is made from, as it is kept for a reset."""
        origin = {"seed": source or self._settings.seed, "time_scale": self._settings.time_scale}
        return origin | ({"clock": clock} if clock else {})

    def has_token(self, token: str) -> bool:
        """Whether the server's seed has this token. Raises as `own_image` does."""
        return queries.TOKENS.get(self.own_image(), token) is not None

    def own_image(self) -> Database:
        """Return a world of the server's seed, only ever to be copied: made once for each text of the seed. Raises
        `BadRequestError` when that cannot be used.
        """
        return self._image(self._settings.seed)

    async def image_of(self, source: str) -> Database:
        """Return a world of any seed, as `own_image` does. It is to be copied before anything else is awaited."""
        if source in seeds.PACKAGED:
            return self._image(source)
        from mock_server.documents import seed_file

        files = ALL_FILES if source == self._settings.seed else self._settings.readable_files
        with _as_bad_request():
            text = await background.run(seed_file.text_of, source, files)
            key = _key(source, text)
            if key not in self._prepared:
                made = await background.run(self.from_seed, source, text, files)
                # Another request may have made it meanwhile.
                if self._prepared.setdefault(key, made) is not made:
                    made.close()
        return self._latest(key)

    def from_image(self, image: Database, origin: dict[str, Any], random_seed: int | None) -> Database:
        """Return a new world's database, a copy of what `own_image` or `image_of` gave; `origin` says so."""
        db = blank_database()
        image.copy_to(db)
        stored = queries.require_world(db)
        made = self._row(_beginning(origin, stored.origin.get("now")), random_seed)
        made.custom_metadata, made.ids_given = stored.custom_metadata, stored.ids_given
        with db.transaction():
            queries.replace_world(db, made)
            _skip_used_ids(db, made.origin["seed"], random_seed)
            self.folders.refresh_all(db)
        return db

    def from_snapshot(
        self, file: BinaryIO, scratch: SideFile, files: StoredFiles, clock: ClockSetting | None = None
    ) -> Database:
        """The database of the snapshot in `file`, unfolded into `scratch`, which has to stay as long as it is used; its
        clock going on from now, as `clock` says if it does. Its stored files are in `files`, where those that come with
        it are put. It may take seconds. Raises `BadRequestError` when the snapshot is broken or holds what no server
        could have saved, or the clock would run backwards; `PayloadTooLargeError` when it unfolds to too much.
        """
        from mock_server.store.snapshot import files as snapshot_files
        from mock_server.store.snapshot import snapshots
        from mock_server.store.snapshot.foreign_database import open_image

        try:
            _, end = snapshots.unfold(file, scratch.file)
            if file.seek(0, os.SEEK_END) > end:
                snapshot_files.unpack(file, end, files)
            db = open_image(scratch.path)
            db.files = files
        except StartError as problem:
            raise _unusable(problem) from problem
        except OSError as problem:
            raise UnavailableError(f"the snapshot cannot be unfolded: {problem.strerror}") from problem
        try:
            self._check(db, clock)
        except BaseException:
            db.close()
            raise
        return db

    def _check(self, db: Database, pace: ClockSetting | None) -> None:
        # Late: the models of all requests and answers take a while to import.
        from mock_server.world_check import UnsoundWorldError, refuse_unsound

        try:
            refuse_unsound(db)
            row = queries.require_world(db)
            with db.transaction():
                file_trees.refer_anew(db)
                db.index_all()
                for sha256 in file_trees.referred_to(db):
                    db.files.size(sha256)
                queries.replace_world(db, replace(row, origin=self.origin() | row.origin))
                queries.set_clock(db, self._going_on(row, pace))
        except UnavailableError as problem:
            raise _unusable(problem.message) from problem
        except UnsoundWorldError as problem:
            raise _unusable(problem) from problem

    def _take_over(self, db: Database, kept: schema.WorldRow) -> None:
        """Go by the time scale of the settings from here on, without a jump. A database of the first release does not
        tell its seed; it is taken to be that of the settings.
        """
        origin = self.origin() | kept.origin | {"time_scale": self._settings.time_scale}
        if origin == kept.origin:
            return
        clock = Clock(kept.anchor, self._real)
        if origin["time_scale"] != kept.origin.get("time_scale"):
            clock.rescale(origin["time_scale"])
        queries.replace_world(db, replace(kept, origin=origin))
        queries.set_clock(db, clock.anchor)

    def _going_on(self, row: schema.WorldRow, pace: ClockSetting | None) -> Anchor:
        clock = Clock(replace(row.anchor, real=self._real()), self._real)
        try:
            if pace is not None:
                clock.run(pace)
        except ValueError as problem:
            raise BadRequestError(str(problem)) from None
        return clock.anchor

    def close(self) -> None:
        """Forget what was prepared."""
        for image in self._prepared.values():
            image.close()
        self._prepared.clear()

    def _image(self, source: str) -> Database:
        with _as_bad_request():
            text = None if source in seeds.PACKAGED else _text_of(source)
            key = _key(source, text or "")
            if key not in self._prepared:
                self._prepared[key] = self.from_seed(source, text)
        return self._latest(key)

    def _latest(self, key: tuple[str, bytes]) -> Database:
        """Return what was prepared under `key`, and forget what was not wanted for the longest time."""
        self._prepared.move_to_end(key)
        if len(self._prepared) > KEPT:
            self._prepared.popitem(last=False)[1].close()
        return self._prepared[key]

    def from_seed(self, source: str, text: str | None = None, files: ReadableFiles = ALL_FILES) -> Database:
        """Return a world of the seed called `source`, in `text` if that was read already; what it names has to be one
        of `files`. Raises `StartError` when it cannot be used.
        """
        db = open_database(None)
        try:
            with db.transaction():
                self._fill(db, source, self._row(self.origin(source), 0), text, files)
        except BaseException:
            db.close()
            raise
        return db

    def _fill(
        self,
        db: Database,
        source: str,
        row: schema.WorldRow,
        text: str | None = None,
        files: ReadableFiles = ALL_FILES,
    ) -> None:
        """Fill a database from a seed: from `text` if that was read already."""
        if text is None and source in seeds.PACKAGED:
            content = json.loads(seeds.rows_of(source))
            row.custom_metadata = content["custom_metadata"]
            queries.WORLD.insert(db, row)
            prepared_seed.load(db, content)
        else:
            _load(db, source, row, _text_of(source) if text is None else text, files, self.folders)
        self.folders.register(db)
        if self._settings.scenarios is not None:
            from mock_server.documents import scenario_file
            from mock_server.store import scenarios

            scenarios.add(db, scenario_file.read(str(self._settings.scenarios)))
        # Every copy has it then.
        db.index_all()

    def _beginning_anchor(self, origin: dict[str, Any]) -> Anchor:
        """How the clock of a world begins to run: where its seed says, at real time otherwise."""
        real = self._real()
        start, pace = origin.get("now", real), origin.get("clock")
        return ClockSetting(**pace).anchor(real, start) if pace else Anchor(real, start, origin["time_scale"])

    def _row(self, origin: dict[str, Any], random_seed: int | None) -> schema.WorldRow:
        anchor = self._beginning_anchor(origin)
        return schema.WorldRow(
            id=queries.WORLD_ID,
            random_seed=ids.random_seed() if random_seed is None else random_seed,
            ids_given=0,
            epoch=0,
            revision=0,
            origin=origin,
            custom_metadata={},
            clock_real=anchor.real,
            clock_virtual=anchor.virtual,
            clock_scale=anchor.scale,
            clock_skipping=anchor.skipping,
        )


def _beginning(origin: dict[str, Any], now: float | None) -> dict[str, Any]:
    """The origin of a world whose seed says that it is `now`, or says nothing."""
    return {key: value for key, value in origin.items() if key != "now"} | ({} if now is None else {"now": now})


def _skip_used_ids(db: Database, source: str, random_seed: int | None) -> None:
    # The ids of packaged seeds were chosen by hand, and a random seed that nobody gave is no file's.
    if random_seed is not None and source not in seeds.PACKAGED:
        id_blocks.skip_used(db)


def _unusable(reason: object) -> BadRequestError:
    return BadRequestError(f"the snapshot cannot be used: {reason}")


# Late: a server of a packaged seed reads no YAML, and needs none of the models of these documents.


def _text_of(source: str) -> str:
    from mock_server.documents import seed_file

    return seed_file.text_of(source)


def _load(
    db: Database, source: str, row: schema.WorldRow, text: str, files: ReadableFiles, folders: CapsuleFolders
) -> None:
    from mock_server.documents import seed_file
    from mock_server.store.seed_loading import loader

    seed = seed_file.parse(text, source, files)
    folders.name((read.folder for read in seed.folders.values()), files)
    folders.warn(seed.warnings)
    row.custom_metadata, row.ids_given = _stored(seed.model.custom_metadata), seed.model.ids_given
    if seed.model.now is not None:
        row.origin = _beginning(row.origin, float(seed.model.now))
        row.clock_virtual = row.origin["now"]
    queries.WORLD.insert(db, row)
    try:
        loader.load(db, seed)
    except OverflowError as problem:
        raise StartError(f"seed {source}: a number is too large: {problem}") from problem


def _key(source: str, text: str) -> tuple[str, bytes]:
    return source, blake2b(text.encode()).digest()


@contextmanager
def _as_bad_request() -> Iterator[None]:
    """Tell whoever asked that a seed cannot be used."""
    try:
        yield
    except StartError as problem:
        raise BadRequestError(str(problem)) from problem


def _stored(metadata: "SeedMetadata") -> dict[str, Any]:
    """The fields of custom metadata as a world keeps them: that they are not enforced only where that is said."""
    return metadata.model_dump(exclude_none=True, exclude={"enforced"} if metadata.enforced else None)
