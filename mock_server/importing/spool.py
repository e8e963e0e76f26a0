"""What was read of a deployment so far: a file beside the seed that an interrupted import goes on from.

It holds a line for each thing, in the order of reading, with what the deployment answered. Nothing in it is replaced by
stand-ins yet, so only its owner may read it, and it goes as soon as the seed is there.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from mock_server.importing.id_set import IdSet
from mock_server.importing.options import ImportFailedError

SUFFIX = ".part"

BEGIN = "begin"


class Line(NamedTuple):
    """A thing that was read: what it is, its id, and what is known of it."""

    kind: str
    id: str
    content: Any


def path_beside(out: Path) -> Path:
    """Where an import into `out` keeps what it has read."""
    return out.with_name(out.name + SUFFIX)


class Spool:
    """The file, open for adding to it and for reading. Raises `OSError`."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._known = IdSet()

    @classmethod
    def begin(cls, path: Path, what: Any) -> Self:
        """A new one, which remembers `what` was asked for."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        spool = cls(path, os.fdopen(descriptor, "r+b"))
        spool.add(BEGIN, "", what)
        return spool

    @classmethod
    def resume(cls, path: Path, what: Any) -> Self:
        """One that was left behind. Raises `ImportFailedError` when there is none, or something else was asked for."""
        try:
            spool = cls(path, path.open("r+b"))
        except FileNotFoundError:
            raise ImportFailedError(f"there is nothing to resume: {path} does not exist") from None
        try:
            spool._recover(what)
        except ImportFailedError:
            spool.close()
            raise
        return spool

    def add(self, kind: str, id_: str, content: Any = None) -> None:
        """Add a thing; it is in the file when this returns, unless the machine fails."""
        line = json.dumps([kind, id_, content], ensure_ascii=False, separators=(",", ":"))
        self._file.seek(0, os.SEEK_END)
        self._file.write(line.encode("utf-8", "surrogatepass") + b"\n")
        self._file.flush()
        self._known.add(kind, id_)

    def __contains__(self, thing: tuple[str, str]) -> bool:
        return thing in self._known

    def lines(self, *kinds: str) -> Iterator[Line]:
        """Everything of these kinds, what is added meanwhile too."""
        starts = tuple(f'["{kind}",'.encode() for kind in kinds)
        at = 0
        while True:
            self._file.seek(at)
            line = self._file.readline()
            if not line:
                return
            at += len(line)
            if line.startswith(starts):
                yield Line(*json.loads(line.decode("utf-8", "surrogatepass")))

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was read yet."""
        return next(self.lines("deployment"), None) is None

    def close(self) -> None:
        """Close the file, and leave it where it is."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _recover(self, what: Any) -> None:
        """Find out what is there, and cut off a line that was not written to its end."""
        whole = 0
        for number, line in enumerate(self._file):
            thing = _thing(line)
            if number == 0 and (thing is None or thing.kind != BEGIN):
                raise ImportFailedError(f"{self.path} is not what an interrupted import leaves")
            if thing is None:
                break
            if number == 0 and thing.content != what:
                raise ImportFailedError(
                    f"{self.path} was begun with another deployment or selection: repeat the options, or begin "
                    "anew with --force"
                )
            whole += len(line)
            self._known.add(thing.kind, thing.id)
        if not whole:
            raise ImportFailedError(f"{self.path} is not what an interrupted import leaves")
        self._file.truncate(whole)


def _thing(line: bytes) -> Line | None:
    """A line of the file; None for one that was not written to its end."""
    if not line.endswith(b"\n"):
        return None
    try:
        kind, id_, content = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    return Line(kind, id_, content)
