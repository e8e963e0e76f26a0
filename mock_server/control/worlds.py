"""Routes of worlds."""

import os
from collections.abc import AsyncIterator
from typing import BinaryIO

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from mock_server.control.parameters import AllWorlds, OneWorld, WorldName
from mock_server.services import clock, world_info
from mock_server.services.driven.leases import LeaseWatch
from mock_server.wire.common import Error
from mock_server.wire.control import CreateWorld, WorldInfo, WorldList

router = APIRouter(tags=["worlds"])

YAML = "application/yaml"

PIECE = 1024**2
"""How many bytes of a seed file are sent at once."""


@router.get("/worlds")
async def list_worlds(worlds: AllWorlds) -> WorldList:
    """All worlds that are there now."""
    return WorldList(worlds=world_info.list_worlds(worlds))


@router.post("/worlds", status_code=201, responses={409: {"model": Error}, 429: {"model": Error}})
async def create_world(worlds: AllWorlds, request: CreateWorld, http_request: Request) -> WorldInfo:
    """Make a world."""
    setting = clock.setting(request.clock) if request.clock else None
    if request.snapshot is not None:
        world = await worlds.create_from_snapshot(request.name, request.snapshot, setting, replace=request.replace)
        watch: LeaseWatch = http_request.app.state.leases
        watch.wake()
    else:
        world = await worlds.create_from_seed(
            request.name, request.seed, request.random_seed, setting, replace=request.replace
        )
    return world_info.describe_world(worlds, world)


@router.get("/worlds/{world}")
async def get_world(worlds: AllWorlds, world: OneWorld) -> WorldInfo:
    """One world."""
    return world_info.describe_world(worlds, world)


@router.delete("/worlds/{world}", status_code=204)
async def delete_world(worlds: AllWorlds, world: WorldName) -> None:
    """Drop a world; the default one cannot be dropped."""
    worlds.drop(world)


@router.post("/worlds/{world}/reset")
async def reset_world(worlds: AllWorlds, world: OneWorld) -> WorldInfo:
    """Put a world back to its seed."""
    await worlds.reset(world)
    return world_info.describe_world(worlds, world)


@router.get("/worlds/{world}/export", response_class=Response, responses={200: {"content": {YAML: {}}}})
async def export_world(world: OneWorld) -> Response:
    """The present state of a world as a seed file."""
    from mock_server.store.seed_export import text  # Late: it writes YAML, and few ask for it.

    file = await text.text_of(world.db, world.name, clock.beginning(world), world.ids_used)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type=YAML, headers={"Content-Length": str(size)})


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
