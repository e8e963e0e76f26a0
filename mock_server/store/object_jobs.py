"""What is to be done in S3 for data assets, and what came of it."""

from collections.abc import Iterable

from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import DATA_ASSETS, OBJECT_JOBS
from mock_server.store.rows import dump, write_plan
from mock_server.store.schema import DataAssetRow, ObjectJobRow

REMOVE = "remove"
"""The job that removes the objects of a data asset that is gone."""


def keep(db: Database, job: ObjectJobRow) -> None:
    """Write what is to be done for a data asset, in the place of what was to be done before."""
    db.write(sql.KEEP_OBJECT_JOB, {"id": job.id, "kind": job.kind, "work": dump(job.work), "begun": job.begun})


def first(db: Database, limit: int) -> list[ObjectJobRow]:
    """The jobs that are next, at most `limit`."""
    return OBJECT_JOBS.query(db, sql.NEXT_OBJECT_JOBS, {"limit": limit})


def begin(db: Database, key: str) -> None:
    """Write that somebody has begun with a job."""
    db.write(sql.BEGIN_OBJECT_JOB, {"key": key})


def fill(db: Database, *, anew: bool) -> None:
    """Have the internal data assets put in whose files are not in S3 yet; `anew`: those that were, too."""
    db.write(sql.FILL_OBJECTS, {"anew": int(anew)})


def owners(db: Database) -> set[str]:
    """The ids of the data assets that have, or may have, objects in the bucket of the deployment."""
    return {key for (key,) in db.all(sql.OWN_OBJECTS, {})}


def remove_those_gone(db: Database, keys: Iterable[str]) -> None:
    """Have the objects of those of the data assets removed that are gone."""
    for key in keys:
        if DATA_ASSETS.get(db, key) is None:
            keep(db, ObjectJobRow(key, REMOVE, {}, begun=True))


def write(db: Database, row: DataAssetRow) -> None:
    """Write where the files of a data asset are, how many, and how it has ended."""
    values = {
        "key": row.id,
        "new_plan": write_plan(row.plan),
        "new_settles": row.settles,
        "new_files": row.files,
        "new_size": row.size,
        "new_tree": row.tree,
        "new_external": row.external,
        "new_more": dump(row.more),
    }
    db.write(sql.WRITE_OBJECTS, values)
