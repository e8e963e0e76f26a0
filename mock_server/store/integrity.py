"""Whether a database file that is open is still what it was, and its directory can be written."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

from mock_server.errors import UnavailableError


def refuse_unsound(path: Path) -> None:
    """Raise `UnavailableError`, with the reason, when the database at `path` or its directory cannot be used."""
    _write_beside(path)
    _read_from_disk(path)


def _write_beside(path: Path) -> None:
    """What SQLite has open it can write still when the directory cannot be written, or a full disk has a little room
    in the log.
    """
    try:
        with TemporaryFile(dir=path.parent) as probe:
            probe.write(b"probe")
            probe.flush()
    except OSError as problem:
        raise UnavailableError(f"the data directory cannot be written: {problem.strerror}") from problem


def _read_from_disk(path: Path) -> None:
    """An open connection goes on with what it remembers. This one remembers nothing, and looks past the log.

    It is SQLite that opens the file: closing it here would take away the locks that SQLite has on it.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
    except sqlite3.Error as problem:
        raise UnavailableError(f"the database {path.name} is damaged: {problem}") from problem
    if pages == 0:
        raise UnavailableError(f"the database {path.name} is damaged: it is empty")
