"""Folders and files of results and data assets: listings and signed URLs."""

from dataclasses import dataclass
from urllib.parse import quote

from mock_server.domain.files import FileTree
from mock_server.domain.paths import clean
from mock_server.domain.signing import same, sign
from mock_server.errors import BadRequestError, NotFoundError
from mock_server.wire.common import DownloadFileURL, FileURLs, Folder, FolderItem
from mock_server.world import World

URL_SECONDS = 3600
"""How long a signed URL works, in seconds of the world's clock (assumed; see the fidelity page)."""

FILES_ROOT = "/_files"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """What a signed URL says: which file of which object, how it is to be shown, from when and how long."""

    world: str
    kind: str
    entity_id: str
    path: str
    disposition: str
    signed_at: int
    seconds: int
    signature: str

    @property
    def signed_parts(self) -> tuple[object, ...]:
        """What the signature covers."""
        return (
            self.world,
            self.kind,
            self.entity_id,
            self.path,
            self.disposition,
            self.signed_at,
            self.seconds,
        )


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
    path = clean(path)
    if not path:
        raise BadRequestError("path is required")
    if tree.find(path) is None:
        raise NotFoundError("file not found")
    return FileURLs(
        download_url=_sign(world, kind, entity_id, path, "attachment", base_url),
        view_url=_sign(world, kind, entity_id, path, "inline", base_url),
    )


def download_url(found: FileURLs) -> DownloadFileURL:
    """The one URL that the routes before platform version 4.0 answered."""
    return DownloadFileURL(url=found.download_url)


def _sign(world: World, kind: str, entity_id: str, path: str, disposition: str, base_url: str) -> str:
    signed_at = int(world.clock.now())
    unsigned = SignedFile(world.name, kind, entity_id, path, disposition, signed_at, URL_SECONDS, "")
    where = "/".join(quote(part, safe="") for part in (world.name, kind, entity_id, *path.split("/")))
    query = (
        f"X-Amz-Date={signed_at}&X-Amz-Expires={URL_SECONDS}"
        f"&X-Amz-Signature={_signature(world, unsigned)}&response-content-disposition={disposition}"
    )
    return f"{base_url}{FILES_ROOT}/{where}?{query}"


def _signature(world: World, file: SignedFile) -> str:
    return sign(world.ids.digest("sign urls"), *file.signed_parts)


def genuine(world: World, file: SignedFile) -> bool:
    """Whether this world signed exactly this URL."""
    return same(_signature(world, file), file.signature)


def expired(world: World, file: SignedFile) -> bool:
    """Whether the URL's time is over on the world's clock."""
    return world.clock.now() > file.signed_at + file.seconds
