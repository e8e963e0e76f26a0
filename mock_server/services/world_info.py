"""What there is to say of a world, and of a snapshot."""

from mock_server.services import steering
from mock_server.store.snapshots import Snapshot
from mock_server.wire.control import SnapshotInfo, WorldInfo
from mock_server.world import World
from mock_server.worlds import Worlds


def describe_world(worlds: Worlds, world: World) -> WorldInfo:
    """A world, as the control plane tells it."""
    return WorldInfo(
        name=world.name,
        seed=world.row().origin["seed"],
        random_seed=world.random_seed,
        clock=steering.clock(world),
        counts=steering.counts(world),
        tokens=world.tokens(),
        idle=worlds.idle(world),
    )


def describe_snapshot(snapshot: Snapshot) -> SnapshotInfo:
    """A snapshot, as the control plane tells it."""
    head = snapshot.head
    return SnapshotInfo(
        name=snapshot.name,
        world=head.world,
        release=head.release,
        saved=head.saved,
        hash=head.hash,
        size=snapshot.size,
    )
