"""Files of data assets as a tar, for those who execute runs."""

from collections.abc import Iterator
from itertools import chain

from mock_server.domain.paths import join
from mock_server.domain.tar_streams import packed
from mock_server.errors import ConflictError
from mock_server.services import access, data_assets
from mock_server.store import queries
from mock_server.store.schema import DataAssetRow
from mock_server.world import World

Files = Iterator[tuple[str, int, Iterator[bytes]]]


def of_data_asset(world: World, data_asset_id: str) -> Iterator[bytes]:
    """The files of a data asset as a tar, piece by piece: read them on a thread, as they may lie in S3. One that is
    combined has those of its parts, each in a folder. Raises `ConflictError` when it is not ready.
    """
    row = access.find(world, queries.DATA_ASSETS, "data asset", data_asset_id)
    state = world.state_of(row.plan).state
    if state != "ready":
        raise ConflictError(f"the data asset is {state}")
    parts = [_files(world, row)]
    for part in row.more.get("contained_data_assets", ()):
        contained = queries.DATA_ASSETS.get(world.db, part["id"])
        if contained is not None:
            parts.append(_below(part["mount"], _files(world, contained)))
    return packed(chain.from_iterable(parts))


def _files(world: World, row: DataAssetRow) -> Files:
    if "objects" in row.more:
        from mock_server.services.objects import reading  # Late: hardly any server has S3.

        return reading.files(world, row)
    tree = data_assets.content(world, row)
    return ((path, content.size, content.read(0, content.size)) for path, content in tree.walk())


def _below(folder: str, files: Files) -> Files:
    return ((join(folder, path), size, pieces) for path, size, pieces in files)
