"""Routes of snapshots."""

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from mock_server.control.parameters import AllWorlds, OneWorld, SnapshotName
from mock_server.services import world_info
from mock_server.services.driven.leases import LeaseWatch
from mock_server.store.snapshot.snapshots import PIECE
from mock_server.wire.control import SnapshotInfo, SnapshotList, WorldInfo

router = APIRouter(tags=["snapshots"])

BINARY = "application/octet-stream"


@router.get("/snapshots")
async def list_snapshots(worlds: AllWorlds) -> SnapshotList:
    """All snapshots."""
    return SnapshotList(snapshots=[world_info.describe_snapshot(snapshot) for snapshot in worlds.snapshots.all()])


@router.put("/worlds/{world}/snapshots/{name}", status_code=201)
async def save_snapshot(worlds: AllWorlds, world: OneWorld, name: SnapshotName) -> SnapshotInfo:
    """Save a world."""
    return world_info.describe_snapshot(worlds.save(world, name))


@router.post("/worlds/{world}/snapshots/{name}/load")
async def load_snapshot(worlds: AllWorlds, world: OneWorld, name: SnapshotName, request: Request) -> WorldInfo:
    """Put a world back to what was saved."""
    await worlds.load(world, name)
    watch: LeaseWatch = request.app.state.leases
    watch.wake()
    return world_info.describe_world(worlds, world)


@router.delete("/snapshots/{name}", status_code=204)
async def delete_snapshot(worlds: AllWorlds, name: SnapshotName) -> None:
    """Forget a snapshot."""
    worlds.snapshots.delete(name)


@router.get("/snapshots/{name}/file", response_class=Response, responses={200: {"content": {BINARY: {}}}})
async def export_snapshot(worlds: AllWorlds, name: SnapshotName) -> Response:
    """The snapshot as one file."""
    file, stored = worlds.export_snapshot(name)
    return StreamingResponse(_pieces(file, stored), media_type=BINARY)


async def _pieces(file: BinaryIO, stored: Iterator[bytes]) -> AsyncIterator[bytes]:
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
async def import_snapshot(worlds: AllWorlds, name: SnapshotName, request: Request) -> SnapshotInfo:
    """Import a snapshot that another server has exported."""
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() else None
    return world_info.describe_snapshot(await worlds.import_snapshot(name, request.stream(), size))
