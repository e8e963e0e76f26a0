"""Texts that people write for the server, seeds and scenarios: what is wrong in one, by line and field."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from mock_server.documents.document_error import DocumentError, Problem
from mock_server.input_errors.paths import FieldPath, causes_by_path, messages_by_path
from mock_server.local_files import ALL_FILES, ReadableFiles
from mock_server.yaml_lines import Document, Position, YamlError, parse

MAX_BYTES = 128 * 1024 * 1024
"""The most bytes of a file: an imported deployment with 100,000 data assets has some 70 million."""

M = TypeVar("M", bound=BaseModel)


class Finding(NamedTuple):
    """What is wrong with the text at a place, and where inside of that text if it is known."""

    at: FieldPath
    message: str
    inside: Position | None = None


class Written(NamedTuple):
    """A parsed text: `what` it is, where it is `from_`, and the folder that its relative paths start from."""

    what: str
    source: str
    folder: Path
    document: Document

    def refuse(self, found: Iterable[tuple[FieldPath, str] | Finding]) -> DocumentError:
        """The error that tells what was found wrong, and where."""
        problems = sorted(self._problem(Finding(*one)) for one in found)
        return DocumentError(self.what, self.source, problems)

    def _problem(self, found: Finding) -> Problem:
        field = ".".join(map(str, found.at))
        if found.inside is None:
            return Problem(self.document.line_of(found.at), field, found.message)
        line, column = self.document.position_in(found.at, found.inside)
        return Problem(line, field, found.message, column)

    def read_as(self, model: type[M]) -> M:
        """The content as `model`. Raises `DocumentError`."""
        read = self.try_as(model)
        if isinstance(read, list):
            raise self.refuse(read)
        return read

    def try_as(self, model: type[M]) -> M | list[Finding]:
        """The content as `model`, or what is wrong with it."""
        content = self.document.content
        try:
            return model.model_validate(content)
        except ValidationError as failure:
            errors = failure.errors()
        causes = causes_by_path(errors, content)
        messages = messages_by_path(errors, content, model)
        return [Finding(at, message, _inside(causes.get(at))) for at, message in messages.items()]


def _inside(cause: Exception | None) -> Position | None:
    """Where inside of its text a template is wrong."""
    line = getattr(cause, "line", None)
    return None if line is None else Position(line, getattr(cause, "column", 1))


def written(what: str, source: str, text: str) -> Written:
    """The parsed `text`. Raises `DocumentError`."""
    try:
        return Written(what, source, Path(source).parent, parse(text))
    except YamlError as problem:
        message = problem.message
        if source.endswith(".json"):
            # JSON is read as YAML, of which it is a part.
            message = message.replace("is not YAML", "is not JSON")
        raise DocumentError(what, source, [Problem(problem.line, "", message)]) from None


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
