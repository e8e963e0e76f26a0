"""What is in the files of results and data assets."""

from mock_server.domain.access import Caller
from mock_server.domain.content import Content, Joined, Stored
from mock_server.domain.files import FileTree
from mock_server.domain.paths import clean
from mock_server.services import access, computations, data_assets
from mock_server.services.signed_urls import FileAddress
from mock_server.store import queries
from mock_server.world import World


def opened(world: World, file: FileAddress) -> Content | None:
    """The content behind a signed URL, or None when it is gone. Whoever holds the URL may read it. Raises
    `DamagedError` when it should lie beside the database and does not.
    """
    if file.kind == "computations":
        run = queries.COMPUTATIONS.get(world.db, file.entity_id)
        tree = computations.results(world, run) if run else FileTree()
    else:
        asset = queries.DATA_ASSETS.get(world.db, file.entity_id)
        tree = data_assets.content(world, asset) if asset else FileTree()
    return _present(world, tree.find(file.path))


def _present(world: World, content: Content | None) -> Content | None:
    for piece in content.pieces if isinstance(content, Joined) else (content,):
        if isinstance(piece, Stored):
            world.db.files.size(piece.sha256)
    return content


def result(world: World, caller: Caller, computation_id: str, path: str) -> Content | None:
    """The content of a result file that the caller may read, or None when there is no such file."""
    tree = computations.results(world, access.computation(world, caller, computation_id))
    return _present(world, tree.find(clean(path)))


def file(world: World, caller: Caller, data_asset_id: str, path: str) -> Content | None:
    """The content of a file of an internal data asset that the caller may read, or None when there is no such file."""
    tree = data_assets.tree(world, access.data_asset(world, caller, data_asset_id))
    return _present(world, tree.find(clean(path)))
