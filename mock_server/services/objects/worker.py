"""Who does the jobs in S3: some at a time, on threads, tried again when something passing is wrong."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from mock_server.background import in_thread
from mock_server.domain.files import FileTree
from mock_server.domain.object_places import ObjectsAt, own_folder
from mock_server.errors import ApiError, UnavailableError
from mock_server.s3.failures import S3Error
from mock_server.s3.storage import Storage
from mock_server.s3.transfers import File
from mock_server.services.objects import jobs, outcomes, work
from mock_server.services.objects.jobs import Job, Kind, can_be_put
from mock_server.services.objects.start import declared_buckets
from mock_server.services.objects.work import Done, Task
from mock_server.store import file_trees, object_jobs, queries
from mock_server.store.queries import OBJECT_JOBS
from mock_server.store.schema import ObjectJobRow
from mock_server.world import World
from mock_server.worlds import Worlds

AT_ONCE = 4
"""How many jobs are under way."""

LOOK_SECONDS = 1.0
"""How often is looked for jobs that another server has written down, and for those whose data asset was deleted."""

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Real seconds until a job is tried again, each time that it failed for a passing reason. botocore has tried every
request several times by then. A removal goes on being tried, whatever the reason.
"""

LONGEST_PAUSE = 300.0
"""The most seconds until a removal is tried again."""

NO_KEYS = (
    "the access keys that came with the request are kept nowhere, and the server was stopped before it was done; "
    "create the data asset again"
)

logger = logging.getLogger("mock_server.objects")


class Key(NamedTuple):
    """What a job is for."""

    world: World
    data_asset_id: str


@dataclass(slots=True)
class Going:
    """A job under way; `called_off` when it is no longer to be done."""

    job: Job
    called_off: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise `CalledOffError` when it is no longer to be done."""
        if self.called_off.is_set():
            raise CalledOffError


class CalledOffError(Exception):
    """A job is no longer to be done."""


class ObjectWorker:
    """Does the jobs of all worlds for as long as the server runs."""

    def __init__(self, worlds: Worlds, storage: Storage) -> None:
        self._worlds = worlds
        self._storage = storage
        self._going: dict[Key, Going] = {}
        self._pauses: dict[Key, tuple[int, float]] = {}
        """By job: how often it has failed, and until when (real time) it is not tried again."""
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._prepared: WeakKeyDictionary[World, bool] = WeakKeyDictionary()

    async def run(self) -> None:
        """Work until the task is cancelled."""
        self._storage.on_news(self._news.set)
        try:
            while True:
                self._news.clear()
                self._look()
                try:
                    await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            for going in self._going.values():
                going.called_off.set()

    def _look(self) -> None:
        """Call off what is no longer to be done, and begin what can be begun."""
        for key, going in self._going.items():
            if key.world.closed or self._stored(key) != going.job:
                going.called_off.set()
        for key, row in sorted(self._waiting(), key=lambda one: one[1].kind == Kind.FILL):
            if len(self._going) < AT_ONCE:
                # A world that cannot be read or written now is looked at again.
                with suppress(ApiError):
                    self._begin(key, row)
        self._remove_left()

    def _remove_left(self) -> None:
        """Remove the buckets of worlds that are gone."""
        used = {key.world.storage.bucket for key in self._going if key.world.storage is not None}
        for bucket in self._storage.take_left(used):
            self._start(self._remove_bucket(bucket))

    async def _remove_bucket(self, bucket: str) -> None:
        try:
            await in_thread(self._storage.remove_bucket, bucket)
        except S3Error as problem:
            logger.warning("the bucket %s of a world that is gone cannot be removed: %s", bucket, problem.reason)

    def _is_prepared(self, world: World) -> bool:
        """Whether the buckets that the seed of the world declares are in the embedded server, if there is one."""
        if not self._storage.is_embedded or world is self._worlds.default:
            return True
        if world not in self._prepared:
            self._prepared[world] = False
            self._start(self._prepare(world, *declared_buckets(world)))
        return self._prepared[world]

    async def _prepare(self, world: World, buckets: dict[str, list[File]], public: set[str]) -> None:
        try:
            await in_thread(self._storage.fill, buckets, public)
        except S3Error as problem:
            logger.warning("the buckets of the world %s cannot be filled: %s", world.name, problem.reason)
        self._prepared[world] = True
        self._news.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def _stored(key: Key) -> Job | None:
        try:
            row = OBJECT_JOBS.get(key.world.db, key.data_asset_id)
        except ApiError:
            return None
        return Job.of(row) if row is not None else None

    def _waiting(self) -> Iterator[tuple[Key, ObjectJobRow]]:
        """The next jobs of each world that can be begun."""
        now = self._worlds.real()
        self._pauses = {key: pause for key, pause in self._pauses.items() if not key.world.closed}
        held = Counter(key.world for key in {*self._going, *self._pauses})
        for world in self._worlds.all():
            with suppress(ApiError):
                if self._is_prepared(world):
                    for row in object_jobs.first(world.db, held[world] + AT_ONCE):
                        key = Key(world, row.id)
                        if key not in self._going and self._pauses.get(key, (0, now))[1] <= now:
                            yield key, row

    def _begin(self, key: Key, row: ObjectJobRow) -> None:
        world, job = key.world, Job.of(row)
        keys = self._storage.keys.get((world.name, row.id)) if job.with_keys else None
        if job.with_keys and keys is None:
            outcomes.fail(world, row.id, job, NO_KEYS)
            return
        asset = queries.DATA_ASSETS.get(world.db, row.id)
        if asset is None and job.kind is not Kind.REMOVE:
            # It was deleted by a server without S3.
            with world.write():
                jobs.add(world, row.id, Job(Kind.REMOVE))
            return
        tree = file_trees.get(world.db, asset.tree) if asset is not None else FileTree()
        if job.kind is Kind.FILL and not can_be_put(tree):
            outcomes.fail(world, row.id, job, "")
            return
        if not row.begun:
            with world.write():
                object_jobs.begin(world.db, row.id)
        # Nothing is written to S3 for what a crash could still undo.
        world.db.flush()
        assert world.storage is not None, "S3 is off"
        own = own_folder(world.storage.bucket, row.id)
        objects = asset.more.get("objects") if asset is not None else None
        at = ObjectsAt.from_json(objects) if objects is not None else None
        task = Task(job, tree, own, world.db.files, row.begun, keys, at)
        going = self._going[key] = Going(job)
        self._start(self._do(key, task, going))

    async def _do(self, key: Key, task: Task, going: Going) -> None:
        problem: Exception | None = None
        done: Done | None = None
        try:
            done = await in_thread(lambda: work.do(self._storage, task, going.check))
        except Exception as raised:
            problem = raised
        try:
            self._write(key, task.job, going, done, problem)
        except ApiError:
            # The database cannot be written now: the job is done again, which costs little when it was done.
            self._pause(key)
        finally:
            del self._going[key]
            self._news.set()

    def _write(self, key: Key, job: Job, going: Going, done: Done | None, problem: Exception | None) -> None:
        if going.called_off.is_set() or key.world.closed:
            return
        if done is not None:
            outcomes.succeed(key.world, key.data_asset_id, job, done)
        elif isinstance(problem, S3Error | UnavailableError):
            passing = problem.passing if isinstance(problem, S3Error) else True
            if job.kind is Kind.REMOVE:
                # Nobody is told of it, and nothing else would ever remove what is there.
                if not self._pause(key):
                    logger.warning("what %s has in S3 cannot be removed yet: %s", key.data_asset_id, problem)
                return
            if passing and self._pause(key):
                return
            outcomes.fail(key.world, key.data_asset_id, job, str(problem))
        else:
            logger.error("a job in S3 failed", exc_info=problem)
            outcomes.fail(key.world, key.data_asset_id, job, "the server failed to do it")
        self._pauses.pop(key, None)
        self._storage.keys.pop((key.world.name, key.data_asset_id), None)

    def _pause(self, key: Key) -> bool:
        """Wait before a job is tried again; false when it was tried often enough."""
        failures, _ = self._pauses.get(key, (0, 0.0))
        seconds = PAUSES[failures] if failures < len(PAUSES) else min(2.0**failures, LONGEST_PAUSE)
        self._pauses[key] = failures + 1, self._worlds.real() + seconds
        return failures < len(PAUSES)
