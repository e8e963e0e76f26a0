"""Reading a seed file: from YAML to the model, with every problem named by line and field."""

from importlib import resources
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from mock_server.errors import StartError
from mock_server.store.seed_checks import contradictions
from mock_server.store.seed_model import SeedFileModel
from mock_server.store.yaml_lines import YamlError, parse

PACKAGED = ("demo", "empty")
"""The seeds that come with the package."""


class Problem(NamedTuple):
    """What is wrong in a seed file and where; `line` counts from 1."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}"
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class SeedError(StartError):
    """A seed file that cannot be used."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"seed {source}: {problems[0]}{more}")


def read(source: str) -> SeedFileModel:
    """The seed called `source`: one of `PACKAGED`, or a file. Raises `SeedError`."""
    text = _text(source)
    try:
        document = parse(text)
    except YamlError as problem:
        raise SeedError(source, [Problem(problem.line, "", problem.message)]) from None
    try:
        seed = SeedFileModel.model_validate(document.content)
    except ValidationError as failure:
        found = [(error["loc"], error["msg"].removeprefix("Value error, ")) for error in failure.errors()]
    else:
        found = list(contradictions(seed))
        if not found:
            return seed
    raise SeedError(
        source,
        sorted(Problem(document.line_of(at), ".".join(map(str, at)), message) for at, message in found),
    )


def _text(source: str) -> str:
    try:
        if source in PACKAGED:
            return resources.files("mock_server.seeds").joinpath(f"{source}.yaml").read_text("utf-8")
        return Path(source).read_text("utf-8")
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8 text"
        raise SeedError(source, [Problem(1, "", f"cannot be read: {reason}")]) from None
