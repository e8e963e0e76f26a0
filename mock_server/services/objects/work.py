"""Doing a job in S3: it may take long, and is done on a thread that touches nothing of a world but its stored files."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from mock_server.domain.content import InBucket
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.object_places import ObjectsAt
from mock_server.s3.deletion import abort_uploads, delete_folder
from mock_server.s3.endpoint import Keys
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Check, Measured, Place, measure, objects
from mock_server.s3.reading import read
from mock_server.s3.storage import Storage
from mock_server.s3.transfers import File, Transfer
from mock_server.services.objects.jobs import Job, Kind
from mock_server.store.stored_files import StoredFiles


class Task(NamedTuple):
    """All that a job needs: the files of the data asset as far as they are known here, its folder in the bucket of the
    deployment, where files are kept that have to outlast the embedded server, whether somebody has begun before, and
    where its objects lie now, if it has some.
    """

    job: Job
    tree: FileTree
    own: ObjectsAt
    files: StoredFiles
    begun: bool
    keys: Keys | None = None
    at: ObjectsAt | None = None


class Done(NamedTuple):
    """What came of a job: how much there is (None: nobody counted), where it lies, and the files where they have become
    known.
    """

    measured: Measured | None
    at: ObjectsAt | None = None
    tree: FileTree | None = None


def do(storage: Storage, task: Task, check: Check) -> Done:
    """Do a job. What `check` raises ends it. Raises `S3Error`, and `UnavailableError` when files cannot be kept."""
    with storage.work() as go_on:

        def both() -> None:
            go_on()
            check()

        return _done(_Work(storage, task, both), task.job)


def _done(work: "_Work", job: Job) -> Done:
    if job.cleans:
        work.remove()
    match job.kind:
        case Kind.COUNT:
            return work.count()
        case Kind.POINT:
            return work.point()
        case Kind.COPY:
            return work.copy()
        case Kind.PUT | Kind.FILL:
            return work.put()
        case Kind.CAPTURE:
            return work.capture()
        case Kind.TRANSFER:
            return work.transfer()
        case Kind.REMOVE:
            return work.remove()


class _Work:
    def __init__(self, storage: Storage, task: Task, check: Check) -> None:
        self._storage = storage
        self._task = task
        self._check = check
        self._transfer = Transfer(storage.executor, check)

    def count(self) -> Done:
        source = self._source()
        return Done(_not_empty(measure(self._place(source), self._check), source), source)

    def point(self) -> Done:
        source = self._source()
        first = next(objects(self._place(source), self._check), None)
        _not_empty(Measured(0 if first is None else 1, 0), source)
        return Done(None, source)

    def copy(self) -> Done:
        source, own = self._source(), self._own()
        _not_empty(self._transfer.copy(self._place(source), own), source)
        # Of several that were written at once, what lies there now is what counts.
        tree = self._kept(own) if self._storage.is_embedded else _listed(own, self._check)
        return Done(Measured(tree.files, tree.size), self._task.own, tree)

    def _kept(self, own: Place) -> FileTree:
        # On a thread of those that copy, as the embedded server must not have more in memory at once.
        return self._storage.executor.submit(_kept, own, self._task.files, self._check).result()

    def put(self) -> Done:
        at, own = self._task.at, self._task.own
        if not any(isinstance(entry.source, InBucket) for entry in self._task.tree.entries):
            return Done(self._transfer.put(files_of(self._task.tree), self._own()), own)
        if at is None or at == own:
            # They are nowhere else: where they are not, a snapshot refers to what was deleted.
            return Done(None, at)
        # They are in the bucket of the world that was saved.
        return Done(self._transfer.copy(self._storage.place(at), self._own()), own)

    def capture(self) -> Done:
        target = self._target()
        self._transfer.put(files_of(self._task.tree), self._place(target))
        return Done(measure(self._place(target), self._check), target)

    def transfer(self) -> Done:
        target = self._target()
        place = self._place(target)
        if self._task.job.source is None:
            self._transfer.put(files_of(self._task.tree), place)
        else:
            self._transfer.copy(self._place(self._task.job.source), place)
        return Done(measure(place, self._check), target)

    def remove(self) -> Done:
        try:
            delete_folder(self._storage.place(self._task.own), self._check)
        except S3Error as problem:
            if problem.kind is not Failure.NO_BUCKET:
                raise
        return Done(Measured(0, 0))

    def _source(self) -> ObjectsAt:
        assert self._task.job.source is not None, "the job has no source"
        return self._task.job.source

    def _target(self) -> ObjectsAt:
        assert self._task.job.target is not None, "the job has no target"
        return self._task.job.target

    def _place(self, at: ObjectsAt) -> Place:
        return self._storage.place(at, self._task.keys)

    def _own(self) -> Place:
        """The folder of the data asset, without what is not to be there."""
        own = self._storage.place(self._task.own)
        self._storage.make_bucket(own.bucket)
        if self._task.begun:
            abort_uploads(own)
        elif self._task.job.kind is not Kind.FILL:
            delete_folder(own, self._check)
        return own


def _not_empty(measured: Measured, source: ObjectsAt) -> Measured:
    if measured.objects == 0:
        raise S3Error(Failure.NO_OBJECT, f'no files found in bucket {source.bucket} under "{source.prefix}"')
    return measured


def files_of(tree: FileTree) -> Iterator[File]:
    """The files of a tree as they are put into a place."""
    for path, content in tree.walk():
        yield File(path, content.size, content.etag, partial(content.read, 0, content.size))


def _listed(place: Place, check: Check) -> FileTree:
    """The files in a place, as they lie there."""
    return FileTree(tuple(Entry(one.path, InBucket(one.etag.strip('"'), one.size)) for one in objects(place, check)))


def _kept(place: Place, files: StoredFiles, check: Check) -> FileTree:
    """The files in a place, kept here too."""
    entries = []
    for one in objects(place, check):
        chunks = read(place.endpoint, place.bucket, one.key, one.etag, 0, one.size, check)
        entries.append(Entry(one.path, files.store(one.size, chunks)))
    return FileTree(tuple(entries))
