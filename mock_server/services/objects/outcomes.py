"""What came of a job, written down: when a data asset is ready or has failed, and where its files lie."""

from mock_server.domain import lifecycle
from mock_server.domain.lifecycle import End
from mock_server.domain.sources import BucketSource
from mock_server.errors import UnavailableError
from mock_server.services.objects import jobs
from mock_server.services.objects.jobs import MAKING, Job, Kind
from mock_server.services.objects.work import Done
from mock_server.store import file_trees, object_jobs, queries
from mock_server.store.queries import OBJECT_JOBS
from mock_server.store.schema import DataAssetRow
from mock_server.world import World


def succeed(world: World, data_asset_id: str, job: Job, done: Done) -> None:
    """Write what came of a job that is done. Raises `UnavailableError` when it has to be done again."""
    with world.write():
        row = _current(world, data_asset_id, job)
        if row is None:
            return
        over = world.state_of(row.plan).end if job.kind in MAKING else None
        if over is not None and over.state != "ready":
            # Somebody has said meanwhile that it failed.
            _take_back(world, row, job)
            return
        if done.tree is not None:
            if not all(world.db.files.has(sha256) for sha256 in done.tree.stored_files()):
                # Another data asset had the same file, and was deleted meanwhile.
                raise UnavailableError("a file was removed while it was read")
            row.tree = file_trees.keep(world.db, done.tree)
        was_internal = not row.external
        if done.at is not None:
            row.more = row.more | {"objects": done.at.to_json()}
        if job.kind in MAKING:
            row.files, row.size = done.measured or (None, None)
            if over is None:
                _end(world, row, End("ready"))
        if job.kind is Kind.TRANSFER:
            _move(world, row, job)
        object_jobs.write(world.db, row)
        if job.kind is Kind.TRANSFER and was_internal:
            # What is, or was about to be, in the deployment's bucket is no longer behind anything.
            jobs.add(world, row.id, Job(Kind.REMOVE))


def fail(world: World, data_asset_id: str, job: Job, reason: str) -> None:
    """Write that a job cannot be done, and why."""
    with world.write():
        row = _current(world, data_asset_id, job)
        if row is None or job.kind is Kind.FILL:
            return
        if job.kind is Kind.TRANSFER:
            row.more = row.more | {"transfer_error": reason}
        elif world.state_of(row.plan).end is None:
            _end(world, row, End("failed", failure_reason=reason))
        object_jobs.write(world.db, row)
        _take_back(world, row, job)


def _take_back(world: World, row: DataAssetRow, job: Job) -> None:
    """Have what a job has put into the bucket of the deployment, or was to remove there, removed."""
    if job.cleans or job.kind in (Kind.COPY, Kind.PUT):
        jobs.add(world, row.id, Job(Kind.REMOVE))


def _current(world: World, data_asset_id: str, job: Job) -> DataAssetRow | None:
    """The data asset of a job that is still to be done, which is now over; None when there is nothing to write."""
    stored = OBJECT_JOBS.get(world.db, data_asset_id)
    if stored is None or Job.of(stored) != job:
        return None
    OBJECT_JOBS.delete(world.db, data_asset_id)
    row = queries.DATA_ASSETS.get(world.db, data_asset_id)
    return None if job.kind is Kind.REMOVE else row


def _end(world: World, row: DataAssetRow, end: End) -> None:
    row.plan = lifecycle.ended(row.plan, world.clock.now(), end)
    row.settles = row.plan.ends_at


def _move(world: World, row: DataAssetRow, job: Job) -> None:
    """Have a data asset be external: its files are where they were transferred to."""
    assert job.target is not None, "a transfer has a target"
    where = BucketSource("aws", job.target.bucket, job.target.prefix, external=True, public=False)
    row.external = True
    row.more = row.more | {"source_bucket": where.shown(), "last_transferred": int(world.clock.now())}
