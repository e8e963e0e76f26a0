"""Whether the server works."""

from fastapi import APIRouter

from mock_server.control.parameters import AllWorlds
from mock_server.version import __version__
from mock_server.wire.control import Health

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(worlds: AllWorlds) -> Health:
    """Write, read and tell the time. 503 with the reason when one of them cannot be done, or a database is damaged."""
    await worlds.check()
    world = worlds.default
    folder = worlds.settings.data_dir
    return Health(
        version=__version__,
        platform_version=str(worlds.settings.platform_version),
        data=str(folder) if folder else "in memory",
        worlds=len(worlds.all()),
        now=world.clock.now(),
        problems=worlds.folders.problems_now(),
    )
