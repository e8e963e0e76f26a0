"""Worlds and snapshots as the control plane describes them."""

from mock_server.services import access, clock
from mock_server.store import queries
from mock_server.store.snapshots import Snapshot
from mock_server.wire.control import Counts, SnapshotInfo, WorldInfo
from mock_server.world import World
from mock_server.worlds import Worlds


def describe_world(worlds: Worlds, world: World) -> WorldInfo:
    """Return a world as the control plane describes it."""
    return WorldInfo(
        name=world.name,
        seed=world.row().origin["seed"],
        random_seed=world.random_seed,
        clock=clock.clock(world),
        counts=counts(world),
        tokens=access.tokens(world),
        idle=worlds.idle(world),
    )


def describe_snapshot(snapshot: Snapshot) -> SnapshotInfo:
    """Return a snapshot as the control plane describes it."""
    head = snapshot.head
    return SnapshotInfo(
        name=snapshot.name,
        world=head.world,
        release=head.release,
        saved=head.saved,
        hash=head.hash,
        size=snapshot.size,
    )


def counts(world: World) -> Counts:
    """Count what a world holds."""
    return Counts(
        **queries.counts(world.db),
        scenarios=len(world.scenarios.loaded),
        faults=len(world.faults),
        requests=world.journal.last,
    )
