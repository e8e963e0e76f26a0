"""What is behind a signed URL."""

from mock_server.domain.content import Content
from mock_server.services import computations, data_assets
from mock_server.services.files import SignedFile
from mock_server.store import tables
from mock_server.world import World


def opened(world: World, file: SignedFile) -> Content | None:
    """The content of the file, or None when it is gone. Whoever holds the URL may read it."""
    if file.kind == "computations":
        run = tables.COMPUTATIONS.get(world.db, file.entity_id)
        return computations.results(world, run).find(file.path) if run else None
    asset = tables.DATA_ASSETS.get(world.db, file.entity_id)
    return data_assets.content(world, asset).find(file.path) if asset else None
