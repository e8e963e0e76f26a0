"""A world as the text of a seed file, written while the world goes on."""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from pydantic import ValidationError

from mock_server import background
from mock_server.documents.schema_address import editor_line
from mock_server.errors import ConflictError, UnavailableError
from mock_server.input_errors.words import with_place
from mock_server.store.database import Database
from mock_server.store.seed_export import document


async def text_of(db: Database, name: str, now: float | None, ids_given: int) -> BinaryIO:
    """The text of a seed file that makes the world `name`, whose clock is to begin at `now` if that is said, and which
    has drawn `ids_given` ids; to be read from its beginning, and closed. It is written beside the event loop, while
    others go on.

    Raises `ConflictError` when the world holds what no seed file can say, `UnavailableError` when the disk is full.
    """
    return await background.run(_written, db.as_it_is(), name, now, ids_given)


def _written(db: Database, name: str, now: float | None, ids_given: int) -> BinaryIO:
    heading = [
        editor_line(),
        f"The world {name}, written by codeocean-mock export.",
        "docs/import.md says what cannot be had of a world in a seed file.",
    ]
    with ExitStack() as undo, closing(db), _as_refusals():
        file: BinaryIO = undo.enter_context(TemporaryFile())
        text = io.TextIOWrapper(file, "utf-8", newline="\n")
        document.write(db, text, heading, now, ids_given)
        text.flush()
        text.detach()
        file.seek(0)
        undo.pop_all()
    return file


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UnavailableError(f"the export cannot be written: {problem.strerror}") from problem
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        what = re.sub("(?<=[a-z])(?=[A-Z])", " ", problem.title.removeprefix("Seed")).lower()
        raise ConflictError(f"the world holds what no seed file can say: {what}: {with_place(error)}") from problem
