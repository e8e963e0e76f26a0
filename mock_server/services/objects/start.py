"""S3 at the start of a server: connected, and filled with what the seed declares."""

from mock_server.errors import StartError
from mock_server.s3.failures import S3Error
from mock_server.s3.storage import Storage
from mock_server.s3.transfers import File
from mock_server.services.objects.jobs import can_be_put
from mock_server.services.objects.work import files_of
from mock_server.settings import S3Setting
from mock_server.store import file_trees, queries
from mock_server.world import World


def storage(setting: S3Setting) -> Storage:
    """S3 as the settings have it. Raises `StartError` when it cannot be used."""
    try:
        return Storage(setting.where, setting.bucket, setting.public_url, setting.endpoints)
    except (S3Error, ValueError) as problem:
        raise StartError(str(problem)) from problem


def declared_buckets(world: World) -> tuple[dict[str, list[File]], set[str]]:
    """The buckets that the seed of a world declares for S3, with their files, and those that anybody may read. Of files
    that are only played and too many bytes, there are none.
    """
    buckets: dict[str, list[File]] = {}
    public = set()
    for row in queries.BUCKETS.each(world.db):
        if row.origin == "aws":
            tree = file_trees.get(world.db, row.tree)
            buckets[row.name] = list(files_of(tree)) if can_be_put(tree) else []
            if row.public:
                public.add(row.name)
    return buckets, public


def fill_buckets(world: World) -> None:
    """Put what the seed of a world declares into the buckets of the embedded server. Raises `StartError`."""
    assert world.storage is not None, "S3 is off"
    s3 = world.storage.storage
    if s3.is_embedded:
        try:
            s3.fill(*declared_buckets(world))
        except S3Error as problem:
            raise StartError(str(problem)) from problem
