"""Folders of any number of files that exist only as a rule: a name, a count and a size give every listing.

The same rule always gives the same tree; sizes add up to the byte, at every level.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from mock_server.domain.content import Generated

FANOUT = 100
"""The most entries in one simulated folder."""

STYLES = (("sample", "csv"), ("part", "parquet"), ("session", "nwb"), ("image", "tif"), ("reads", "fastq.gz"))


class Node(NamedTuple):
    """A file (`files` is 1 and `folder` false) or a folder of simulated files."""

    name: str
    files: int
    size: int
    folder: bool


@dataclass(frozen=True, slots=True)
class SimulatedFolder:
    """A folder of `files` files with `size` bytes in all, believable for whatever `seed` names."""

    seed: str
    files: int
    size: int

    def children(self) -> list[Node]:
        """What the folder holds, one level."""
        if self.files <= 0:
            return []
        count = min(FANOUT, self.files if self.files <= FANOUT else -(-self.files // FANOUT))
        folders = self.files > FANOUT
        share, extra = divmod(self.files, count)
        counts = [share + (number < extra) for number in range(count)]
        stem, suffix = STYLES[_number(self.seed) % len(STYLES)]
        width = max(2, len(str(count - 1)))
        names = (
            f"{stem}s-{number:0{width}}" if folders else f"{stem}-{number:0{width}}.{suffix}" for number in range(count)
        )
        sizes = self._sizes(counts)
        return [Node(*entry, folders) for entry in zip(names, counts, sizes, strict=True)]

    def _sizes(self, counts: list[int]) -> Iterator[int]:
        """The total size cut into uneven pieces that add up exactly."""
        noise = hashlib.shake_128(self.seed.encode()).digest(len(counts))
        bounds = list(accumulate(count * (128 + byte) for count, byte in zip(counts, noise, strict=True)))
        cuts = [self.size * bound // bounds[-1] for bound in bounds]
        return (after - before for before, after in zip([0, *cuts], cuts, strict=False))

    def folder(self, path: str) -> "SimulatedFolder | None":
        """The folder at `path` inside this one (`""` is this one), or None."""
        here = self
        for name in path.split("/") if path else ():
            node = here.child(name)
            if node is None or not node.folder:
                return None
            here = SimulatedFolder(f"{here.seed}/{name}", node.files, node.size)
        return here

    def file(self, path: str) -> Generated | None:
        """The content of the file at `path`, or None."""
        parent, _, name = path.rpartition("/")
        folder = self.folder(parent)
        node = folder.child(name) if folder else None
        if folder is None or node is None or node.folder:
            return None
        return Generated(f"{folder.seed}/{name}", node.size)

    def child(self, name: str) -> Node | None:
        """The entry called `name`, or None."""
        nodes = self.children()
        at = bisect_right(nodes, name, key=lambda node: node.name) - 1
        return nodes[at] if at >= 0 and nodes[at].name == name else None


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.blake2b(seed.split("/")[0].encode(), digest_size=4).digest(), "big")


def of_bucket(bucket: str, prefix: str) -> SimulatedFolder:
    """The believable content of a bucket that nobody declared, drawn from its name and prefix."""
    seed = f"{bucket}\0{prefix}"
    number = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big")
    files = 3 + number % 40
    return SimulatedFolder(seed, files, files * (20_000 + number // 40 % 5_000_000))
