"""Capsule folders: the code of a capsule with its metadata, environment and app panel, in the form that its Git
repository and the app's export have (docs/running-code.md).
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel

from mock_server.documents import capsule_folder_files as written_files
from mock_server.documents import problems
from mock_server.documents.git_remote import remote_of
from mock_server.documents.problems import Written
from mock_server.documents.seed_checks import odd_panel
from mock_server.documents.seed_parts import SeedPanelParameter
from mock_server.errors import StartError
from mock_server.local_files import ALL_FILES, ReadableFiles, open_regular
from mock_server.safe_regex import is_pattern

RUN = "code/run"

PLACED = ("code", "data", "environment")
"""The folders that runs are given, and images made of: nothing from elsewhere."""

LOOKED_AT = 65536
"""How many bytes of a script are looked at."""

METADATA = "metadata/metadata.yml"
APP_PANEL = ".codeocean/app-panel.json"
DATASETS = ".codeocean/datasets.json"
RESOURCES = ".codeocean/resources.json"
DOCKERFILE = "environment/Dockerfile"
MAIN_NF = "pipeline/main.nf"

STAMPED = (RUN, METADATA, APP_PANEL, DATASETS, RESOURCES, DOCKERFILE)
"""The files that make a difference to what is read."""

PARTS = ("code", "metadata", "environment", ".codeocean")

NAMESPACE = UUID("0ce0a7d1-4b60-5a8e-9d0b-6f6d636b6361")
MAX_AFFILIATION = 1000

Stamp = tuple[tuple[int, int] | None, ...]
"""When each of the files was last changed, in nanoseconds, and its size; None for one that is not there."""

M = TypeVar("M", bound=BaseModel)


class CapsuleFolder(NamedTuple):
    """What a folder says: an id and a slug that stay the same, and fields as a seed's capsule has them. `created` is
    the age of the oldest file in Unix seconds. `warnings` are what somebody should know.
    """

    path: Path
    id: str
    slug: str
    created: int
    fields: dict[str, Any]
    warnings: tuple[str, ...]


def top_of(folder: Path, files: ReadableFiles = ALL_FILES) -> Path:
    """Where the capsule in `folder` really lies: there, or in the only folder in it, as archives have one. Raises
    `StartError` when there is no capsule that could be run.
    """
    try:
        top = files.real(folder)
        if not str(top).isprintable():
            raise StartError(f"capsule folder {str(top)!a}: its path cannot be written")
        if not top.is_dir():
            reason = errno.ENOTDIR if top.exists() else errno.ENOENT
            raise OSError(reason, os.strerror(reason))
        if not _has_parts(top):
            inner = [one for one in top.iterdir() if one.is_dir() and not one.name.startswith((".", "__"))]
            top = files.real(inner[0]) if len(inner) == 1 and _has_parts(inner[0]) else top
        _check_run(top, files)
    except OSError as problem:
        raise StartError(f"capsule folder {folder}: cannot be read: {problem.strerror}") from None
    return top


def _has_parts(folder: Path) -> bool:
    return any((folder / part).is_dir() for part in PARTS)


def _check_run(top: Path, files: ReadableFiles) -> None:
    """Raise `StartError` when there is nothing to run. Whether it is executable does not matter: `bash` starts it."""
    for part in PLACED:
        if not (top / part).resolve().is_relative_to(top):
            raise StartError(f"capsule folder {top}: {part} is a link that leads out of it")
    run = top / RUN
    if os.path.lexists(run):
        try:
            open_regular(files.real(run)).close()
        except OSError as problem:
            raise StartError(f"capsule folder {top}: {RUN} cannot be read: {problem.strerror}") from None
        return
    reason = f"it has no {RUN}"
    if (top / "pipeline").is_dir():
        reason = "it is a pipeline; pipelines are simulated, and only capsules are run"
    elif (top / "code" / "run.sh").exists():
        reason += "; name code/run.sh so"
    raise StartError(f"capsule folder {top}: {reason}")


def _has_windows_lines(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return b"\r\n" in file.read(LOOKED_AT)
    except OSError:
        return False


def stamp(top: Path) -> Stamp:
    """The stamp of a folder as it is now."""
    return tuple(_stamp(top / name) for name in STAMPED)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read(folder: Path, files: ReadableFiles = ALL_FILES) -> CapsuleFolder:
    """The capsule in a folder; all that is read of it has to be one of `files`. Raises `StartError` with the file and
    the reason.
    """
    top = top_of(folder, files)
    warnings: list[str] = []
    fields = {"name": top.name[:1000] or "capsule"} | _metadata(top, files) | _panel(top, files, warnings)
    datasets = _file(top, DATASETS, "attached data assets", written_files.Datasets, files)
    fields["data_assets"] = [one.model_dump() for one in datasets[1].attached_datasets] if datasets else []
    _file(top, RESOURCES, "resources", written_files.Resources, files)
    if _has_windows_lines(top / RUN):
        warnings.append(f"{RUN} has the line ends of Windows, with which bash does not find its commands")
    if (top / MAIN_NF).exists():
        warnings.append(f"it has {MAIN_NF} too, as a pipeline has; {RUN} is what is run")
    if not (top / DOCKERFILE).is_file():
        warnings.append(f"it has no {DOCKERFILE}, from which the engine docker builds an image")
    remote = remote_of(top, files)
    key = uuid5(NAMESPACE, remote or top.name)
    changed = [found[0] for found in stamp(top) if found]
    return CapsuleFolder(
        path=top,
        id=str(key),
        slug=_slug(remote, key),
        created=max(0, min(changed, default=0) // 1_000_000_000),
        fields=fields,
        warnings=tuple(f"capsule folder {top}: {warning}" for warning in warnings),
    )


def _slug(remote: str | None, key: UUID) -> str:
    """The seven digits that the platform's own remote, `capsule-<slug>`, has; else some of the key's."""
    own = (remote or "").rpartition("/capsule-")[2]
    return own if len(own) == 7 and own.isascii() and own.isdigit() else f"{key.int % 9_000_000 + 1_000_000}"


def _file(top: Path, name: str, what: str, model: type[M], files: ReadableFiles) -> tuple[Written, M] | None:
    """A file of the folder, None when it is not there. Raises `DocumentError`."""
    path = top / name
    if not os.path.lexists(path):
        return None
    text = problems.text_of(what, str(path), files).removeprefix("\ufeff")
    written = problems.written(what, str(path), text)
    if not isinstance(written.document.content, dict):
        raise written.refuse([((), "is not a mapping of keys to values")])
    return written, written.read_as(model)


def _metadata(top: Path, files: ReadableFiles) -> dict[str, Any]:
    found = _file(top, METADATA, "capsule metadata", written_files.Metadata, files)
    if found is None:
        return {}
    metadata = found[1]
    fields: dict[str, Any] = metadata.model_dump(include={"name", "description", "field", "tags"}, exclude_none=True)
    authors = []
    for author in metadata.authors:
        places = "; ".join(place.name for place in author.affiliations)[:MAX_AFFILIATION]
        authors.append({"name": author.name} | ({"affiliation": places} if places else {}))
    return fields | {"authors": authors}


def _panel(top: Path, files: ReadableFiles, warnings: list[str]) -> dict[str, Any]:
    """The app panel as the API gives it: without the icons of categories and the ids of parameters, the options of a
    list under another name (docs: capsule pages).
    """
    found = _file(top, APP_PANEL, "app panel", written_files.AppPanel, files)
    if found is None:
        return {"parameters": []}
    written, panel = found
    unnamed = [at for at, parameter in enumerate(panel.parameters) if parameter.param_name is None]
    if panel.named_parameters and unnamed:
        place = ("parameters", unnamed[0], "param_name")
        raise written.refuse([(place, "is required, as named_parameters is true")])
    parameters = [_parameter(parameter, named=panel.named_parameters) for parameter in panel.parameters]
    for parameter in parameters:
        pattern = parameter.get("pattern")
        if pattern is not None and not is_pattern(pattern):
            del parameter["pattern"]
            warnings.append(f'{APP_PANEL}: values of "{parameter["name"]}" are not checked against {pattern}')
    odd = list(odd_panel(("parameters",), [SeedPanelParameter(**parameter) for parameter in parameters]))
    if broken := [one for one in odd if one[0][-1] != "default_value"]:
        raise written.refuse(broken)
    warnings += [f"{APP_PANEL}: the default value is not taken: {message}" for _, message in odd]
    shown = panel.model_dump(include={"general", "categories", "results"}, exclude_none=True)
    shown["data_assets"] = list(_data_assets(panel))
    return {"parameters": parameters, "app_panel": shown}


def _data_assets(panel: written_files.AppPanel) -> Iterator[dict[str, Any]]:
    for one in panel.datasets:
        yield one.model_dump(include={"id", "description", "help_text"}, exclude_none=True)


def _parameter(parameter: written_files.PanelParameter, *, named: bool) -> dict[str, Any]:
    fields: dict[str, Any] = parameter.model_dump(exclude_none=True)
    if not named:
        fields.pop("param_name", None)
    if "extra_data" in fields:
        fields["value_options"] = fields.pop("extra_data")
    return fields


def missing(top: Path, asset: dict[str, str]) -> str:
    """What to say of a data asset that is attached to a capsule and not in a world."""
    what = f"the data asset {asset['id']}, attached at /data/{asset['mount']}"
    return f"capsule folder {top}: {what}, is not in this world; runs go without it (a seed file can have it)"
