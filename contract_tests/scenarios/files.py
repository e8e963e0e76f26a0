"""Listings of files and what is behind their URLs."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import KEPT_BYTES

Listing = Callable[[str], Any]
"""Gives the folder at a path, as the SDK has it."""

FOLDERS = 12
"""How many folders of a tree are looked into."""

OPENED = 3
"""How many files of a tree are opened."""

PART = 100
"""How many bytes of a large file are read."""

ATTEMPTS = 3
"""How often a new address is asked for when one has expired."""

FORBIDDEN = 403
"""What an address answers that has expired, as S3 does."""


def results_of(deployment: Deployment, run: str) -> Listing:
    """The listing of a run's results."""
    client = deployment.sdk().computations
    return lambda path: client.list_computation_results(run, path)


def files_of(deployment: Deployment, asset: str) -> Listing:
    """The listing of a data asset's files."""
    client = deployment.sdk().data_assets
    return lambda path: client.list_data_asset_files(asset, path)


class Tree(NamedTuple):
    """Files by path; `whole` when none of them was left out."""

    files: dict[str, Any]
    whole: bool

    @property
    def sizes(self) -> dict[str, int]:
        """The size of each file."""
        return {path: item.size for path, item in self.files.items()}


def walk(listing: Listing) -> Tree:
    """The files of a tree, as far as `FOLDERS` folders reach; each listing is looked at."""
    files: dict[str, Any] = {}
    folders = [""]
    for _ in range(FOLDERS):
        if not folders:
            break
        folder = folders.pop(0)
        items = listing(folder).items
        _check_listing(folder, items)
        files |= {item.path: item for item in items if item.type == "file"}
        folders += [item.path for item in items if item.type == "folder"]
    return Tree(files, not folders)


def _check_listing(folder: str, items: Sequence[Any]) -> None:
    where = folder or "the root"
    names = [item.name for item in items]
    expect(len(set(names)) == len(names), f"a name is listed twice in {where}")
    for item in items:
        expected = f"{folder}/{item.name}" if folder else item.name
        expect(item.path == expected, f"{item.name} in {where} has the path {item.path}, not {expected}")
        expect(item.type in ("file", "folder"), f"{item.path} has the type {item.type}")
        sized = isinstance(item.size, int) and item.size >= 0
        expect(sized or item.type == "folder", f"the file {item.path} has no size")


def smallest(tree: Tree) -> list[Any]:
    """The smallest files, at most `OPENED`."""
    return sorted(tree.files.values(), key=lambda item: (item.size, item.path))[:OPENED]


def download(deployment: Deployment, address: Callable[[], str], **more: Any) -> Exchange:
    """Download from a signed URL without a token. A new URL is requested when one has expired: a clock may jump
    at any moment. `more` is as for `requests`. Raises `CheckFailed` unless it opens.
    """
    for _ in range(ATTEMPTS):
        exchange = deployment.anybody().ask("GET", address(), **more)
        if exchange.status != FORBIDDEN:
            break
    expect(exchange.ok, f"the URL of a file returned {exchange.status}")
    return exchange


def open_item(deployment: Deployment, item: Any, urls: Callable[[], Any]) -> bytes:
    """The bytes of a listed file, or of a large one the first; both of its addresses must give the same, and as many
    as were listed. `urls` asks for them.
    """
    large = item.size > KEPT_BYTES
    more = {"headers": {"Range": f"bytes=0-{PART - 1}"}} if large else {}
    downloaded = download(deployment, lambda: str(urls().download_url), **more)
    viewed = download(deployment, lambda: str(urls().view_url), **more)
    content_range = downloaded.answer_headers.get("Content-Range", "").rpartition("/")[2]
    size = int(content_range) if large and content_range.isdecimal() else len(downloaded.answer)
    expect(size == item.size, f"{item.path} has {size} bytes, but is listed with {item.size}")
    expect(viewed.answer == downloaded.answer, f"{item.path} has different content when viewed than when downloaded")
    return downloaded.answer
