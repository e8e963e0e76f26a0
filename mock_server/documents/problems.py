"""Texts that people write for the server, seeds and scenarios: what is wrong in one, by line and field."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from mock_server.errors import StartError
from mock_server.field_paths import FieldPath, messages_by_path
from mock_server.local_files import ALL_FILES, ReadableFiles
from mock_server.yaml_lines import Document, YamlError, parse

MAX_BYTES = 128 * 1024 * 1024
"""The most bytes of a file: an imported deployment with 100,000 data assets has some 70 million."""

M = TypeVar("M", bound=BaseModel)


class Problem(NamedTuple):
    """What is wrong in a text and where; `line` counts from 1."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}"
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class DocumentError(StartError):
    """A text that cannot be used, with all that is wrong in it."""

    def __init__(self, what: str, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{what} {source}: {problems[0]}{more}")


class Written(NamedTuple):
    """A parsed text: `what` it is, where it is `from_`, and the folder that its relative paths start from."""

    what: str
    source: str
    folder: Path
    document: Document

    def refuse(self, found: Iterable[tuple[FieldPath, str]]) -> DocumentError:
        """The error that tells what was found wrong, and where."""
        problems = sorted(Problem(self.document.line_of(at), ".".join(map(str, at)), message) for at, message in found)
        return DocumentError(self.what, self.source, problems)

    def read_as(self, model: type[M]) -> M:
        """The content as `model`. Raises `DocumentError`."""
        try:
            return model.model_validate(self.document.content)
        except ValidationError as failure:
            problems = messages_by_path(failure.errors(), self.document.content)
        raise self.refuse(problems.items())


def written(what: str, source: str, text: str) -> Written:
    """The parsed `text`. Raises `DocumentError`."""
    try:
        return Written(what, source, Path(source).parent, parse(text))
    except YamlError as problem:
        raise DocumentError(what, source, [Problem(problem.line, "", problem.message)]) from None


def from_file(what: str, path: str) -> Written:
    """The parsed text of a file. Raises `DocumentError`."""
    return written(what, path, text_of(what, path))


def text_of(what: str, path: str, files: ReadableFiles = ALL_FILES) -> str:
    """Return the text of a file, which has to be one of `files`. Raises `DocumentError`."""
    try:
        return files.read(Path(path), MAX_BYTES).decode()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8 text"
        raise DocumentError(what, path, [Problem(1, "", f"cannot be read: {reason}")]) from None
