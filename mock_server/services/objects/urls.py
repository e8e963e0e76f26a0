"""URLs of files that lie in S3, signed as the endpoint wants it."""

from mock_server.domain.content_types import content_type_of
from mock_server.domain.files import FileTree
from mock_server.domain.object_places import ObjectsAt
from mock_server.errors import UnavailableError
from mock_server.s3.failures import S3Error
from mock_server.s3.storage import Storage
from mock_server.services import files
from mock_server.services.signed_urls import URL_SECONDS, disposition_of
from mock_server.store.schema import DataAssetRow
from mock_server.wire.common import FileURLs


def of_file(storage: Storage, row: DataAssetRow, tree: FileTree, path: str) -> FileURLs:
    """Signed URLs of a file of a data asset. They work for an hour of real time: S3 knows no other. Raises
    `NotFoundError` when there is no such file, `UnavailableError` when nothing can be signed.
    """
    place = files.checked(tree, path)
    at = ObjectsAt.from_json(row.more["objects"])
    content_type = content_type_of(place.rpartition("/")[2])
    try:
        download, view = (
            storage.sign(at, place, URL_SECONDS, disposition_of(place, kind), content_type)
            for kind in ("attachment", "inline")
        )
    except S3Error as problem:
        raise UnavailableError(problem.reason) from problem
    return FileURLs(download_url=download, view_url=view)
