"""Trees of files as a seed file says them."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from mock_server.documents.seed_parts import MAX_CHARACTERS
from mock_server.domain.content import Content, Generated, InBucket
from mock_server.domain.files import FileTree
from mock_server.domain.generated_folders import SimulatedFolder

Fields = dict[str, Any]

WORTH_READING = 4 * MAX_CHARACTERS
"""The bytes of the largest file whose text may fit into a seed file."""


def files_of(name: str, tree: FileTree) -> list[Fields]:
    """The files of what has that name, but for what is simulated at its root."""
    return [
        {"path": entry.path, **_source_fields(f"{name}/{entry.path}", entry.source)}
        for entry in tree.entries
        if entry.path
    ]


def content_fields(name: str, tree: FileTree) -> Fields:
    """The `files` of what has that name, and what is `simulated` at its root."""
    at_root = [entry.source for entry in tree.entries if isinstance(entry.source, SimulatedFolder) and not entry.path]
    return {"files": files_of(name, tree), "simulated": _simulated_fields(name, at_root[0]) if at_root else None}


def left_out(tree: FileTree, files: list[Fields]) -> Iterator[str]:
    """Say which files of a tree were written without their content."""
    given = {file["path"] for file in files if "size" in file}
    for entry in tree.entries:
        if entry.path in given and not isinstance(entry.source, Generated | SimulatedFolder):
            why = "lies in S3" if isinstance(entry.source, InBucket) else "is too large for a seed file"
            yield f"{entry.path} {why}: its {entry.source.size} bytes are generated"


def _source_fields(name: str, source: Content | SimulatedFolder) -> Fields:
    if isinstance(source, SimulatedFolder):
        return _simulated_fields(name, source)
    if isinstance(source, Generated):
        return {"size": source.size} | ({} if source.seed == name else {"drawn_from": source.seed})
    if source.size <= WORTH_READING and not isinstance(source, InBucket):
        content = b"".join(source.read(0, source.size))
        try:
            fields = {"text": content.decode()}
        except UnicodeDecodeError:
            fields = {"base64": b64encode(content).decode()}
        if all(len(written) <= MAX_CHARACTERS for written in fields.values()):
            return fields
    return {"size": source.size}


def _simulated_fields(name: str, source: SimulatedFolder) -> Fields:
    fields = {"files": source.files, "size": source.size}
    return fields | ({} if source.seed == name else {"drawn_from": source.seed})
