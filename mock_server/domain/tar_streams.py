"""Tars that are written piece by piece: nothing but plain files, each of a size that is known beforehand."""

import tarfile
from collections.abc import Iterable, Iterator

END = bytes(2 * tarfile.BLOCKSIZE)
"""What a tar ends with."""


def header(path: str, size: int) -> bytes:
    """What stands before the content of a file."""
    entry = tarfile.TarInfo(path)
    entry.size = size
    return entry.tobuf(tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """What stands behind the content of a file with so many bytes."""
    return bytes(-size % tarfile.BLOCKSIZE)


def packed(files: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """A tar of files, each given as its path, its size and its bytes piece by piece."""
    for path, size, pieces in files:
        yield header(path, size)
        yield from pieces
        yield padding(size)
    yield END
