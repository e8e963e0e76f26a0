"""Places in S3: a bucket, and a folder in it or all of it; and what is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mock_server.s3.endpoint import DEFAULT_REGION, Endpoint
from mock_server.s3.failures import Failure, S3Error, failures_of

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CreateBucketRequestTypeDef

PAGE = 1000
"""How many objects one answer lists: S3 has no more (S3 API reference, ListObjectsV2)."""

Check = Callable[[], None]
"""Called between steps of what takes long, at least once for every few megabytes. What it raises ends it."""


def go_on() -> None:
    """The check that ends nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A prefix in a bucket. It is a folder: `a/b` holds `a/b/c` and not `a/bc`; or it is the key of one object."""

    endpoint: Endpoint
    bucket: str
    prefix: str = ""

    @property
    def folder(self) -> str:
        """What the keys in it begin with: nothing, or something that ends in a slash."""
        return f"{self.prefix}/" if self.prefix and not self.prefix.endswith("/") else self.prefix

    def below(self, path: str) -> "Place":
        """A folder in this one."""
        return Place(self.endpoint, self.bucket, self.folder + path)

    def key(self, path: str) -> str:
        """The key of the file with this path."""
        return self.folder + path

    def __str__(self) -> str:
        """Its URL as AWS tools write it."""
        return f"s3://{self.bucket}/{self.prefix}"


class StoredObject(NamedTuple):
    """An object: its key, its path below the place that was asked for, its size in bytes, its entity tag (with the
    quotes), when it was written (Unix seconds).
    """

    key: str
    path: str
    size: int
    etag: str
    modified: float


class Measured(NamedTuple):
    """How many objects there are, and how many bytes they have."""

    objects: int
    bytes: int


def objects(place: Place, check: Check = go_on) -> Iterator[StoredObject]:
    """The files in a place, a page of a thousand at a time, as the server orders them; or the one object that the
    prefix is the key of, where there is no such folder. Markers of folders are left out: keys that end in a slash.
    Raises `S3Error`.
    """
    folder = place.folder
    found = False
    for entry in keys_below(place, check):
        found = True
        if not entry.key.endswith("/"):
            yield entry
    if not found and folder != place.prefix:
        single = head(place.endpoint, place.bucket, place.prefix)
        if single is not None:
            yield single._replace(path=single.key.rsplit("/", 1)[-1])


def keys_below(place: Place, check: Check = go_on) -> Iterator[StoredObject]:
    """Everything whose key begins with the place's folder. Raises `S3Error`."""
    endpoint, folder = place.endpoint, place.folder
    listing = endpoint.client.get_paginator("list_objects_v2")
    pages = iter(listing.paginate(Bucket=place.bucket, Prefix=folder, PaginationConfig={"PageSize": PAGE}))
    while True:
        with failures_of(endpoint.url, place.bucket, folder):
            page = next(pages, None)
        if page is None:
            return
        check()
        for entry in page.get("Contents", ()):
            key = entry["Key"]
            if not key.startswith(folder):
                raise S3Error(Failure.BROKEN, f"the S3 endpoint {endpoint.url} lists objects that are not in {place}")
            yield StoredObject(key, key[len(folder) :], entry["Size"], entry["ETag"], entry["LastModified"].timestamp())


def measure(place: Place, check: Check = go_on) -> Measured:
    """Count what is in a place. Raises `S3Error`, also when the place is a prefix with nothing there."""
    number = total = 0
    for entry in objects(place, check):
        number += 1
        total += entry.size
    if number == 0 and place.prefix:
        raise S3Error(Failure.NO_OBJECT, f"there is nothing at {place}")
    return Measured(number, total)


def is_empty(place: Place) -> bool:
    """Whether no key begins with the place's folder. Raises `S3Error`."""
    with failures_of(place.endpoint.url, place.bucket, place.folder):
        page = place.endpoint.client.list_objects_v2(Bucket=place.bucket, Prefix=place.folder, MaxKeys=1)
    return not page.get("Contents")


def head(endpoint: Endpoint, bucket: str, key: str) -> StoredObject | None:
    """An object, or None when there is no such object (or no such bucket: the answer is the same). Raises `S3Error`."""
    try:
        with failures_of(endpoint.url, bucket, key):
            answer = endpoint.client.head_object(Bucket=bucket, Key=key)
    except S3Error as problem:
        if problem.kind is Failure.NO_OBJECT:
            return None
        raise
    return StoredObject(key, key, answer["ContentLength"], answer["ETag"], answer["LastModified"].timestamp())


def bucket_exists(endpoint: Endpoint, bucket: str) -> bool:
    """Whether a bucket exists, and may be read. Raises `S3Error`."""
    try:
        with failures_of(endpoint.url, bucket):
            endpoint.client.head_bucket(Bucket=bucket)
    except S3Error as problem:
        if problem.kind is Failure.NO_OBJECT:
            return False
        raise
    return True


def ensure_bucket(endpoint: Endpoint, bucket: str) -> bool:
    """Create a bucket when it is missing, and return whether it was. Raises `S3Error`."""
    if bucket_exists(endpoint, bucket):
        return False
    wanted: CreateBucketRequestTypeDef = {"Bucket": bucket}
    if endpoint.region not in (DEFAULT_REGION, "aws-global"):
        wanted["CreateBucketConfiguration"] = {"LocationConstraint": endpoint.region}  # type: ignore[typeddict-item]
    client = endpoint.client
    with failures_of(endpoint.url, bucket):
        try:
            client.create_bucket(**wanted)
        except client.exceptions.BucketAlreadyOwnedByYou:
            return False
    return True
