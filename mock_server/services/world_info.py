"""Worlds and snapshots as the control plane describes them."""

from mock_server.errors import MAX_MESSAGE, ApiError
from mock_server.services import access, clock
from mock_server.store import queries
from mock_server.store.snapshot.snapshots import Snapshot
from mock_server.wire.control import Counts, S3Info, SnapshotInfo, WorldInfo
from mock_server.world import World
from mock_server.worlds import Worlds


def list_worlds(worlds: Worlds) -> list[WorldInfo]:
    """All worlds as the control plane describes them; one whose content cannot be read, with its problem."""
    return [_describe_any(worlds, world) for world in worlds.all()]


def _describe_any(worlds: Worlds, world: World) -> WorldInfo:
    try:
        world.refresh()
        return describe_world(worlds, world)
    except Exception as problem:
        # Whatever is wrong with one world, the others are listed: what is in a database may be anything.
        known = problem.message if isinstance(problem, ApiError) else f"{type(problem).__name__}: {problem}"
        return _unreadable(worlds, world, f"it cannot be read: {' '.join(known.split())[:MAX_MESSAGE]}")


def _unreadable(worlds: Worlds, world: World, problem: str) -> WorldInfo:
    return WorldInfo(
        name=world.name,
        seed="",
        random_seed=world.random_seed,
        clock=clock.hands(world),
        counts=Counts(capsules=0, pipelines=0, computations=0, data_assets=0, scenarios=0, faults=0, requests=0),
        tokens={},
        idle=worlds.idle(world),
        problem=problem,
    )


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
        s3=_s3(world),
    )


def _s3(world: World) -> S3Info | None:
    if world.storage is None:
        return None
    return S3Info(bucket=world.storage.bucket, variables=world.storage.storage.variables())


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
        **world.remembered(_counted, None, *queries.COUNTED),
        scenarios=len(world.scenarios.loaded),
        faults=len(world.faults),
        requests=world.journal.last,
    )


def _counted(world: World, _key: None) -> dict[str, int]:
    return queries.counts(world.db)
