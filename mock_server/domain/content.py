"""The bytes of files, produced piece by piece so that a file of any size can be served from any offset."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mock_server.errors import UnavailableError

BLOCK = 65536
LINE = 64
"""Generated text has lines of this many bytes, the newline included."""

TEXT_SUFFIXES = {
    ".csv",
    ".fasta",
    ".fastq",
    ".html",
    ".json",
    ".log",
    ".md",
    ".nf",
    ".tsv",
    ".txt",
    ".xml",
    ".yaml",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A small file whose text is stored as it is."""

    text: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.text.encode())

    @property
    def etag(self) -> str:
        """A hash of the bytes."""
        return hashlib.md5(self.text.encode(), usedforsecurity=False).hexdigest()

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`."""
        yield self.text.encode()[start:stop]


@dataclass(frozen=True, slots=True)
class Binary:
    """A small file whose bytes are stored as they are."""

    content: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    @property
    def etag(self) -> str:
        """A hash of the bytes."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`."""
        yield self.content[start:stop]


SMALL = 4096
"""Up to how many bytes a file that comes from outside is kept in the database."""


def small_file(content: bytes) -> Text | Binary:
    """The content of a small file: as text where it is some."""
    try:
        return Text(content.decode())
    except UnicodeDecodeError:
        return Binary(content)


@dataclass(frozen=True, slots=True)
class Generated:
    """A file of `size` bytes that are worked out from `seed` as they are read; it takes no space."""

    seed: str
    size: int

    @property
    def etag(self) -> str:
        """A hash that stands for the bytes."""
        return hashlib.md5(f"{self.seed}\0{self.size}".encode(), usedforsecurity=False).hexdigest()

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, a block at a time; any range gives the same bytes as the whole."""
        position = start
        stop = min(stop, self.size)
        while position < stop:
            number, skip = divmod(position, BLOCK)
            piece = self._block(number)[skip : skip + stop - position]
            yield piece
            position += len(piece)

    def _block(self, number: int) -> bytes:
        key = hashlib.shake_128(f"{self.seed}\0{number}".encode())
        if PurePosixPath(self.seed).suffix.lower() not in TEXT_SUFFIXES:
            return key.digest(BLOCK)
        digits = key.hexdigest((LINE - 1) * (BLOCK // LINE) // 2 + 1)
        step = LINE - 1
        return "".join(f"{digits[at : at + step]}\n" for at in range(0, step * (BLOCK // LINE), step)).encode()


Reader = Callable[[str, int, int], Iterator[bytes]]
"""Gives the bytes of the stored file of a SHA-256, from one offset up to another."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies beside the database, under the SHA-256 of its bytes."""

    sha256: str
    size: int
    reader: Reader = field(compare=False, repr=False)

    @property
    def etag(self) -> str:
        """A hash of the bytes, as long as those of other files."""
        return self.sha256[:32]

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, a block at a time."""
        return self.reader(self.sha256, start, min(stop, self.size))


@dataclass(frozen=True, slots=True)
class Joined:
    """A file that was written piece by piece, as a log is."""

    pieces: tuple[Stored | Binary, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(piece.size for piece in self.pieces)

    @property
    def etag(self) -> str:
        """A hash that stands for the bytes, and for how many pieces they came in."""
        joined = "".join(piece.etag for piece in self.pieces)
        return f"{hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()}-{len(self.pieces)}"

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, a block at a time."""
        before = 0
        for piece in self.pieces:
            if before < stop and start < before + piece.size:
                yield from piece.read(max(0, start - before), min(piece.size, stop - before))
            before += piece.size


@dataclass(frozen=True, slots=True)
class InBucket:
    """A file that lies in S3, in the folder of its data asset; whoever reads it asks S3."""

    etag: str
    size: int

    def read(self, _start: int, _stop: int) -> Iterator[bytes]:
        """Nothing: S3 is not read here. Raises `UnavailableError`."""
        raise UnavailableError("the file lies in S3: read it there, or by its URL")


Content = Text | Binary | Generated | Stored | Joined | InBucket
"""What is in the files of results and data assets."""
