"""Routes of snapshots."""

from collections.abc import AsyncGenerator, Iterator
from typing import BinaryIO

from mock_server.asgi.context import header
from mock_server.asgi.streams import Stream
from mock_server.control.context import Context, WorldContext
from mock_server.control.parameters import SnapshotName
from mock_server.operations.declaration import Routes
from mock_server.services import world_info
from mock_server.store.snapshot.snapshots import PIECE
from mock_server.wire.control import SnapshotInfo, SnapshotList, WorldInfo

router = Routes(prefix="", tags=["snapshots"])

BINARY = "application/octet-stream"


@router.get("/snapshots")
async def list_snapshots(context: Context) -> SnapshotList:
    """All snapshots."""
    return SnapshotList(
        snapshots=[world_info.describe_snapshot(snapshot) for snapshot in context.worlds.snapshots.all()]
    )


@router.put("/worlds/{world}/snapshots/{name}", status_code=201)
async def save_snapshot(context: WorldContext, name: SnapshotName) -> SnapshotInfo:
    """Save a world."""
    return world_info.describe_snapshot(context.worlds.save(context.world, name))


@router.post("/worlds/{world}/snapshots/{name}/load")
async def load_snapshot(context: WorldContext, name: SnapshotName) -> WorldInfo:
    """Put a world back to what was saved."""
    await context.worlds.load(context.world, name)
    context.leases.wake()
    return world_info.describe_world(context.worlds, context.world)


@router.delete("/snapshots/{name}", status_code=204)
async def delete_snapshot(context: Context, name: SnapshotName) -> None:
    """Forget a snapshot."""
    context.worlds.snapshots.delete(name)


@router.get("/snapshots/{name}/file", responses={200: {"content": {BINARY: {}}}})
async def export_snapshot(context: Context, name: SnapshotName) -> Stream:
    """The snapshot as one file."""
    file, stored = context.worlds.export_snapshot(name)
    return Stream(BINARY.encode(), _pieces(file, stored))


async def _pieces(file: BinaryIO, stored: Iterator[bytes]) -> AsyncGenerator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
    for piece in stored:
        yield piece


@router.put(
    "/snapshots/{name}/file",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {BINARY: {}}}},
)
async def import_snapshot(context: Context, name: SnapshotName) -> SnapshotInfo:
    """Import a snapshot that another server has exported."""
    declared = header(context.scope, b"content-length") or b""
    size = int(declared) if declared.isdigit() else None
    return world_info.describe_snapshot(await context.worlds.import_snapshot(name, context.pieces(), size))
