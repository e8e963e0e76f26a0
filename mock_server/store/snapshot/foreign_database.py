"""Opening the database of a snapshot, which may come from anywhere."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from mock_server.errors import StartError
from mock_server.store.database import Database, connect, make_tables, refuse_others
from mock_server.store.integrity import page_damage
from mock_server.store.schema_check import Schema, differences, foreign_code, schema_of


def open_image(path: Path) -> Database:
    """The database in a file that nobody else uses and whose content may come from anywhere: brought up to date, and
    with the schema of a new one. Its rows have not been looked at, nor has the search index been brought up to date.
    Raises `StartError` with the reason when it cannot be used.
    """
    try:
        # Never made when it is not there, and without a journal beside it.
        connection = connect(f"{path.absolute().as_uri()}?mode=rw")
    except sqlite3.Error as problem:
        raise StartError(f"the database in it cannot be used: {problem}") from problem
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        refuse_others(connection, "the image")
        found = page_damage(connection)
        if found is not None:
            raise StartError(f"the database in it is damaged: {found}")
        # What triggers do would be done by the migration already.
        _refuse_first(foreign_code(schema_of(connection), fresh_schema()))
        make_tables(connection)
        _refuse_first(differences(schema_of(connection), fresh_schema()))
        connection.execute("INSERT INTO term (term) VALUES ('integrity-check')")
    except sqlite3.Error as problem:
        connection.close()
        raise StartError(f"the database in it cannot be used: {problem}") from problem
    except BaseException:
        connection.close()
        raise
    return Database(connection)


@lru_cache(maxsize=1)
def fresh_schema() -> Schema:
    """The schema of a database that this release makes."""
    with closing(connect(None)) as connection:
        make_tables(connection)
        return schema_of(connection)


def _refuse_first(problems: Iterator[str]) -> None:
    problem = next(problems, None)
    if problem is not None:
        raise StartError(f"the database in it is another one: {problem}")
