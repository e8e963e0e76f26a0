"""Files of any size beside a database, each under the SHA-256 of its bytes.

Every world has a folder of its own, as has every snapshot; the same file in two of them is one on the disk (a hard
link) where the file system has that. A file is written aside, synced and renamed before the row that refers to it is
written, and removed after the row is gone.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from mock_server.domain.content import BLOCK, SMALL, Binary, Stored, Text, small_file
from mock_server.errors import DamagedError, UnavailableError
from mock_server.side_files import SideFile, sweep

SCRATCH = "codeocean-mock-files"
"""How the folders of worlds in memory are called, in the system's folder for temporary files. Beside each lies a side
file, which is locked for as long as its server lives.
"""

SUFFIX = ".folder"

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Incoming:
    """A file on its way in, written piece by piece and hashed on the way. Leaving its block removes it, unless
    `StoredFiles.keep` has kept it.
    """

    def __init__(self, side_file: SideFile) -> None:
        self.side_file = side_file
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Take in the next piece. Raises `UnavailableError` when it cannot be written, as on a full disk."""
        try:
            self.side_file.file.write(piece)
        except OSError as problem:
            raise _unwritten(problem) from problem
        self._hash.update(piece)
        self.size += len(piece)

    def sync(self) -> None:
        """Wait until the disk has it. Raises as `write` does."""
        try:
            self.side_file.file.flush()
            os.fsync(self.side_file.file.fileno())
        except OSError as problem:
            raise _unwritten(problem) from problem

    def __enter__(self) -> "Incoming":
        return self

    def __exit__(self, *_: object) -> None:
        self.side_file.close()


class StoredFiles:
    """The files in `folder`; without one, in a temporary folder that is made when the first file comes, and removed by
    `close`.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._temporary: Path | None = None
        self._lives: SideFile | None = None

    def receive(self) -> Incoming:
        """A place for a file on its way in. Raises `UnavailableError`."""
        try:
            return Incoming(SideFile(self._made(), "incoming", private=True))
        except OSError as problem:
            raise _unwritten(problem) from problem

    def keep(self, incoming: Incoming) -> Stored:
        """Keep a file that is whole. Call it inside a transaction that writes what refers to the file: nobody else
        removes what nothing refers to meanwhile. Raises `UnavailableError`.
        """
        try:
            incoming.side_file.move_to(self._made() / incoming.sha256)
        except OSError as problem:
            raise _unwritten(problem) from problem
        return Stored(incoming.sha256, incoming.size, self.read)

    def store(self, size: int, pieces: Iterable[bytes]) -> Text | Binary | Stored:
        """The content of a file of `size` bytes that comes in pieces: a small one is to be kept in the database, others
        are kept here. Raises as `keep` does.
        """
        if size <= SMALL:
            return small_file(b"".join(pieces))
        with self.receive() as incoming:
            for piece in pieces:
                incoming.write(piece)
            return self.keep(incoming)

    def take(self, other: "StoredFiles", names: Iterable[str]) -> None:
        """Have those files of another folder here too. Raises `UnavailableError`, and `DamagedError` for a file that is
        missing there.
        """
        for sha256 in names:
            if self.has(sha256):
                continue
            source = other.path(sha256)
            if source is None or not source.exists():
                raise _missing(sha256)
            try:
                _link(source, self._made() / sha256)
            except OSError as problem:
                raise _unwritten(problem) from problem

    def read(self, sha256: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes of a file from `start` up to `stop`, by blocks. Raises `DamagedError` when it is missing."""
        path = self.path(sha256)
        try:
            if path is None:
                raise FileNotFoundError(sha256)
            file = path.open("rb")
        except OSError as problem:
            raise _missing(sha256) from problem
        with file:
            file.seek(start)
            while start < stop and (piece := file.read(min(BLOCK, stop - start))):
                yield piece
                start += len(piece)

    def path(self, sha256: str) -> Path | None:
        """Where a file would lie; None when there is no folder yet. Raises `DamagedError` for what is not a hash."""
        if not _SHA256.fullmatch(sha256):
            raise DamagedError("a file is not named by its hash")
        folder = self._folder or self._temporary
        return folder / sha256 if folder else None

    def has(self, sha256: str) -> bool:
        """Whether a file is there."""
        path = self.path(sha256)
        return path is not None and path.exists()

    def size(self, sha256: str) -> int:
        """How many bytes a file has. Raises `DamagedError` when it is missing."""
        path = self.path(sha256)
        if path is None or not path.exists():
            raise _missing(sha256)
        return path.stat().st_size

    def names(self) -> list[str]:
        """The SHA-256 of all files that are there."""
        folder = self._folder or self._temporary
        try:
            found = [path.name for path in folder.iterdir()] if folder else []
        except FileNotFoundError:
            return []
        return [name for name in found if _SHA256.fullmatch(name)]

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are not there are no matter."""
        for sha256 in names:
            path = self.path(sha256)
            if path is not None:
                path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes have left half-written."""
        if self._folder is not None:
            sweep(self._folder, "incoming")

    def close(self) -> None:
        """Remove the temporary folder."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
        if self._lives is not None:
            self._lives.close()
        self._temporary = self._lives = None

    def _made(self) -> Path:
        """The folder, made when it is not there. Raises `OSError`."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._folder
        if self._temporary is None:
            _sweep_temporary()
            self._lives = SideFile(Path(tempfile.gettempdir()), SCRATCH, private=True)
            self._temporary = self._lives.path.with_suffix(SUFFIX)
            self._temporary.mkdir(mode=0o700)
        return self._temporary


def _link(source: Path, target: Path) -> None:
    """Have `source` at `target` too. Raises `OSError`."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        with SideFile(target.parent, "incoming", private=True) as copy, source.open("rb") as file:
            shutil.copyfileobj(file, copy.file)
            copy.move_to(target)


def _sweep_temporary() -> None:
    """Remove the temporary folders of servers that were killed."""
    place = Path(tempfile.gettempdir())
    sweep(place, SCRATCH)
    for folder in place.glob(f"{SCRATCH}.*{SUFFIX}"):
        if not folder.with_suffix(".new").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _missing(sha256: str) -> DamagedError:
    return DamagedError(f"the file {sha256} is missing")


def _unwritten(problem: OSError) -> UnavailableError:
    return UnavailableError(f"the file cannot be written: {problem.strerror}")
