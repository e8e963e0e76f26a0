"""Files that are written beside their place and moved there once they are whole.

One is called `NAME.PID-NUMBER.new` and stays locked while its writer lives. So what a killed process has left behind is
recognized, also where containers that share a folder all have the same process id.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO, Self

if sys.platform != "win32":
    import fcntl

_HALF_WRITTEN = re.compile(r".+\.(?P<pid>\d+)(-\d+)?\.new", re.DOTALL)
"""Earlier servers wrote `NAME.PID.new`, without a lock."""

_numbers = count()


class SideFile:
    """A new file in `folder` for what is to be called `name`, open for reading and writing. A `private` one only its
    owner may read. Leaving the block removes it, unless `move_to` has put it into its place. Raises `OSError`.
    """

    def __init__(self, folder: Path, name: str, *, private: bool = False) -> None:
        self._moved = False
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        while True:
            self.path = folder / f"{name}.{os.getpid()}-{next(_numbers)}.new"
            try:
                descriptor = os.open(self.path, flags, 0o600 if private else 0o666)
            except FileExistsError:
                continue
            self.file: BinaryIO = os.fdopen(descriptor, "r+b")
            if _locked(descriptor) and self.path.exists():
                return
            # A process that was just starting took it for a leftover.
            self.file.close()

    def move_to(self, path: Path) -> None:
        """Put the file, which is whole now, into its place: what was there stays until this one is on the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.replace(path)
        self._moved = True

    def close(self) -> None:
        """Remove the file from where it was written."""
        if not self._moved:
            self.path.unlink(missing_ok=True)
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def put_new(path: Path, content: bytes) -> bool:
    """Whether a file with this content, for its owner alone, was made at `path`. Of several that try at once one does,
    and the others find it whole. Raises `OSError`.
    """
    with SideFile(path.parent, path.name, private=True) as aside:
        aside.file.write(content)
        aside.file.flush()
        try:
            os.link(aside.path, path)
        except FileExistsError:
            return False
    return True


def sweep(folder: Path, name: str = "") -> None:
    """Remove what killed processes have left half-written in `folder`, of all names that begin with `name`."""
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if entry.name.startswith(name)]
    except OSError:
        return
    for match in filter(None, map(_HALF_WRITTEN.fullmatch, found)):
        if not _is_another(int(match["pid"])):
            _remove_abandoned(folder / match.string)


def _is_another(pid: int) -> bool:
    """Whether another process with this id lives. One with the id of this process was another container's."""
    if pid == os.getpid() or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return pid > 0


def _remove_abandoned(path: Path) -> None:
    """Remove a file that nobody has locked."""
    try:
        with _regular(path) as descriptor:
            if _locked(descriptor):
                path.unlink(missing_ok=True)
    except OSError:
        return


@contextmanager
def _regular(path: Path) -> Iterator[int]:
    """Open a file, without following links or waiting for the other end of a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Lock an open file until it is closed; False when another has locked it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: the process ids have to do.
        return True
    return True
