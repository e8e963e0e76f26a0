"""What is known of the soundness of a database, and what its failures mean."""

import re
import sqlite3

from mock_server.errors import DamagedError, UnavailableError

_DAMAGE = re.compile(r"no such (table|column|index|module)|has no column named|malformed JSON|not decode to UTF-8")
"""What SQLite says without a code of its own; no statement of ours gives it reason to on a sound database."""


def is_damage(problem: BaseException) -> bool:
    """Whether a failure says that the database is damaged, and not just busy, full or out of reach."""
    # The low byte is the kind of failure (https://sqlite.org/rescode.html); text that cannot be decoded has no code.
    code = (getattr(problem, "sqlite_errorcode", None) or 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _DAMAGE.search(str(problem)) is not None


class Condition:
    """What was found to be wrong with a database, if anything was; it stays until everything in it is replaced.

    As a context manager it translates what goes wrong inside the block. `label` is what messages call the database.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.damage: str | None = None
        self.is_closed = False
        self.replaced = 0
        """How often everything in the database was replaced."""

    def damaged(self, reason: str) -> DamagedError:
        """Remember what is wrong, the first time; return what to raise for it."""
        self.damage = self.damage or reason
        return DamagedError(f"{self.label} is damaged: {self.damage}")

    def replace(self) -> None:
        """Forget what was wrong: all of it was replaced."""
        self.damage = None
        self.replaced += 1

    def refuse_damaged(self) -> None:
        """Raise `DamagedError` when something was found to be wrong."""
        if self.damage is not None:
            raise self.damaged(self.damage)

    def translate(self, problem: BaseException | None) -> None:
        """Turn what goes wrong with the database file into an answer; a mistake in a statement stays what it is.

        A database is closed when its world is dropped, and somebody may have waited for his turn with it.
        """
        if self.is_closed and isinstance(problem, sqlite3.ProgrammingError):
            raise UnavailableError("the world was dropped while the request was on its way") from problem
        if problem is None or type(problem) not in (sqlite3.OperationalError, sqlite3.DatabaseError):
            return
        if is_damage(problem):
            raise self.damaged(str(problem)) from problem
        raise UnavailableError(f"the database cannot be used: {problem}") from problem

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        self.translate(problem)
