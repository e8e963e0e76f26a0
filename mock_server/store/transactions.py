"""Transactions on one connection: alone, or committed together with those of other requests."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock_server.errors import UnavailableError
from mock_server.store.commit_group import CommitGroup
from mock_server.store.condition import Condition


class Transactions:
    """The transactions of one connection in autocommit mode, and numbers that tell whether its content has changed.
    `condition` is what is known of its soundness.

    With `groups_commits`, transactions inside a running event loop are committed together at the end of its turn;
    `settled` waits for that: nothing that was written or read until then may be told before.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._connection = connection
        self._path = path
        self.condition = Condition(f"the database {path.name}" if path else "the database in memory")
        self._inode = path.stat().st_ino if path else 0
        self.groups_commits = False
        self.group: CommitGroup | None = None
        self.lost = 0
        self._is_first = True
        self._is_apart = True
        self._changes_before = 0
        self._held_version: int | None = None
        self._upsets = 0
        self._unseen = 0
        self._written: defaultdict[str | None, int] = defaultdict(int)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none; durable when the block is left, in a group when `settled` is.

        Nothing may be awaited inside.
        """
        self.begin()
        try:
            yield
        except BaseException:
            self.abandon()
            raise
        self.finish()

    def begin(self) -> None:
        """Begin a transaction, which `finish` or `abandon` ends: `transaction`, for where its cost counts."""
        self.condition.refuse_damaged()
        loop = _running_loop() if self.groups_commits else None
        connection, group = self._connection, self.group
        if group is not None and (group.loop is not loop or not connection.in_transaction):
            # The loop that would have committed it has ended, or SQLite has rolled it back by itself.
            self.flush()
            group = None
        if group is None:
            self.refuse_when_gone()
            self._execute("BEGIN IMMEDIATE")
        self._is_first = self._is_apart = group is None
        self._changes_before = connection.total_changes
        if group is None and loop is not None:
            self.group = CommitGroup(loop, self._end_turn)

    def _is_to_change(self, table: str | None, *, last: bool = False) -> None:
        """Called before each statement that changes a table.

        A transaction that shares a group is set apart before its first change, so that it can be taken back without the
        others: not before its `last` change, as a statement that fails changes nothing.
        """
        self._written[table] += 1
        if not (self._is_apart or last):
            self._execute("SAVEPOINT part")
            self._is_apart = True

    def finish(self) -> None:
        """Keep what a transaction has written."""
        try:
            if self.group is None:
                self._commit()
            elif self._is_apart and not self._is_first:
                self._execute("RELEASE part")
        except BaseException as problem:
            self._lose(problem)
            raise
        finally:
            self._is_apart = True

    def abandon(self) -> None:
        """Take back what a transaction has written."""
        if self._is_first:
            self._roll_back()
            group, self.group = self.group, None
            if group is not None:
                group.end(None)
            return
        has_changed = self._connection.total_changes != self._changes_before
        try:
            if self._is_apart:
                self._execute("ROLLBACK TO part")
                self._execute("RELEASE part")
            elif has_changed or not self._connection.in_transaction:
                raise UnavailableError("the database cannot be used: what was written meanwhile is lost")
        except UnavailableError as problem:
            # SQLite has rolled back all of the group by itself: the disk is full, or cannot be read. Or the last change
            # was made, and then something failed after all.
            self._lose(problem)
        self._is_apart = True
        self._upsets += has_changed

    def flush(self) -> None:
        """Commit the group that is open, if there is one. Raises what a commit that fails does; all of it is lost."""
        if self.group is None:
            return
        try:
            self._commit()
        except BaseException as problem:
            self._lose(problem)
            raise
        group, self.group = self.group, None
        group.end(None)

    async def settled(self, lost: int) -> None:
        """Wait until everything that was written or read is kept. Raises what has kept the group from that which is
        open, and `UnavailableError` when more than `lost` groups were lost.
        """
        if self.group is not None:
            await self.group.wait()
        self.refuse_lost(lost)

    def refuse_lost(self, lost: int) -> None:
        """Raise `UnavailableError` when more than `lost` groups were lost."""
        if self.lost != lost:
            raise UnavailableError("the database cannot be used: what was written meanwhile is lost")

    def _end_turn(self) -> None:
        try:
            self.flush()
        except Exception:
            # Those who wait are told.
            return

    def _commit(self) -> None:
        with self.condition:
            self._connection.execute("COMMIT")
        self._held_version = None

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        # Not by `with self.condition`: it is on the way of every run.
        try:
            self._connection.execute(statement, values)
        except sqlite3.DatabaseError as problem:
            self.condition.translate(problem)
            raise

    def _lose(self, problem: BaseException) -> None:
        """Tell everybody who takes part that all of it is rolled back."""
        group, self.group = self.group, None
        self._roll_back()
        self.lost += 1
        if group is not None:
            group.end(problem)

    def _roll_back(self) -> None:
        self._held_version = None
        self._upsets += self._connection.total_changes != self._changes_before
        # SQLite may have done it by itself.
        if self._connection.in_transaction:
            self._connection.rollback()

    def refuse_when_gone(self) -> None:
        """Raise `UnavailableError` for a file that was removed: it can still be written, and is lost at the end."""
        if self._path is None:
            return
        try:
            there = self._path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise UnavailableError(f"the database {self._path.name} has been removed or replaced under the server")

    def version(self) -> int:
        """A number that grows when another process has changed the database, and when a group was lost here."""
        version = self._held_version
        if version is None:
            with self.condition:
                [version] = self._connection.execute("PRAGMA data_version").fetchone()
            if self._connection.in_transaction:
                # Nobody else can write before its end.
                self._held_version = version
        return version + self.lost

    def version_of(self, *tables: str) -> int:
        """A number that grows when one of the tables may have changed, whoever did it."""
        return self.version() + self._upsets + sum(map(self._written.__getitem__, tables))

    @property
    def changes(self) -> int:
        """A number that grows when this connection changes what the database says."""
        return self._connection.total_changes - self._unseen + self._upsets


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
