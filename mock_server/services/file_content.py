"""What is in the files of results and data assets."""

from mock_server.domain.access import Caller
from mock_server.domain.content import Content
from mock_server.domain.paths import clean
from mock_server.services import access, computations, data_assets
from mock_server.services.signed_urls import FileAddress
from mock_server.store import queries
from mock_server.world import World


def opened(world: World, file: FileAddress) -> Content | None:
    """The content behind a signed URL, or None when it is gone. Whoever holds the URL may read it."""
    if file.kind == "computations":
        run = queries.COMPUTATIONS.get(world.db, file.entity_id)
        return computations.results(world, run).find(file.path) if run else None
    asset = queries.DATA_ASSETS.get(world.db, file.entity_id)
    return data_assets.content(world, asset).find(file.path) if asset else None


def result(world: World, caller: Caller, computation_id: str, path: str) -> Content | None:
    """The content of a result file that the caller may read, or None when there is no such file."""
    return computations.results(world, access.computation(world, caller, computation_id)).find(clean(path))


def file(world: World, caller: Caller, data_asset_id: str, path: str) -> Content | None:
    """The content of a file of an internal data asset that the caller may read, or None when there is no such file."""
    return data_assets.tree(world, access.data_asset(world, caller, data_asset_id)).find(clean(path))
