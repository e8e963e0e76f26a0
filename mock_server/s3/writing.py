"""Writing objects, whole or in parts, so that there is never a piece of one under its name."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mock_server.s3.failures import Failure, S3Error, failures_of
from mock_server.s3.places import Place

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 << 20
"""The least size of a part. Whoever writes a stream holds up to two of them in memory."""
MOST_PARTS = 10_000
LARGE_AT_ONCE = min(8, 1 + (os.cpu_count() or 1))
"""How many objects in parts go through this process at once. More are no faster where they wait for the processor, and
keep it from whoever else is to be answered.
"""
MARK = "codeocean-mock-content"
"""The metadata in which an object says what it was made from: an entity tag or a hash."""
KEPT = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Metadata")
"""What a copy has from its original beside the bytes, in boto3's words."""


def part_size(size: int, least: int = PART_BYTES) -> int:
    """How large the parts of an object of `size` bytes are: S3 takes 10000 of them at most."""
    return max(least, -(-size // MOST_PARTS))


def in_parts(chunks: Iterable[bytes], size: int) -> Iterator[bytearray]:
    """The same bytes in pieces of `size`, the last of which may be shorter; one at least, which may be empty. Each is
    good until the next one is asked for, which may lie in the same memory: to get more of that takes longer than to
    copy a chunk, and all other threads wait meanwhile.
    """
    part = bytearray()
    filled, pending = 0, False
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            piece, rest = rest[: size - filled], rest[size - filled :]
            if filled == len(part):
                part += piece
            else:
                memoryview(part)[filled : filled + len(piece)] = piece
            filled += len(piece)
            if filled == size:
                yield part
                filled, pending = 0, True
    if filled or not pending:
        yield part if filled == len(part) else part[:filled]


_turns = BoundedSemaphore(LARGE_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Target:
    """The object that is to be: its place and key, the mark of what it is made from, its size and its properties."""

    place: Place
    key: str
    size: int
    mark: str
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> dict[str, str]:
        """Bucket and key, as parameters."""
        return {"Bucket": self.place.bucket, "Key": self.key}

    @property
    def described(self) -> dict[str, Any]:
        """Bucket, key, properties and metadata, as parameters."""
        return self.address | self.properties | {"Metadata": self.properties.get("Metadata", {}) | {MARK: self.mark}}

    @property
    def client(self) -> Any:
        """What speaks to its endpoint."""
        return self.place.endpoint.client

    def failures(self) -> Any:
        """Raise `S3Error` for what boto3 raises."""
        return failures_of(self.place.endpoint.url, self.place.bucket, self.key)

    def expect(self, size: int) -> None:
        """Raise `S3Error` unless it has this size."""
        if size != self.size:
            reason = f"{self.place}: {self.key} was to have {self.size} bytes, but has another size"
            raise S3Error(Failure.CHANGED, reason)

    def is_there(self) -> bool:
        """Whether it is there already, of the same size and made from the same. Raises `S3Error`."""
        try:
            with self.failures():
                answer = self.client.head_object(**self.address)
        except S3Error as problem:
            if problem.kind is Failure.NO_OBJECT:
                return False
            raise
        return bool(
            answer["ContentLength"] == self.size and self.mark in (answer["ETag"], answer["Metadata"].get(MARK))
        )


def write(target: Target, parts: Iterator[bytearray]) -> None:
    """Write an object whose bytes come in parts (`in_parts`), at once when one is enough. Raises `S3Error`, also when
    they are not as many bytes as the object is to have, and whatever the parts raise; nothing is written then.
    """
    if target.size > PART_BYTES:
        with _turns, MultipartUpload(target) as upload:
            for part in parts:
                upload.write(part)
            upload.complete()
        return
    body = next(parts)
    target.expect(len(body) + len(next(parts, b"")))
    with target.failures():
        target.client.put_object(**target.described, Body=body)


class MultipartUpload:
    """An object that is written in parts. It is there once it is completed; nothing is left when it is not. Raises
    `S3Error`.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._parts: list[CompletedPartTypeDef] = []
        self._bytes = 0
        self._named: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin."""
        target = self._target
        with target.failures():
            answer = target.client.create_multipart_upload(**target.described)
        self._named = target.address | {"UploadId": answer["UploadId"]}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _problem: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Take back what was not completed."""
        if not self._named:
            return
        try:
            with self._target.failures():
                self._target.client.abort_multipart_upload(**self._named)
        except S3Error:
            # What has gone wrong before says more.
            if kind is None:
                raise

    def write(self, data: bytes | bytearray) -> None:
        """Append a part."""
        with self._target.failures():
            answer = self._target.client.upload_part(**self._named, PartNumber=len(self._parts) + 1, Body=data)
        self._append(answer["ETag"], len(data))

    def copy(self, source: dict[str, str], etag: str, start: int, stop: int) -> None:
        """Append a part that the server copies from an object that it has."""
        with self._target.failures():
            answer = self._target.client.upload_part_copy(
                **self._named,
                PartNumber=len(self._parts) + 1,
                CopySource=source,
                CopySourceIfMatch=etag,
                CopySourceRange=f"bytes={start}-{stop - 1}",
            )
        self._append(answer["CopyPartResult"]["ETag"], stop - start)

    def complete(self) -> None:
        """Make the object of its parts. Raises `S3Error`, also when they are not as many bytes as it is to have."""
        target = self._target
        target.expect(self._bytes)
        try:
            with target.failures():
                target.client.complete_multipart_upload(**self._named, MultipartUpload={"Parts": self._parts})
        except S3Error as problem:
            # The answer to a first attempt may have been lost: then there is nothing left to complete.
            if problem.kind is not Failure.NO_OBJECT or not target.is_there():
                raise
        self._named = {}

    def _append(self, etag: str, size: int) -> None:
        self._parts.append({"PartNumber": len(self._parts) + 1, "ETag": etag})
        self._bytes += size
