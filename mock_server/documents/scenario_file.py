"""Reading scenario files: from YAML to specs with their files, with every problem named by line and field."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mock_server.documents import problems
from mock_server.documents.problems import Written
from mock_server.documents.result_files import plain
from mock_server.documents.scenario_model import ScenarioFileModel, ScenarioSpec
from mock_server.documents.seed_parts import SeedFile
from mock_server.domain.content import Binary, Content, Text
from mock_server.domain.files import Entry, FileTree, source_of
from mock_server.domain.generated_folders import SimulatedFolder
from mock_server.domain.paths import refuse_file_and_folder
from mock_server.domain.runs import ADDED_BY_THE_SERVICE
from mock_server.domain.scenario_matching import Loaded
from mock_server.domain.scenarios import BUILT_IN, DRIVEN, NAMES
from mock_server.input_errors.paths import FieldPath
from mock_server.local_files import ALL_FILES, ReadableFiles

MAX_FILES = 1000
"""The most files that a `directory` may hold."""

MAX_ENTRIES = 10_000
"""The most entries that a `directory` may hold, folders and links included."""

MAX_BYTES = 16 * 1024 * 1024
"""The most bytes that a `directory` may hold."""


OF_DRIVEN = {"name", "kind", "like", "when", "own_results", "results", "directory"}
"""The fields that a scenario of something driven may have: how long it takes and how it ends are said later."""


class Prepared(NamedTuple):
    """A scenario as it was written, and the files that its runs leave."""

    spec: ScenarioSpec
    files: FileTree


def read(path: str) -> list[Prepared]:
    """The scenarios in the file at `path`. Raises `DocumentError`."""
    text = problems.from_file("scenarios", path)
    return prepared(text, text.read_as(ScenarioFileModel).scenarios)


def parse(text: str, source: str, files: ReadableFiles, known: Sequence[Loaded] = ()) -> list[Prepared]:
    """Return the scenarios in `text`, which came from `source`; a `directory` has to be one of `files`. `known` are
    those that are there and stay.

    Raises `DocumentError`.
    """
    written = problems.written("scenarios", source, text)
    return prepared(written, written.read_as(ScenarioFileModel).scenarios, files, known)


def prepared(
    text: Written, specs: list[ScenarioSpec], readable: ReadableFiles = ALL_FILES, known: Sequence[Loaded] = ()
) -> list[Prepared]:
    """`specs`, which stand under `scenarios` in `text`, with their files. Raises `DocumentError`."""
    found = list(contradictions(specs, known))
    ready = []
    for number, spec in enumerate(specs):
        files = [Entry(file.path, content_of(spec.name, file)) for file in plain(getattr(spec, "results", []))]
        try:
            directory = getattr(spec, "directory", None)
            if directory is not None:
                files += _in_directory(text.folder / directory, readable, {entry.path for entry in files})
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else str(problem)
            place = ("scenarios", number, "directory")
            found.append((place, f"{spec.directory} cannot be used: {reason}"))  # type: ignore[union-attr]
        ready.append(Prepared(spec, FileTree(tuple(files))))
    if found:
        raise text.refuse(found)
    return ready


def contradictions(specs: list[ScenarioSpec], known: Sequence[Loaded] = ()) -> Iterator[tuple[FieldPath, str]]:
    """Names that are taken, and references to scenarios that do not stand before. One of `known` that is replaced
    keeps its place.
    """
    mixes = {(item.kind, item.scenario.name): bool(item.scenario.mix) for item in known}
    mixes |= {(spec.kind, spec.name): spec.mix is not None for spec in specs}
    places = {key: place for place, key in enumerate(mixes)}
    driven = {(item.kind, item.scenario.name) for item in known if item.scenario.driven}
    driven |= {(kind, DRIVEN) for kind, family in BUILT_IN.items() if family[DRIVEN].driven}
    here: set[tuple[str, str]] = set()
    for number, spec in enumerate(specs):
        place: FieldPath = ("scenarios", number)
        if spec.name in NAMES:
            yield (*place, "name"), f"{spec.name} is a built-in scenario"
        if (spec.kind, spec.name) in here:
            yield (*place, "name"), f"{spec.name} stands twice"
        for field, name in [("like", spec.like), *(("mix", name) for name in spec.mix or ())]:
            if name is None:
                continue
            key = (spec.kind, name)
            if name not in NAMES and places.get(key, len(places)) >= places[(spec.kind, spec.name)]:
                yield (*place, field), f"no {spec.kind} scenario called {name} is built in or stands before this one"
            elif field == "like" and (mixes.get(key) or (name in NAMES and BUILT_IN[spec.kind][name].mix)):
                yield (*place, field), f"{name} is a mix; only mix can name it"
            elif field == "like" and key in driven:
                driven.add((spec.kind, spec.name))
                for drawn in sorted(spec.model_fields_set - OF_DRIVEN):
                    yield (*place, drawn), f"does not go with like {name}: what is driven is not drawn beforehand"
        here.add((spec.kind, spec.name))


def content_of(name: str, file: SeedFile) -> Content | SimulatedFolder:
    """The content of a file that was written down, or the folder; generated bytes are drawn from `name` and the path
    unless the file says from what.
    """
    return source_of(
        f"{name}/{file.path}",
        text=file.text,
        base64=file.base64,
        size=file.size,
        files=file.files,
        drawn_from=file.drawn_from,
    )


def _in_directory(directory: Path, readable: ReadableFiles, taken: set[str]) -> Iterator[Entry]:
    """Yield the files of a folder, but for those whose paths are `taken`. Raises `OSError` and `ValueError`."""
    top = readable.real(directory)
    if not top.is_dir():
        raise ValueError("it is not a folder")
    paths = sorted(_files_below(top))
    if sum(path.stat().st_size for path in paths) > MAX_BYTES:
        raise ValueError(f"it holds more than {MAX_BYTES} bytes")
    names = [_name(path.relative_to(top)) for path in paths]
    refuse_file_and_folder(taken.union(names))
    left = MAX_BYTES
    for path, name in zip(paths, names, strict=True):
        if name not in taken:
            content = readable.read(path, left)
            left -= len(content)
            yield Entry(name, _bytes(content))


def _files_below(top: Path) -> Iterator[Path]:
    """Yield the files in a folder and in those below it. Raises `ValueError` when there are too many."""
    files = entries = 0
    folders = [top]
    while folders:
        for path in folders.pop().iterdir():
            entries += 1
            if path.is_dir() and not path.is_symlink():
                folders.append(path)
            elif path.is_file():
                files += 1
                yield path
            if files > MAX_FILES:
                raise ValueError(f"it holds more than {MAX_FILES} files")
            if entries > MAX_ENTRIES:
                raise ValueError(f"it holds more than {MAX_ENTRIES} files and folders")


def _name(path: Path) -> str:
    """The path of a result. Raises `ValueError` when it cannot be one."""
    name = path.as_posix()
    try:
        name.encode()
    except ValueError:
        raise ValueError(f"{name!r} is not UTF-8") from None
    if name.split("/")[0] in ADDED_BY_THE_SERVICE:
        raise ValueError(f"{name} is a name that the service's own files have")
    return name


def _bytes(content: bytes) -> Content:
    try:
        return Text(content.decode())
    except ValueError:
        return Binary(content)
