"""Files of data assets as a tar, for those who execute runs."""

from collections.abc import Iterator

from mock_server.domain.tar_streams import packed
from mock_server.errors import ConflictError
from mock_server.services import access, data_assets
from mock_server.store import queries
from mock_server.world import World


def of_data_asset(world: World, data_asset_id: str) -> Iterator[bytes]:
    """The files of a data asset as a tar, piece by piece: read them on a thread, as they may lie in S3. Raises
    `ConflictError` when it is not ready.
    """
    row = access.find(world, queries.DATA_ASSETS, "data asset", data_asset_id)
    state = world.state_of(row.plan).state
    if state != "ready":
        raise ConflictError(f"the data asset is {state}")
    if "objects" in row.more:
        from mock_server.services.objects import reading  # Late: hardly any server has S3.

        return packed(reading.files(world, row))
    files = data_assets.content(world, row).walk()
    return packed((path, content.size, content.read(0, content.size)) for path, content in files)
