"""Folders and files of results and data assets: listings and signed URLs."""

from mock_server.domain.content import InBucket
from mock_server.domain.files import FileTree
from mock_server.domain.paths import clean
from mock_server.errors import BadRequestError, NotFoundError, UnavailableError
from mock_server.services.signed_urls import FileAddress, sign
from mock_server.wire.common import DownloadFileURL, FileURLs, Folder, FolderItem
from mock_server.world import World


def listing(tree: FileTree, path: str | None) -> Folder:
    """One level of `tree`. Raises `NotFoundError` when there is no such folder."""
    items = tree.listing(clean(path or ""))
    if items is None:
        raise NotFoundError("folder not found")
    return Folder(
        items=[
            FolderItem(name=i.name, path=i.path, size=i.size, type="folder" if i.size is None else "file")
            for i in items
        ]
    )


def urls(world: World, kind: str, entity_id: str, tree: FileTree, path: str, base_url: str) -> FileURLs:
    """Signed URLs of a file in `tree`. Raises `NotFoundError` when there is no such file."""
    path = checked(tree, path)
    if isinstance(tree.find(path), InBucket):
        raise UnavailableError("the file lies in S3, and the server was started without --s3")
    address = FileAddress(world.name, kind, entity_id, path)
    return FileURLs(
        download_url=sign(world, address, "attachment", base_url),
        view_url=sign(world, address, "inline", base_url),
    )


def checked(tree: FileTree, path: str) -> str:
    """The path of a file in `tree`. Raises `NotFoundError` when there is no such file."""
    path = clean(path)
    if not path:
        raise BadRequestError("path is required")
    if tree.find(path) is None:
        raise NotFoundError("file not found")
    return path


def download_url(found: FileURLs) -> DownloadFileURL:
    """The one URL that the routes before platform version 4.0 answered."""
    return DownloadFileURL(url=found.download_url)
