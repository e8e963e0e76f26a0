"""Routes of worlds."""

from fastapi import APIRouter, Request

from mock_server.control.parameters import AllWorlds, OneWorld, WorldName
from mock_server.services import clock, world_info
from mock_server.services.driven.leases import LeaseWatch
from mock_server.wire.common import Error
from mock_server.wire.control import CreateWorld, WorldInfo, WorldList

router = APIRouter(tags=["worlds"])


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
