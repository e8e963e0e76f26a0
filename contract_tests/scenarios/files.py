"""Listings of files and what is behind their URLs."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.gate import KEPT_BYTES

Listing = Callable[[str], Any]
"""Gives the folder at a path, as the SDK has it."""

FOLDERS = 12
"""How many folders of a tree are looked into."""

OPENED = 3
"""How many files of a tree are opened."""

PART = 100
"""How many bytes of a large file are read."""


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
    found: dict[str, Any] = {}
    folders = [""]
    for _ in range(FOLDERS):
        if not folders:
            break
        folder = folders.pop(0)
        items = listing(folder).items
        _sound(folder, items)
        found |= {item.path: item for item in items if item.type == "file"}
        folders += [item.path for item in items if item.type == "folder"]
    return Tree(found, not folders)


def _sound(folder: str, items: Sequence[Any]) -> None:
    where = folder or "the root"
    names = [item.name for item in items]
    expect(len(set(names)) == len(names), f"a name is listed twice in {where}")
    for item in items:
        wanted = f"{folder}/{item.name}" if folder else item.name
        expect(item.path == wanted, f"{item.name} in {where} has the path {item.path}, not {wanted}")
        expect(item.type in ("file", "folder"), f"{item.path} is of the type {item.type}")
        sized = isinstance(item.size, int) and item.size >= 0
        expect(sized or item.type == "folder", f"the file {item.path} has no size")


def some(tree: Tree) -> list[Any]:
    """The smallest files, at most `OPENED`."""
    return sorted(tree.files.values(), key=lambda item: (item.size, item.path))[:OPENED]


def content(deployment: Deployment, url: str) -> bytes:
    """What an address gives to somebody without a token; of a large file the beginning. Raises `Broken`."""
    return deployment.anybody().ask("GET", url, 200).answer


def opened(deployment: Deployment, item: Any, urls: Any) -> bytes:
    """The bytes of a listed file, or of a large one the first; both of its addresses must give the same, and as many
    as were listed.
    """
    expect(urls.download_url and urls.view_url, f"{item.path} has not both addresses")
    if item.size > KEPT_BYTES:
        return _beginning(deployment, item, urls)
    downloaded, viewed = content(deployment, urls.download_url), content(deployment, urls.view_url)
    expect(len(downloaded) == item.size, f"{item.path} has {len(downloaded)} bytes, but {item.size} are listed")
    expect(viewed == downloaded, f"{item.path} has other bytes when viewed than when downloaded")
    return downloaded


def _beginning(deployment: Deployment, item: Any, urls: Any) -> bytes:
    part = {"Range": f"bytes=0-{PART - 1}"}
    answers = [deployment.anybody().ask("GET", url, 206, headers=part) for url in (urls.download_url, urls.view_url)]
    first, second = (exchange.answer for exchange in answers)
    total = answers[0].answer_headers.get("Content-Range", "").rpartition("/")[2]
    expect(len(first) == PART and first == second, f"{item.path} gives other bytes when viewed than when downloaded")
    expect(total == str(item.size), f"{item.path} has {total} bytes, but {item.size} are listed")
    return first
