"""File trees as a seed file tells of them."""

from base64 import b64decode
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mock_server.documents.seed_parts import RelativePath
from mock_server.importing.privacy import Scrubber

LONGEST_TEXT = 1_000_000
"""The characters that a seed file takes as the text of one file."""

LATIN = "latin-1"

_paths: TypeAdapter[str] = TypeAdapter(RelativePath)


def seed_files(tree: list[dict[str, Any]], scrubber: Scrubber) -> list[dict[str, Any]]:
    """The files of a tree as a seed file lists them; those whose path it does not take are left out."""
    found: dict[str, dict[str, Any]] = {}
    for file in tree:
        path = scrubber.path(file["path"])
        if _is_path(path):
            found[path] = {"path": path, **_content(file, scrubber)}
    folders = {above for path in found for above in _above(path)}
    return [file for path, file in found.items() if path not in folders]


def _content(file: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    written = file.get("base64")
    if written is None:
        return {"size": file["size"]}
    content = b64decode(written)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        # What is replaced in bytes that are no text would break them.
        readable = content.decode(LATIN)
        is_clean = scrubber.text(readable) == readable and len(written) <= LONGEST_TEXT
        return {"base64": written} if is_clean else {"size": len(content)}
    text = scrubber.text(text)
    return {"text": text} if len(text) <= LONGEST_TEXT else {"size": len(content)}


def usable(path: str, otherwise: str) -> str:
    """The path, or another one when a seed file does not take it."""
    return path if _is_path(path) else otherwise


def _is_path(path: str) -> bool:
    try:
        _paths.validate_python(path)
    except ValidationError:
        return False
    return True


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]
