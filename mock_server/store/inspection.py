"""Checking a database file while it is in use."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock

from mock_server.store.condition import is_damage
from mock_server.store.integrity import damage_of, is_small, missing, tables

STEP_SECONDS = 0.02
"""After how long a step begins no other table."""

STOP_SECONDS = 2.0
"""How long a stop waits for a step to end."""


class Inspection:
    """Checks a database file that is in use, over and over, a few tables at a time.

    It has connections of its own, which read what is on the disk, so that `step` may run in a thread.
    """

    def __init__(self, path: Path, real: Callable[[], float]) -> None:
        self._path = path
        self._real = real
        self._left: list[str | None] = []
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._stopped = False

    def step(self) -> str | None:
        """What is wrong with the next tables, or None; nothing is checked while another step is going on.

        A file that cannot be opened or read at the moment is not damaged; `refuse_unsound` has words for it.
        """
        if self._stopped or not self._lock.acquire(blocking=False):
            return None
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                self._connection = connection
                return self._next(connection)
        except sqlite3.Error as problem:
            return str(problem) if is_damage(problem) else None
        finally:
            self._connection = None
            self._lock.release()

    def _next(self, connection: sqlite3.Connection) -> str | None:
        began = self._real()
        if not self._left:
            found = missing(connection)
            if found is not None:
                return found
            self._left = [None] if is_small(connection) else [*tables(connection)]
        while self._left:
            found = damage_of(connection, self._left.pop())
            if found is not None or self._real() - began > STEP_SECONDS:
                return found
        return None

    def stop(self) -> None:
        """Break off the step that is going on, and begin no other."""
        self._stopped = True
        connection = self._connection
        if connection is not None:
            with suppress(sqlite3.ProgrammingError):  # It is closed by now.
                connection.interrupt()
        if self._lock.acquire(timeout=STOP_SECONDS):
            self._lock.release()
