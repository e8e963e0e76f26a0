"""Tars as streams, on the way into a container and out of it."""

import stat
import tarfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from mock_server.domain.tar_streams import END, padding

PIECE = 1024**2


def folder_tar(folder: Path, skip: Collection[str] = ()) -> Iterator[bytes]:
    """The content of a folder, as of root; not what stands directly in it under a name to `skip`, and no sockets, pipes
    and devices. Raises `OSError`.
    """
    waiting = [path for path in sorted(folder.iterdir()) if path.name not in skip]
    while waiting:
        path = waiting.pop()
        found = path.lstat()
        entry = tarfile.TarInfo(str(path.relative_to(folder)))
        entry.mode = stat.S_IMODE(found.st_mode)
        entry.mtime = int(found.st_mtime)
        if stat.S_ISDIR(found.st_mode):
            entry.type = tarfile.DIRTYPE
            waiting += sorted(path.iterdir())
            yield _header(entry)
        elif stat.S_ISLNK(found.st_mode):
            entry.type = tarfile.SYMTYPE
            entry.linkname = str(path.readlink())
            yield _header(entry)
        elif stat.S_ISREG(found.st_mode):
            entry.size = found.st_size
            yield _header(entry)
            yield from _content(path, entry.size)
    yield end()


def places_tar(places: Iterable[str]) -> Iterator[bytes]:
    """Empty folders at the root, and links to them in `/root/capsule`."""
    for place in places:
        yield _header(_folder(place))
    yield _header(_folder("root/capsule"))
    for place in places:
        link = tarfile.TarInfo(f"root/capsule/{place}")
        link.type = tarfile.SYMTYPE
        link.linkname = f"/{place}"
        yield _header(link)
    yield end()


def file_entry(name: str, content: bytes, mode: int = 0o644) -> bytes:
    """One file of a tar."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = mode
    return _header(entry) + content + padding(len(content))


def end() -> bytes:
    """The end of a tar."""
    return END


class _Stream:
    """Pieces, read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """As many bytes, or fewer at the end."""
        parts = []
        while size > 0:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._rest = piece
            part, self._rest = self._rest[:size], self._rest[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def stream_of(pieces: Iterable[bytes]) -> IO[bytes]:
    """Pieces as a file that is read once, from its beginning to its end."""
    return cast(IO[bytes], _Stream(pieces))


def _folder(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = tarfile.DIRTYPE
    entry.mode = 0o755
    return entry


def _header(entry: tarfile.TarInfo) -> bytes:
    return entry.tobuf(tarfile.PAX_FORMAT)


def _content(path: Path, size: int) -> Iterator[bytes]:
    """Exactly so many bytes, though the file may be growing or shrinking."""
    with path.open("rb") as file:
        left = size
        while left > 0:
            piece = file.read(min(PIECE, left)) or bytes(min(PIECE, left))
            left -= len(piece)
            yield piece
    yield padding(size)
