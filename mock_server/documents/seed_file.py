"""Reading a seed file: from YAML to the model, with every problem named by line and field."""

from functools import cache
from typing import NamedTuple

from mock_server import seeds
from mock_server.documents import problems, scenario_file, seed_folders
from mock_server.documents.problems import Written
from mock_server.documents.scenario_file import Prepared
from mock_server.documents.seed_checks import contradictions
from mock_server.documents.seed_folders import ReadFolder
from mock_server.documents.seed_model import SeedFileModel
from mock_server.documents.seed_remainder import contradictions_beside
from mock_server.local_files import ALL_FILES, ReadableFiles

REQUIRED = tuple(name for name, field in SeedFileModel.model_fields.items() if field.is_required())
"""The sections that every seed file has."""


class Seed(NamedTuple):
    """A seed that can be loaded: the world, its scenarios with their files, and the folders of its capsules by their
    place.
    """

    model: SeedFileModel
    scenarios: list[Prepared]
    folders: dict[int, ReadFolder]

    @property
    def warnings(self) -> list[str]:
        """What whoever loads it should know."""
        return [warning for read in self.folders.values() for warning in read.warnings]


def text_of(source: str, files: ReadableFiles = ALL_FILES) -> str:
    """Return the text of the seed called `source`: a packaged one, or a file, which has to be one of `files`. Raises
    `DocumentError`.
    """
    if source in seeds.PACKAGED:
        return seeds.text_of(source)
    return problems.text_of("seed", source, files)


def read(source: str) -> SeedFileModel:
    """The seed called `source`. Raises `DocumentError`."""
    return read_whole(source).model


def read_whole(source: str) -> Seed:
    """The seed called `source`, with all that it names. Raises `DocumentError`."""
    return parse(text_of(source), source)


def parse(text: str, source: str, files: ReadableFiles = ALL_FILES) -> Seed:
    """Return the seed in `text`, which came from `source`; what it names has to be one of `files`. Raises
    `DocumentError`.
    """
    return _parsed_once(text, source) if source in seeds.PACKAGED else _parsed(text, source, files)


def _parsed(text: str, source: str, files: ReadableFiles = ALL_FILES) -> Seed:
    written: Written = problems.written("seed", source, text)
    _refuse_others(written)
    written, folders = seed_folders.fill(written, files)
    model = written.try_as(SeedFileModel)
    if isinstance(model, list):
        raise written.refuse([*model, *contradictions_beside(written.document.content, model)])
    found = list(contradictions(model, [number for number, read in folders.items() if "parameters" not in read.own]))
    if found:
        raise written.refuse([*found, *scenario_file.contradictions(model.scenarios)])
    return Seed(model, scenario_file.prepared(written, model.scenarios, files), folders)


def _refuse_others(written: Written) -> None:
    """Raise `DocumentError` for a text that is something else, and say nothing of what is in it: whoever asks for it
    may not be allowed to read it.
    """
    content = written.document.content
    missing = [name for name in REQUIRED if not isinstance(content, dict) or name not in content]
    if missing:
        raise written.refuse([((), f"is not a seed file: it has no {', '.join(missing)}")])
    if content["version"] != 1:
        raise written.refuse([(("version",), "must be 1")])


# Servers that start one after the other in one process, as in tests, share what nobody changes.
_parsed_once = cache(_parsed)
