"""Snapshots: whole worlds in one file each.

A file is a line that says what it is, a line of JSON that tells of it, and the compressed database. The database holds
everything: data, files, ids, scenarios, faults, and how the clock stood.
"""

import hashlib
import os
import zlib
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mock_server.domain.naming import is_name
from mock_server.errors import BadRequestError, NotFoundError, UnavailableError
from mock_server.store.database import SCHEMA_VERSION
from mock_server.version import __version__

MAGIC = b"codeocean-mock snapshot\n"
FORMAT = 1
SUFFIX = ".snapshot"
MAX_HEAD = 4096
MAX_CONTENT = 4 * 1024**3
"""The most bytes that a snapshot may unfold to."""


MAX_FILE = 1024**3
"""The most bytes of a snapshot that is taken in."""


class Head(BaseModel):
    """What a snapshot says of itself: the world that was saved and the time of its clock, by which release, in what
    form; length and SHA-256 of the database.
    """

    model_config = ConfigDict(allow_inf_nan=False, defer_build=True)

    format: int = Field(ge=1)
    schema_version: int = Field(ge=1)
    release: str
    world: str
    saved: float
    length: int = Field(ge=1)
    hash: str


class Snapshot(NamedTuple):
    """A snapshot in the store: its name, what it says of itself, and the bytes of its file."""

    name: str
    head: Head
    size: int


def pack(world: str, saved: float, image: bytes) -> bytes:
    """The file of a snapshot of `world` with this database, at the world's time `saved`."""
    head = Head(
        format=FORMAT,
        schema_version=SCHEMA_VERSION,
        release=__version__,
        world=world,
        saved=saved,
        length=len(image),
        hash=hashlib.sha256(image).hexdigest(),
    )
    return MAGIC + head.model_dump_json().encode() + b"\n" + zlib.compress(image, 1)


def head_of(content: bytes) -> Head:
    """What the file of a snapshot says of itself. Raises `BadRequestError` with the reason when it is none."""
    if not content.startswith(MAGIC):
        raise BadRequestError("the file is not a snapshot of codeocean-mock")
    line, found, _ = content[len(MAGIC) : len(MAGIC) + MAX_HEAD].partition(b"\n")
    try:
        head = Head.model_validate_json(line if found else b"")
    except ValidationError:
        raise BadRequestError("the snapshot is damaged: its head cannot be read") from None
    if head.format > FORMAT or head.schema_version > SCHEMA_VERSION:
        raise BadRequestError(f"the snapshot was made by release {head.release}, which is newer than this one")
    return head


def unpack(content: bytes) -> tuple[Head, bytes]:
    """What a snapshot says of itself, and its database. Raises `BadRequestError` with the reason when it is broken."""
    head = head_of(content)
    body = content[content.index(b"\n", len(MAGIC)) + 1 :]
    unfold = zlib.decompressobj()
    try:
        image = unfold.decompress(body, min(head.length, MAX_CONTENT) + 1)
    except zlib.error:
        raise BadRequestError("the snapshot is damaged: its content cannot be unfolded") from None
    if not unfold.eof or unfold.unused_data or len(image) != head.length:
        raise BadRequestError("the snapshot is damaged: it is too short or too long")
    if hashlib.sha256(image).hexdigest() != head.hash:
        raise BadRequestError("the snapshot is damaged: its hash does not fit its content")
    return head, image


class Snapshots:
    """The snapshots of a server, in a folder, or in memory when there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}

    def keep(self, name: str, content: bytes) -> Snapshot:
        """Keep a snapshot under `name`: written to the side and renamed, so that the old one is there until the new one
        is whole. Raises `UnavailableError` when it cannot be written, `BadRequestError` for a name that cannot be.
        """
        if not is_name(name):
            raise BadRequestError("the name of a snapshot is 1 to 64 letters, digits, dots, hyphens and underscores")
        head = head_of(content)
        if self._folder is None:
            self._kept[name] = content
        else:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                _write_whole(self._path(name), content)
            except OSError as problem:
                raise UnavailableError(f"the snapshot cannot be written: {problem.strerror}") from problem
        return Snapshot(name, head, len(content))

    def content(self, name: str) -> bytes:
        """The file of a snapshot. Raises `NotFoundError`."""
        found = self._kept.get(name) if self._folder is None else _read(self._path(name))
        if found is None:
            raise NotFoundError(f"there is no snapshot called {name}")
        return found

    def all(self) -> list[Snapshot]:
        """All snapshots by name; files that are none are left out."""
        found = []
        for name in sorted(self._names()):
            try:
                content = self.content(name)
                found.append(Snapshot(name, head_of(content), len(content)))
            except (BadRequestError, NotFoundError):
                continue
        return found

    def delete(self, name: str) -> None:
        """Forget a snapshot. Raises `NotFoundError`."""
        self.content(name)
        if self._folder is None:
            del self._kept[name]
        else:
            self._path(name).unlink(missing_ok=True)

    def _names(self) -> list[str]:
        if self._folder is None:
            return list(self._kept)
        return [path.name.removesuffix(SUFFIX) for path in self._folder.glob(f"*{SUFFIX}")]

    def _path(self, name: str) -> Path:
        if self._folder is None or not is_name(name):
            raise NotFoundError(f"there is no snapshot called {name}")
        return self._folder / f"{name}{SUFFIX}"


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write_whole(path: Path, content: bytes) -> None:
    aside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
