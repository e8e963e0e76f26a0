"""Trees of files: what a run left, what a data asset holds. A tree is a list of entries and is stored as JSON."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mock_server.domain.content import Binary, Content, Generated, InBucket, Joined, Reader, Stored, Text
from mock_server.domain.generated_folders import SimulatedFolder
from mock_server.domain.paths import join, relative_to

LARGEST = 2**63 - 1
"""The largest number of files or of bytes: an answer tells it in 64 bits, as a database keeps it."""


def total(numbers: Iterable[int]) -> int:
    """The sum of files or bytes, at most `LARGEST`: each number has a bound, and how many there are has none."""
    return min(sum(numbers), LARGEST)


class Item(NamedTuple):
    """One line of a listing; `size` is None for a folder."""

    name: str
    path: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A file at `path`, or a whole simulated folder mounted there."""

    path: str
    source: Content | SimulatedFolder


@dataclass(frozen=True, slots=True)
class FileTree:
    """An unchanging tree of files."""

    entries: tuple[Entry, ...] = ()

    @property
    def files(self) -> int:
        """How many files it holds."""
        return total(e.source.files if isinstance(e.source, SimulatedFolder) else 1 for e in self.entries)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return total(entry.source.size for entry in self.entries)

    def listing(self, folder: str) -> list[Item] | None:
        """What `folder` holds, one level, sorted by name; None when there is no such folder."""
        found: dict[str, Item] = {}
        for entry in self.entries:
            found.update((item.name, item) for item in _seen_from(folder, entry))
        if found or not folder:
            return sorted(found.values())
        return None

    def find(self, path: str) -> Content | None:
        """The content of the file at `path`, or None when there is no such file."""
        for entry in self.entries:
            if isinstance(entry.source, SimulatedFolder):
                inside = relative_to(path, entry.path)
                content = entry.source.file(inside) if inside else None
                if content is not None:
                    return content
            elif entry.path == path:
                return entry.source
        return None

    def with_files(self, more: "FileTree") -> "FileTree":
        """This tree and the files of `more`, which take the place of those at the same paths."""
        taken = {entry.path for entry in more.entries}
        return FileTree((*(entry for entry in self.entries if entry.path not in taken), *more.entries))

    def part(self, done: int, of: int) -> "FileTree":
        """What is at the first names of its root: `done` in `of` of them, rounded up."""
        names = list(dict.fromkeys(entry.path.partition("/")[0] for entry in self.entries))
        first = set(names[: -(-len(names) * done // of)])
        return FileTree(tuple(entry for entry in self.entries if entry.path.partition("/")[0] in first))

    def under(self, path: str) -> "FileTree | None":
        """The tree of the folder at `path`, or of that one file; None when there is neither."""
        if not path:
            return self
        file = self.find(path)
        if file is not None:
            return FileTree((Entry(path.rpartition("/")[2], file),))
        kept = []
        for entry in self.entries:
            below = relative_to(entry.path, path)
            if below is not None:
                kept.append(Entry(below, entry.source))
            elif isinstance(entry.source, SimulatedFolder):
                inside = relative_to(path, entry.path)
                folder = entry.source.folder(inside) if inside else None
                if folder is not None:
                    kept.append(Entry("", folder))
        return FileTree(tuple(kept)) if kept else None

    def walk(self) -> Iterator[tuple[str, Content]]:
        """All files with their paths, those of simulated folders one by one."""
        for entry in self.entries:
            if isinstance(entry.source, SimulatedFolder):
                yield from _inside(entry.path, entry.source)
            else:
                yield entry.path, entry.source

    def stored_files(self) -> set[str]:
        """The SHA-256 of all files that lie beside the database."""
        contents = [entry.source for entry in self.entries]
        pieces = [piece for content in contents if isinstance(content, Joined) for piece in content.pieces]
        return {content.sha256 for content in (*contents, *pieces) if isinstance(content, Stored)}

    def to_json(self) -> list[dict[str, Any]]:
        """The tree as it is stored."""
        return [{"path": entry.path, **_written(entry.source)} for entry in self.entries]

    @classmethod
    def from_json(cls, stored: list[dict[str, Any]], reader: Reader | None = None) -> "FileTree":
        """The tree that `to_json` stored; `reader` gives the bytes of files that lie beside the database."""
        return cls(tuple(Entry(item["path"], _source(item, reader or _not_beside)) for item in stored))


def source_of(
    name: str, *, text: str | None, base64: str | None, size: int | None, files: int | None, drawn_from: str | None
) -> Content | SimulatedFolder:
    """The content of a file as people write it down, or the folder. Generated bytes are drawn from `name` unless
    `drawn_from` says something else.
    """
    if text is not None:
        return Text(text)
    if base64 is not None:
        return Binary(b64decode(base64))
    key = drawn_from if drawn_from is not None else name
    return Generated(key, size or 0) if files is None else SimulatedFolder(key, files, size or 0)


def _not_beside(sha256: str, _start: int, _stop: int) -> Iterator[bytes]:
    raise LookupError(f"no stored file {sha256}")


def _inside(path: str, folder: SimulatedFolder) -> Iterator[tuple[str, Content]]:
    for node in folder.children():
        place = join(path, node.name)
        below = folder.folder(node.name) if node.folder else None
        content = None if below else folder.file(node.name)
        if below is not None:
            yield from _inside(place, below)
        elif content is not None:
            yield place, content


def _seen_from(folder: str, entry: Entry) -> Iterable[Item]:
    below = relative_to(entry.path, folder)
    if isinstance(entry.source, SimulatedFolder) and not below:
        inside = relative_to(folder, entry.path)
        here = entry.source.folder(inside) if inside is not None else None
        nodes = here.children() if here else []
        return [Item(n.name, join(folder, n.name), None if n.folder else n.size) for n in nodes]
    if not below:
        return []
    name, slash, _ = below.partition("/")
    is_folder = bool(slash) or isinstance(entry.source, SimulatedFolder)
    return [Item(name, join(folder, name), None if is_folder else entry.source.size)]


def _written(source: Content | SimulatedFolder) -> dict[str, Any]:
    match source:
        case Text(text):
            return {"text": text}
        case Binary(content):
            return {"base64": b64encode(content).decode()}
        case Generated(seed, size):
            return {"generated": seed, "size": size}
        case Stored(sha256, size):
            return {"sha256": sha256, "size": size}
        case Joined(pieces):
            return {"pieces": [_written(piece) for piece in pieces]}
        case InBucket(etag, size):
            return {"object": etag, "size": size}
        case SimulatedFolder(seed, files, size):
            return {"simulated": seed, "files": files, "size": size}


def _source(item: dict[str, Any], reader: Reader) -> Content | SimulatedFolder:
    if "text" in item:
        return Text(item["text"])
    if "generated" in item:
        return Generated(item["generated"], item["size"])
    if "simulated" in item:
        return SimulatedFolder(item["simulated"], item["files"], item["size"])
    if "object" in item:
        return InBucket(item["object"], item["size"])
    if "pieces" in item:
        return Joined(tuple(_piece(piece, reader) for piece in item["pieces"]))
    return _piece(item, reader)


def _piece(item: dict[str, Any], reader: Reader) -> Stored | Binary:
    return Stored(item["sha256"], item["size"], reader) if "sha256" in item else Binary(b64decode(item["base64"]))
