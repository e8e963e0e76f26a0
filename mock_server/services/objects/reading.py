"""Reading the files of data assets that lie in S3, as they are when they are read."""

from collections.abc import Iterator

from mock_server.domain.object_places import ObjectsAt
from mock_server.errors import ApiError, ConflictError, UnavailableError
from mock_server.s3.failures import S3Error
from mock_server.s3.places import Place, objects
from mock_server.s3.reading import read
from mock_server.store.schema import DataAssetRow
from mock_server.world import World


def files(world: World, row: DataAssetRow) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """The files of a data asset with their paths and sizes. Raises `ConflictError` when S3 is off. What goes wrong
    while they are read is raised by the iterators: `UnavailableError` for what may be over later, else `ConflictError`.
    """
    if world.storage is None:
        raise ConflictError(f"the files of the data asset {row.id} lie in S3, and the server was started without --s3")
    return _read(world.storage.storage.place(ObjectsAt.from_json(row.more["objects"])))


def _read(place: Place) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    try:
        for one in objects(place):
            yield one.path, one.size, _bytes(read(place.endpoint, place.bucket, one.key, one.etag, 0, one.size))
    except S3Error as problem:
        raise _refusal(problem) from problem


def _bytes(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except S3Error as problem:
        raise _refusal(problem) from problem


def _refusal(problem: S3Error) -> ApiError:
    return UnavailableError(problem.reason) if problem.passing else ConflictError(problem.reason)
