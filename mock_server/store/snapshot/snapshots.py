"""Snapshots: whole worlds in one file each.

A file is a line that says what it is, a line of JSON that tells of it, and the compressed database. The database holds
everything: data, small files, ids, scenarios, faults, and how the clock stood. Stored files lie in a folder beside it,
and behind the database on the way to another server. A file may come from anywhere, so that it is read and unfolded
piece by piece.
"""

import hashlib
import os
import tempfile
import zlib
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mock_server.domain.naming import is_name
from mock_server.errors import BadRequestError, NotFoundError, PayloadTooLargeError, UnavailableError
from mock_server.side_files import SideFile, sweep
from mock_server.store.database import SCHEMA_VERSION
from mock_server.store.stored_files import StoredFiles
from mock_server.version import __version__

MAGIC = b"codeocean-mock snapshot\n"
FORMAT, FORMAT_WITH_FILES = 1, 2
SUFFIX = ".snapshot"
FILES_SUFFIX = ".files"
MAX_HEAD = 4096

MAX_CONTENT = 4 * 1024**3
"""The most bytes that a snapshot may unfold to."""

MAX_FILE, MAX_FILE_WITH_FILES = 1024**3, 1024**4
"""The most bytes of a snapshot that is taken in, without and with stored files."""

MAX_RATIO = 100
"""How many times its size a snapshot may unfold to. Worlds are five to twenty times as large as their snapshots."""

RATIO_FROM = 64 * 1024**2
"""The bytes up to which a snapshot may unfold whatever its size."""

PIECE = 1024**2
"""How many bytes are read or unfolded at once."""

SCRATCH = "codeocean-mock-snapshot"
"""How the files of a server without a folder are called in the system's folder for temporary files."""


class Head(BaseModel):
    """What a snapshot says of itself: the world that was saved and the time of its clock, by which release, in what
    form; length and SHA-256 of the database; how many stored files belong to it.
    """

    model_config = ConfigDict(allow_inf_nan=False, defer_build=True)

    format: int = Field(ge=1)
    schema_version: int = Field(ge=1)
    release: str
    world: str
    saved: float
    length: int = Field(ge=1)
    hash: str
    files: int = Field(default=0, ge=0)


class Snapshot(NamedTuple):
    """A snapshot in the store: its name, what it says of itself, and the bytes of its file."""

    name: str
    head: Head
    size: int


def pack(world: str, saved: float, image: bytes, files: int = 0) -> bytes:
    """The file of a snapshot of `world` with this database, which refers to so many stored files, at the world's time
    `saved`.
    """
    head = Head(
        format=FORMAT_WITH_FILES if files else FORMAT,
        schema_version=SCHEMA_VERSION,
        release=__version__,
        world=world,
        saved=saved,
        length=len(image),
        hash=hashlib.sha256(image).hexdigest(),
        files=files,
    )
    folded = zlib.compress(image, 1)
    if len(image) > RATIO_FROM and len(image) > MAX_RATIO * len(folded):
        # What is saved can be loaded, be it a world of nothing but zeros.
        folded = zlib.compress(image, 0)
    return MAGIC + head.model_dump_json().encode() + b"\n" + folded


def head_of(content: bytes) -> Head:
    """What a snapshot says of itself; `content` is the beginning of its file. Raises `BadRequestError` with the reason
    when it is none, `PayloadTooLargeError` when it unfolds to more than is taken in.
    """
    if not content.startswith(MAGIC):
        raise BadRequestError("the file is not a snapshot of codeocean-mock")
    line, found, _ = content[len(MAGIC) : len(MAGIC) + MAX_HEAD].partition(b"\n")
    try:
        head = Head.model_validate_json(line if found else b"")
    except ValidationError:
        raise BadRequestError("the snapshot is damaged: its head cannot be read") from None
    if head.format > FORMAT_WITH_FILES or head.schema_version > SCHEMA_VERSION:
        raise BadRequestError(f"the snapshot was made by release {head.release}, which is newer than this one")
    if head.length > MAX_CONTENT:
        raise PayloadTooLargeError(f"the snapshot unfolds to more than {MAX_CONTENT} bytes")
    return head


def refuse_ratio(head: Head, size: int) -> None:
    """Raise `PayloadTooLargeError` for a snapshot that unfolds to far more than the `size` of its file."""
    if head.length > RATIO_FROM and head.length > MAX_RATIO * size:
        raise PayloadTooLargeError(f"the snapshot unfolds to more than {MAX_RATIO} times its size")


def unfold(file: BinaryIO, into: BinaryIO) -> tuple[Head, int]:
    """Write the database of the snapshot in `file` into another file; what the snapshot says of itself, and where in
    `file` its database ends. Raises as `head_of` does, and `BadRequestError` for another content than the head says.
    """
    size = file.seek(0, os.SEEK_END)
    head = _read_head(file)
    refuse_ratio(head, size)
    digest = hashlib.sha256()
    length = 0
    inflate = zlib.decompressobj()
    for part in _unfolded(file, inflate):
        length += len(part)
        if length > head.length:
            break
        digest.update(part)
        into.write(part)
    if length != head.length:
        raise _wrong_length()
    if digest.hexdigest() != head.hash:
        raise BadRequestError("the snapshot is damaged: its hash does not fit its content")
    into.flush()
    end = file.tell() - len(inflate.unused_data)
    if end != size and not head.files:
        raise _wrong_length()
    return head, end


def _read_head(file: BinaryIO) -> Head:
    """The head of the snapshot in `file`, which stands behind it then."""
    file.seek(0)
    start = file.read(len(MAGIC) + MAX_HEAD)
    head = head_of(start)
    file.seek(start.index(b"\n", len(MAGIC)) + 1)
    return head


def _unfolded(file: BinaryIO, inflate: "zlib._Decompress") -> Iterator[bytes]:
    """What the next compressed stream in `file` unfolds to, in pieces. Raises `BadRequestError` when it is none."""
    while not inflate.eof:
        piece = inflate.unconsumed_tail or file.read(PIECE)
        try:
            part = inflate.decompress(piece, PIECE)
        except zlib.error:
            raise BadRequestError("the snapshot is damaged: its content cannot be unfolded") from None
        if not part and not piece:
            raise _wrong_length()
        yield part


def _wrong_length() -> BadRequestError:
    return BadRequestError("the snapshot is damaged: it is too short or too long")


class Upload:
    """The file of a snapshot on its way in, written piece by piece. It is refused as soon as its head is there."""

    def __init__(self, side_file: SideFile, size: int | None) -> None:
        self._side_file = side_file
        self._size = size
        self._start: bytearray | None = bytearray()
        self._written, self._most = 0, MAX_FILE
        self.file = side_file.file

    def write(self, piece: bytes) -> None:
        """Take in the next piece. Raises as `head_of` and `refuse_ratio` do, `PayloadTooLargeError` for too many, and
        `UnavailableError` for a full disk.
        """
        if self._start is not None:
            self._start += piece[: len(MAGIC) + MAX_HEAD]
            self._look_at_start(self._start)
        self._written += len(piece)
        if self._written > self._most:
            raise PayloadTooLargeError(f"the snapshot is larger than {self._most} bytes")
        try:
            self.file.write(piece)
        except OSError as problem:
            raise _unwritten(problem) from problem

    def _look_at_start(self, start: bytearray) -> None:
        if not start.startswith(MAGIC[: len(start)]):
            head_of(bytes(start))
        if b"\n" in start[len(MAGIC) :] or len(start) >= len(MAGIC) + MAX_HEAD:
            head = head_of(bytes(start))
            if head.files:
                self._most = MAX_FILE_WITH_FILES
            if self._size is not None:
                refuse_ratio(head, self._size)
                if self._size > self._most:
                    raise PayloadTooLargeError(f"the snapshot is larger than {self._most} bytes")
            self._start = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._side_file.close()

    def move_to(self, path: Path) -> None:
        """Put the whole file into its place."""
        self._side_file.move_to(path)


class Snapshots:
    """The snapshots of a server, in a folder, or in memory when there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}
        self._files: dict[str, StoredFiles] = {}
        if folder is not None:
            sweep(folder)

    def keep(
        self, name: str, content: bytes, files: StoredFiles | None = None, names: Collection[str] = ()
    ) -> Snapshot:
        """Keep a snapshot under `name`: written to the side and renamed, so that the old one is there until the new one
        is whole. `names` are those of `files` that it refers to. Raises `UnavailableError` when it cannot be written,
        `BadRequestError` for a name that cannot be.
        """
        with self.receive(name, len(content)) as upload:
            upload.write(content)
            return self.adopt(name, upload, files, names)

    def receive(self, name: str, size: int | None) -> Upload:
        """A place for a snapshot that is to be called `name`, of `size` bytes if that is known; `adopt` keeps it.
        Raises as `keep` does.
        """
        if not is_name(name):
            raise BadRequestError("the name of a snapshot is 1 to 64 letters, digits, dots, hyphens and underscores")
        return Upload(self._side_file(name), size)

    def adopt(
        self, name: str, upload: Upload, files: StoredFiles | None = None, names: Collection[str] = ()
    ) -> Snapshot:
        """Keep a snapshot that is whole. Raises as `keep` does."""
        size = upload.file.seek(0, os.SEEK_END)
        head = _read_head(upload.file)
        own = self.files_of(name)
        if files is not None:
            own.take(files, names)
        if self._folder is None:
            upload.file.seek(0)
            self._kept[name] = upload.file.read()
        else:
            try:
                upload.move_to(self._path(name))
            except OSError as problem:
                raise _unwritten(problem) from problem
        own.remove(set(own.names()).difference(names))
        return Snapshot(name, head, size)

    def files_of(self, name: str) -> StoredFiles:
        """The stored files of a snapshot."""
        if self._folder is None:
            return self._files.setdefault(name, StoredFiles(None))
        return StoredFiles(self._folder / f"{name}{FILES_SUFFIX}")

    def close(self) -> None:
        """Remove what was only kept for as long as the server runs."""
        for files in self._files.values():
            files.close()

    def scratch(self, name: str) -> SideFile:
        """A file for the database of a snapshot, removed when its block is left. Raises `UnavailableError`."""
        return self._side_file(name, private=True)

    def _side_file(self, name: str, *, private: bool = False) -> SideFile:
        try:
            if self._folder is None:
                # A server without a folder has none that it could sweep when it starts.
                scratch = Path(tempfile.gettempdir())
                sweep(scratch, SCRATCH)
                return SideFile(scratch, SCRATCH, private=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            return SideFile(self._folder, name, private=private)
        except OSError as problem:
            raise _unwritten(problem) from problem

    def open(self, name: str) -> BinaryIO:
        """The file of a snapshot, to be read and closed. Raises `NotFoundError`."""
        if self._folder is None and name in self._kept:
            return BytesIO(self._kept[name])
        try:
            return self._path(name).open("rb")
        except OSError:
            raise _not_found(name) from None

    def all(self) -> list[Snapshot]:
        """All snapshots by name; files that are none are left out."""
        found = []
        for name in sorted(self._names()):
            try:
                with self.open(name) as file:
                    found.append(Snapshot(name, _read_head(file), file.seek(0, os.SEEK_END)))
            except (BadRequestError, NotFoundError, OSError, PayloadTooLargeError):
                continue
        return found

    def delete(self, name: str) -> None:
        """Forget a snapshot. Raises `NotFoundError`."""
        self.open(name).close()
        if self._folder is None:
            del self._kept[name]
        else:
            self._path(name).unlink(missing_ok=True)
        files = self.files_of(name)
        files.remove(files.names())

    def _names(self) -> list[str]:
        if self._folder is None:
            return list(self._kept)
        return [path.name.removesuffix(SUFFIX) for path in self._folder.glob(f"*{SUFFIX}")]

    def _path(self, name: str) -> Path:
        if self._folder is None or not is_name(name):
            raise _not_found(name)
        return self._folder / f"{name}{SUFFIX}"


def _not_found(name: str) -> NotFoundError:
    return NotFoundError(f"there is no snapshot called {name}")


def _unwritten(problem: OSError) -> UnavailableError:
    return UnavailableError(f"the snapshot cannot be written: {problem.strerror}")
