"""Reading a seed file: from YAML to the model, with every problem named by line and field."""

from functools import cache
from importlib import resources
from typing import NamedTuple

from mock_server.documents import problems, scenario_file
from mock_server.documents.problems import Written
from mock_server.documents.scenario_file import Prepared
from mock_server.documents.seed_checks import contradictions
from mock_server.documents.seed_model import SeedFileModel

PACKAGED = ("demo", "empty")
"""The seeds that come with the package."""


class Seed(NamedTuple):
    """A seed that can be loaded: the world, and its scenarios with their files."""

    model: SeedFileModel
    scenarios: list[Prepared]


def text_of(source: str) -> str:
    """The text of the seed called `source`: one of `PACKAGED`, or a file. Raises `DocumentError`."""
    if source in PACKAGED:
        return resources.files("mock_server.seeds").joinpath(f"{source}.yaml").read_text("utf-8")
    return problems.text_of("seed", source)


def read(source: str) -> SeedFileModel:
    """The seed called `source`. Raises `DocumentError`."""
    return parse(text_of(source), source).model


def parse(text: str, source: str) -> Seed:
    """The seed in `text`, which came from `source`. Raises `DocumentError`."""
    return _parsed_once(text, source) if source in PACKAGED else _parsed(text, source)


def _parsed(text: str, source: str) -> Seed:
    written: Written = problems.written("seed", source, text)
    model = written.read_as(SeedFileModel)
    found = list(contradictions(model))
    if found:
        raise written.refuse(found)
    return Seed(model, scenario_file.prepared(written, model.scenarios))


# Servers that start one after the other in one process, as in tests, share what nobody changes.
_parsed_once = cache(_parsed)
