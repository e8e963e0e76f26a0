"""Copying objects between places, and putting files into one: resumable, as streams, several at a time."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from mock_server.s3.failures import Failure, S3Error, failures_of
from mock_server.s3.places import Check, Measured, Place, StoredObject, go_on, is_empty, objects
from mock_server.s3.reading import read
from mock_server.s3.writing import KEPT, MARK, MultipartUpload, Target, in_parts, part_size, write

COPY_AT_ONCE_BYTES = 1 << 30
"""Up to this size the server is asked to copy an object at once; larger ones in parts of half of it. S3 allows 5 GB,
but answers only when it is done.
"""
AHEAD = 16
"""How many objects of a transfer may wait for a thread or be under way."""

Item = TypeVar("Item")

Progress = Callable[[Measured], None]
"""Called now and then with what has been transferred so far, on the thread that asked for the transfer."""


class File(NamedTuple):
    """A file that is to be put into a place: its path there, its size, what its content is known by (a hash), and a
    function that gives its bytes.
    """

    path: str
    size: int
    mark: str
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Transfer:
    """How something is transferred. The threads of `executor` may be shared by any number of transfers, which then hold
    two parts in memory for each thread, all together; without one everything is done on the thread that asks for it.
    What `check` raises, on whatever thread, ends a transfer.
    """

    executor: Executor | None = None
    check: Check = go_on
    progress: Progress = lambda _done: None

    def copy(self, source: Place, target: Place) -> Measured:
        """Copy what is in a place to another one, and return how much that is, what was there before included: objects
        that have been copied already are left alone. By the server itself where it can. Raises `S3Error`.
        """
        _refuse_overlap(source, target)
        fresh = is_empty(target)

        def copied(entry: StoredObject, check: Check) -> int:
            one = Target(target, target.key(entry.path), entry.size, entry.etag)
            if fresh or not one.is_there():
                copy_object(source, entry, one, check)
            return entry.size

        return self._each(copied, objects(source, self.check))

    def put(self, files: Iterable[File], target: Place) -> Measured:
        """Put files into a place, and return how much that is, what was there before included. Raises `S3Error`."""
        fresh = is_empty(target)

        def written(file: File, check: Check) -> int:
            one = Target(target, target.key(file.path), file.size, file.mark)
            if fresh or not one.is_there():
                write(one, in_parts(_checked(file.chunks(), check), part_size(file.size)))
            return file.size

        return self._each(written, files)

    def _each(self, work: Callable[[Item, Check], int], items: Iterable[Item]) -> Measured:
        """Do a work for each of the items. When this returns or raises, nothing is under way any more."""
        done = Measured(0, 0)
        with closing(_results(self, work, items)) as sizes:
            for size in sizes:
                done = Measured(done.objects + 1, done.bytes + size)
                self.progress(done)
        return done


def _results(transfer: Transfer, work: Callable[[Item, Check], int], items: Iterable[Item]) -> Generator[int]:
    """What a work returns for each of the items, in their order."""
    going: deque[Future[int]] = deque()
    ended = False

    def check() -> None:
        if ended:
            raise S3Error(Failure.BROKEN, "another part of the transfer has failed")
        transfer.check()

    try:
        for item in items:
            check()
            if transfer.executor is None:
                yield work(item, check)
                continue
            going.append(transfer.executor.submit(work, item, check))
            if len(going) >= AHEAD:
                yield going.popleft().result()
        while going:
            yield going.popleft().result()
    finally:
        ended = True
        wait([future for future in going if not future.cancel()])


def _refuse_overlap(source: Place, target: Place) -> None:
    """Raise `S3Error` when what is written could be found among what is to be copied, or replace some of it."""
    if source.endpoint.url == target.endpoint.url and source.bucket == target.bucket:
        inner, outer = sorted((source.folder, target.folder), key=len, reverse=True)
        if inner.startswith(outer):
            raise S3Error(Failure.WRONG_SETTING, f"{source} cannot be copied to {target}: one is inside of the other")


def copy_object(source: Place, entry: StoredObject, target: Target, check: Check = go_on) -> None:
    """Copy an object. By the server itself when both places are at the same endpoint with the same access. Raises
    `S3Error`, also when the object is no longer the one that was listed.
    """
    target = replace(target, properties=_properties(source, entry))
    if source.endpoint.shares_access(target.place.endpoint):
        try:
            _copied_by_server(source, entry, target, check)
        except S3Error as problem:
            if problem.kind is not Failure.UNSUPPORTED:
                raise
        else:
            return
    chunks = read(source.endpoint, source.bucket, entry.key, entry.etag, 0, entry.size, check)
    write(target, in_parts(chunks, part_size(entry.size)))


def _properties(source: Place, entry: StoredObject) -> dict[str, object]:
    with failures_of(source.endpoint.url, source.bucket, entry.key):
        answer = source.endpoint.client.head_object(Bucket=source.bucket, Key=entry.key, IfMatch=entry.etag)
    kept = {name: value for name, value in answer.items() if name in KEPT}
    metadata = {name: value for name, value in answer["Metadata"].items() if name != MARK and value.isascii()}
    return kept | {"Metadata": metadata}


def _copied_by_server(source: Place, entry: StoredObject, target: Target, check: Check) -> None:
    address = {"Bucket": source.bucket, "Key": entry.key}
    if entry.size <= COPY_AT_ONCE_BYTES:
        with target.failures():
            target.client.copy_object(
                **target.described, CopySource=address, CopySourceIfMatch=entry.etag, MetadataDirective="REPLACE"
            )
        return
    step = part_size(entry.size, COPY_AT_ONCE_BYTES // 2)
    with MultipartUpload(target) as upload:
        for start in range(0, entry.size, step):
            check()
            upload.copy(address, entry.etag, start, min(start + step, entry.size))
        upload.complete()


def _checked(chunks: Iterable[bytes], check: Check) -> Iterator[bytes]:
    for chunk in chunks:
        check()
        yield chunk
