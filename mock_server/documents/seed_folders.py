"""Capsules of a seed file that have a folder: what the file does not say of them comes from there."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.documents import capsule_folder, problems
from mock_server.documents.capsule_folder import CapsuleFolder
from mock_server.documents.problems import Written
from mock_server.domain.scenarios import DRIVEN
from mock_server.errors import StartError
from mock_server.input_errors.paths import FieldPath
from mock_server.local_files import ReadableFiles
from mock_server.yaml_lines import Document


class ReadFolder(NamedTuple):
    """The folder that a capsule of a seed file has, the fields that the file itself gives, and what somebody should
    know.
    """

    folder: CapsuleFolder
    own: tuple[str, ...]
    warnings: tuple[str, ...]


def named(content: Any, base: Path) -> Iterator[tuple[int, dict[str, Any], Path]]:
    """The capsules that name a folder: their place, what is written of them, and the folder."""
    for number, capsule in enumerate(_section(content, "capsules")):
        folder = capsule.get("folder") if isinstance(capsule, dict) else None
        if folder and isinstance(folder, str):
            yield number, capsule, base / folder


def fill(written: Written, files: ReadableFiles) -> tuple[Written, dict[int, ReadFolder]]:
    """The file with all that the folders in it give, and those folders by the place of their capsule. Raises
    `DocumentError` for folders that cannot be used.
    """
    content = written.document.content
    found: dict[int, ReadFolder] = {}
    wrong: list[tuple[FieldPath, str]] = []
    capsules = list(_section(content, "capsules"))
    for number, capsule, path in named(content, written.folder):
        try:
            folder = capsule_folder.read(path, files)
        except StartError as problem:
            wrong.append((("capsules", number, "folder"), str(problem)))
        else:
            capsules[number], missing = _filled(content, capsule, folder)
            found[number] = ReadFolder(folder, tuple(sorted(set(capsule))), (*folder.warnings, *missing))
    if wrong:
        raise written.refuse(wrong)
    if not found:
        return written, found
    return written._replace(document=Document(content | {"capsules": capsules}, written.document.text)), found


def tops(source: str) -> Iterator[Path]:
    """Where the capsules lie that a seed file names. What is wrong in it is passed over."""
    try:
        written = problems.from_file("seed", source)
    except StartError:
        return
    for _, _, path in named(written.document.content, written.folder):
        with suppress(StartError):
            yield capsule_folder.top_of(path)


def _filled(
    content: dict[str, Any], capsule: dict[str, Any], folder: CapsuleFolder
) -> tuple[dict[str, Any], list[str]]:
    """A capsule with what its folder gives, and which attached data assets are not in the file."""
    known = [one.get("id") for one in _section(content, "data_assets") if isinstance(one, dict)]
    wanted = folder.fields["data_assets"]
    given = {
        "id": folder.id,
        "slug": folder.slug,
        "owner": _owner(content),
        "created": folder.created,
        "scenario": DRIVEN,
        **folder.fields,
        "data_assets": [one for one in wanted if one["id"] in known],
        **capsule,
        "folder": str(folder.path),
    }
    missing = [] if "data_assets" in capsule else [one for one in wanted if one["id"] not in known]
    return given, [capsule_folder.missing(folder.path, one) for one in missing]


def _owner(content: dict[str, Any]) -> Any:
    """The address of the first user who is no admin, else of the first one."""
    users = [user for user in _section(content, "users") if isinstance(user, dict)]
    return next((user.get("email") for user in sorted(users, key=lambda user: user.get("admin") is True)), None)


def _section(content: Any, name: str) -> list[Any]:
    entries = content.get(name) if isinstance(content, dict) else None
    return entries if isinstance(entries, list) else []
