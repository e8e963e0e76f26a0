"""What is to be done in S3 for a data asset: one job at a time, written down before it is begun."""

from enum import StrEnum
from typing import NamedTuple

from mock_server.domain.content import Generated
from mock_server.domain.files import FileTree
from mock_server.domain.generated_folders import SimulatedFolder
from mock_server.domain.object_places import ObjectsAt
from mock_server.store import object_jobs
from mock_server.store.queries import OBJECT_JOBS
from mock_server.store.schema import DataAssetRow, ObjectJobRow
from mock_server.world import World

MOST_PLAYED = 1 << 30
"""Up to how many bytes files that take no space here, as their bytes are worked out, are written to S3 for one data
asset. Larger ones stay played: a seed may have terabytes.
"""


class Kind(StrEnum):
    """What a job does."""

    COUNT = "count"
    """Count what is in a bucket, for an external data asset."""
    POINT = "point"
    """Look whether there is something, for an external data asset whose files are not to be counted."""
    COPY = "copy"
    """Copy what is in a bucket into that of the deployment."""
    PUT = "put"
    """Put files into the bucket of the deployment."""
    FILL = "fill"
    """The same, for a data asset that is ready already."""
    CAPTURE = "capture"
    """Put files into a bucket of the user's."""
    TRANSFER = "transfer"
    """Put or copy the files of a data asset into a bucket of the user's."""
    REMOVE = object_jobs.REMOVE
    """Remove what is in the bucket of the deployment."""


MAKING = frozenset((Kind.COUNT, Kind.POINT, Kind.COPY, Kind.PUT, Kind.CAPTURE))
"""What makes a data asset: it is ready when that is done."""


class Job(NamedTuple):
    """A job: from where it takes what it does not take from the files of the data asset, and where it puts that when
    not into the bucket of the deployment. `with_keys`: with credentials that came with the request. `cleans`: what
    another data asset of the same id has left in the bucket of the deployment is removed before, as ids are given out
    again after a reset.
    """

    kind: Kind
    source: ObjectsAt | None = None
    target: ObjectsAt | None = None
    with_keys: bool = False
    cleans: bool = False

    def row(self, data_asset_id: str) -> ObjectJobRow:
        """The job as it is stored."""
        places = {"source": self.source, "target": self.target}
        work = {name: place.to_json() for name, place in places.items() if place is not None}
        flags = {name: True for name in ("with_keys", "cleans") if getattr(self, name)}
        return ObjectJobRow(data_asset_id, self.kind, work | flags, False)

    @classmethod
    def of(cls, row: ObjectJobRow) -> "Job":
        """The job that is stored."""
        source, target = (
            ObjectsAt.from_json(row.work[name]) if name in row.work else None for name in ("source", "target")
        )
        return cls(Kind(row.kind), source, target, row.work.get("with_keys", False), row.work.get("cleans", False))


def can_be_put(tree: FileTree) -> bool:
    """Whether files can be written to S3: not those that are only played and have too many bytes."""
    played = (e.source.size for e in tree.entries if isinstance(e.source, Generated | SimulatedFolder))
    return sum(played) <= MOST_PLAYED


def add(world: World, data_asset_id: str, job: Job) -> None:
    """Have something done for a data asset; call it inside `World.write`."""
    before = OBJECT_JOBS.get(world.db, data_asset_id)
    if before is not None and job.kind is not Kind.REMOVE:
        job = job._replace(cleans=before.kind == Kind.REMOVE or Job.of(before).cleans)
    object_jobs.keep(world.db, job.row(data_asset_id))
    if world.storage is not None:
        world.storage.wake()


def has_more_than_fill(world: World, data_asset_id: str) -> bool:
    """Whether something is still to be done for a data asset, other than that its files are put where they belong."""
    row = OBJECT_JOBS.get(world.db, data_asset_id)
    return row is not None and row.kind != Kind.FILL


def forget(world: World, row: DataAssetRow) -> None:
    """Have what a data asset that is being deleted has in the bucket of the deployment removed; call it inside
    `World.write`.
    """
    if row.more.get("objects", {}).get("own") or OBJECT_JOBS.get(world.db, row.id) is not None:
        add(world, row.id, Job(Kind.REMOVE))
