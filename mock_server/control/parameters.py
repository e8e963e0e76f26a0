"""What the routes of the control plane have in common."""

from typing import Annotated

from fastapi import Depends, Path, Request

from mock_server.services.driven import leases
from mock_server.wire.control import WORLD_NAME
from mock_server.world import World
from mock_server.worlds import Worlds


async def _all_worlds(request: Request) -> Worlds:
    worlds: Worlds = request.app.state.worlds
    return worlds


AllWorlds = Annotated[Worlds, Depends(_all_worlds)]
WorldName = Annotated[str, Path(pattern=WORLD_NAME, description="The name of a world")]
SnapshotName = Annotated[str, Path(pattern=WORLD_NAME, description="The name of a snapshot")]


async def _one_world(worlds: AllWorlds, world: WorldName) -> World:
    found = worlds.require(world)
    # A lease is over when its time is, whether the watch has seen that by then or not.
    leases.lapse_if_possible(found, worlds.real())
    return found


OneWorld = Annotated[World, Depends(_one_world)]
