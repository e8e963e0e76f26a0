"""Files of this machine that somebody names: regular ones alone, only so large, and only where they may be read."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, NamedTuple


class NotAllowedError(OSError):
    """The file is in no folder from which files may be read."""


class ReadableFiles(NamedTuple):
    """The files that may be read: those in `folders` and below, or all when it is None. Links are followed first."""

    folders: tuple[Path, ...] | None = None

    def real(self, path: Path) -> Path:
        """Return where `path` leads. Raises `NotAllowedError` when that may not be read."""
        found = path.resolve()
        if self.folders is not None and not any(found.is_relative_to(folder.resolve()) for folder in self.folders):
            raise NotAllowedError(errno.EACCES, "not in a folder that --seed-dir allows")
        return found

    def read(self, path: Path, limit: int) -> bytes:
        """Return the content of a file. Raises `OSError`, also when it is not a regular one or has more than `limit`
        bytes.
        """
        with open_regular(self.real(path)) as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise OSError(errno.EFBIG, f"larger than {limit} bytes")
        return content


ALL_FILES = ReadableFiles()


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read it. Raises `OSError`, also for what is not a regular file: a pipe would be waited for, and a
    device has no end.
    """
    _refuse_irregular(path.stat())
    # What has become a pipe since then is opened at once, and refused.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        _refuse_irregular(os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _refuse_irregular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
