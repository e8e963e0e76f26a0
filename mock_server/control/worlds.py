"""Routes of worlds."""

import os
from collections.abc import AsyncGenerator
from typing import BinaryIO

from mock_server.asgi.streams import Stream
from mock_server.control.context import Context, WorldContext
from mock_server.control.parameters import WorldName
from mock_server.operations.declaration import Routes
from mock_server.services import clock, world_info
from mock_server.wire.common import Error
from mock_server.wire.control import CreateWorld, WorldInfo, WorldList

router = Routes(prefix="", tags=["worlds"])

YAML = "application/yaml"

PIECE = 1024**2
"""How many bytes of a seed file are sent at once."""


@router.get("/worlds")
async def list_worlds(context: Context) -> WorldList:
    """All worlds that are there now."""
    return WorldList(worlds=world_info.list_worlds(context.worlds))


@router.post("/worlds", status_code=201, responses={409: {"model": Error}, 429: {"model": Error}})
async def create_world(context: Context, request: CreateWorld) -> WorldInfo:
    """Make a world."""
    worlds = context.worlds
    setting = clock.setting(request.clock) if request.clock else None
    if request.snapshot is not None:
        world = await worlds.create_from_snapshot(request.name, request.snapshot, setting, replace=request.replace)
        context.leases.wake()
    else:
        world = await worlds.create_from_seed(
            request.name, request.seed, request.random_seed, setting, replace=request.replace
        )
    return world_info.describe_world(worlds, world)


@router.get("/worlds/{world}")
async def get_world(context: WorldContext) -> WorldInfo:
    """One world."""
    return world_info.describe_world(context.worlds, context.world)


@router.delete("/worlds/{world}", status_code=204)
async def delete_world(context: Context, world: WorldName) -> None:
    """Drop a world; the default one cannot be dropped."""
    context.worlds.drop(world)


@router.post("/worlds/{world}/reset")
async def reset_world(context: WorldContext) -> WorldInfo:
    """Put a world back to its seed."""
    await context.worlds.reset(context.world)
    return world_info.describe_world(context.worlds, context.world)


@router.get("/worlds/{world}/export", responses={200: {"content": {YAML: {}}}})
async def export_world(context: WorldContext) -> Stream:
    """The present state of a world as a seed file."""
    from mock_server.store.seed_export import text  # Late: it writes YAML, and few ask for it.

    world = context.world
    file = await text.text_of(world.db, world.name, clock.beginning(world), world.ids_used)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return Stream(YAML.encode(), _pieces(file), ((b"content-length", str(size).encode()),))


async def _pieces(file: BinaryIO) -> AsyncGenerator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
