"""Whether the server works."""

from mock_server.control.context import Context
from mock_server.operations.declaration import Routes
from mock_server.version import __version__
from mock_server.wire.control import Health

router = Routes(prefix="", tags=["health"])


@router.get("/health")
async def health(context: Context) -> Health:
    """Write, read and tell the time. 503 with the reason when one of them cannot be done, or a database is damaged."""
    worlds = context.worlds
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
