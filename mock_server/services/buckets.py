"""Which buckets there are."""

from mock_server.settings import UnknownBuckets
from mock_server.store import queries
from mock_server.world import World


def exists(world: World, name: str) -> bool:
    """Whether a bucket can be written: the seed declares it, or those that it does not are simulated."""
    return world.unknown_buckets is UnknownBuckets.SIMULATE or queries.BUCKETS.get(world.db, name) is not None
