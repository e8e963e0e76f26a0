"""What a script has left in `/results`, as one tar for the server: plain files alone, whatever else there is."""

import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from mock_server.domain.naming import printable
from mock_server.domain.tar_streams import END, header, padding

PIECE = 1024**2

MOST_LISTED = 100
"""How many things that were left out are listed one by one."""

MOST_LINKS = 40
"""How many links may lead to each other, as with the system's own."""

MOST_OF_PATH = 4096

LOG_NAME = "output"
"""The name of the run's log among its results."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """As many bytes, or fewer at the end."""


class Entry(NamedTuple):
    """Something in `/results`: its path below it, its kind (as in `stat`), its size; `target` is where a link leads to,
    `content` gives the bytes of a file and may be read until the next entry. Without a path it is `/results` itself,
    which a script has removed or replaced.
    """

    path: str
    kind: int
    size: int = 0
    target: str = ""
    content: Readable | None = None


class Source(Protocol):
    """Where the entries come from, as often as they are asked for."""

    def results(self) -> Iterator[Entry]:
        """All that is in `/results`, folders before what is in them."""

    def result(self, path: str) -> AbstractContextManager[Entry | None]:
        """The plain file at a path that goes through no link; None when there is none."""


class ResultsTar:
    """The tar; without a `source` there is nothing in `/results`. `left_out` lists what it does not hold, and why, once
    it has been gone through; `extra` are files of the runner's own.
    """

    def __init__(self, source: Source | None, extra: Iterable[tuple[str, bytes]] = ()) -> None:
        self.left_out: list[str] = []
        self.files = 0
        self._source = source
        self._extra = dict(extra)
        self._skipped = 0

    def pieces(self, check: Callable[[], None]) -> Iterator[bytes]:
        """Its bytes. `check` is called before each piece, and may raise."""
        self.left_out.clear()
        self.files = self._skipped = 0
        links: dict[str, str] = {}
        for name, content in self._extra.items():
            yield header(name, len(content)) + content + padding(len(content))
        for entry in self._source.results() if self._source else ():
            reason = self._reason(entry)
            if reason:
                self._leave_out(entry.path, reason)
            elif stat.S_ISLNK(entry.kind):
                links[entry.path] = entry.target
            elif not stat.S_ISDIR(entry.kind):
                yield from self._file(entry.path, entry, check)
        for path in links:
            yield from self._linked(path, links, check)
        if self._skipped > len(self.left_out):
            self.left_out.append(f"and {self._skipped - len(self.left_out)} more")
        yield END

    def _reason(self, entry: Entry) -> str | None:
        if not entry.path:
            return "not a folder any more"
        if not _is_text(entry.path):
            return "its name is not UTF-8"
        if len(entry.path) > MOST_OF_PATH:
            return f"its path has more than {MOST_OF_PATH} characters"
        if entry.path.partition("/")[0] in (LOG_NAME, *self._extra):
            return "the name is taken by the run's own log"
        kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
        return None if any(kind(entry.kind) for kind in kinds) else _special(entry.kind)

    def _linked(self, path: str, links: dict[str, str], check: Callable[[], None]) -> Iterator[bytes]:
        """The file that a link leads to, in the link's place."""
        target = _resolved(path, links)
        if target is None or target == ".":
            self._leave_out(path, "a link that leads out of /results")
            return
        if target == _CIRCLE:
            self._leave_out(path, "a link that leads to itself")
            return
        assert self._source is not None
        with self._source.result(target) as entry:
            if entry is None:
                self._leave_out(path, "a link that leads to no file in /results")
            else:
                yield from self._file(path, entry, check)

    def _file(self, path: str, entry: Entry, check: Callable[[], None]) -> Iterator[bytes]:
        self.files += 1
        yield header(path, entry.size)
        left = entry.size
        while left > 0:
            check()
            piece = entry.content.read(min(PIECE, left)) if entry.content else b""
            # Nothing writes any more; should a file be shorter after all, the tar stays whole.
            piece = piece or bytes(min(PIECE, left))
            left -= len(piece)
            yield piece
        yield padding(entry.size)

    def _leave_out(self, path: str, reason: str) -> None:
        self._skipped += 1
        if self._skipped <= MOST_LISTED:
            self.left_out.append(f"{_printable_path(path) or '/results'}: {reason}")


_CIRCLE = ""
"""Where a link leads to that leads to itself, or through more links than anybody makes."""


def _resolved(path: str, links: dict[str, str]) -> str | None:
    """Where the link at a path leads to below `/results`, in the end; None when it leads out of it, `_CIRCLE` when it
    leads to itself.
    """
    for _ in range(MOST_LINKS):
        at = _first_link(path, links)
        if at is None:
            return path
        target = links[at]
        if not _is_text(target):
            return None
        if target.startswith("/"):
            inside = _below_results(target)
        else:
            inside = posixpath.normpath(posixpath.join(posixpath.dirname(at), target))
        if inside is None or inside == ".." or inside.startswith("../"):
            return None
        path = posixpath.normpath(posixpath.join(inside, path[len(at) :].lstrip("/")))
    return _CIRCLE


def _first_link(path: str, links: dict[str, str]) -> str | None:
    """The first part of a path that is a link."""
    parts = path.split("/")
    ends = ("/".join(parts[: number + 1]) for number in range(len(parts)))
    return next((end for end in ends if end in links), None)


def _below_results(target: str) -> str | None:
    path = posixpath.normpath(target)
    for root in ("/results", "/root/capsule/results"):
        if path == root or path.startswith(f"{root}/"):
            return path[len(root) :].lstrip("/") or "."
    return None


def _printable_path(path: str) -> str:
    """A path in one line, with its bytes that are not UTF-8 as `\\xff`."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _special(kind: int) -> str:
    names = {
        stat.S_ISFIFO: "a named pipe",
        stat.S_ISSOCK: "a socket",
        stat.S_ISBLK: "a device",
        stat.S_ISCHR: "a device",
    }
    return next((name for test, name in names.items() if test(kind)), "not a file")
