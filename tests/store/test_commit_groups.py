"""Transactions of one turn of the event loop are committed together, and nothing is told before."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import UnavailableError
from mock_server.settings import Settings
from mock_server.store import queries
from mock_server.store.database import Database, blank_database, open_database
from mock_server.store.schema import UserRow
from mock_server.worlds import Worlds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.sqlite"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    """A database that groups commits, as a world's does."""
    with closing(open_database(path)) as opened:
        opened.groups_commits = True
        yield opened


def user(name: str) -> UserRow:
    return UserRow(id=name, email=f"{name}@example.com", name=name, admin=False, groups=[])


def add(db: Database, *names: str) -> None:
    """Add users in one transaction."""
    with db.transaction():
        for name in names:
            queries.USERS.insert(db, user(name))


async def added(db: Database, *names: str) -> None:
    """Add users, and return when they are kept."""
    lost = db.lost
    add(db, *names)
    await db.settled(lost)


def names_in(path: Path) -> set[str]:
    """The users that another process sees."""
    with closing(sqlite3.connect(path)) as other:
        return {name for (name,) in other.execute("SELECT name FROM user")}


async def outcomes(*tasks: Coroutine[Any, Any, None]) -> list[BaseException | None]:
    return await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def full_disk(db: Database) -> Iterator[None]:
    """Everything can be written but the end of a transaction."""

    def decide(action: int, what: str | None, *_: object) -> int:
        refused = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    db._connection.set_authorizer(decide)
    yield
    db._connection.set_authorizer(None)


def test_without_an_event_loop_a_transaction_is_kept_when_its_block_is_left(db: Database, path: Path) -> None:
    add(db, "ann")
    assert names_in(path) == {"ann"}


def test_a_database_that_is_no_worlds_commits_at_once_inside_an_event_loop_too(path: Path) -> None:
    async def inside() -> None:
        with closing(open_database(path)) as db:
            add(db, "ann")
            assert names_in(path) == {"ann"}

    asyncio.run(inside())


def test_those_who_write_in_one_turn_share_a_commit_and_wait_for_it(db: Database, path: Path) -> None:
    commits: list[set[str]] = []
    db._connection.set_trace_callback(lambda sql: commits.append(names_in(path)) if sql == "COMMIT" else None)
    asyncio.run(outcomes(*[added(db, f"user {number}") for number in range(20)]))
    db._connection.set_trace_callback(None)
    # What was there when the one commit began: nothing.
    assert commits == [set()]
    assert len(names_in(path)) == 20


def test_a_lone_writer_waits_for_no_more_than_the_turn(db: Database, path: Path) -> None:
    async def alone() -> None:
        add(db, "ann")
        await asyncio.sleep(0)
        assert names_in(path) == {"ann"}

    asyncio.run(alone())


def test_a_transaction_that_fails_takes_nothing_of_the_others_with_it(db: Database, path: Path) -> None:
    async def fails(*names: str) -> None:
        with db.transaction():
            for name in names:
                queries.USERS.insert(db, user(name))
            raise LookupError(names)

    found = asyncio.run(
        outcomes(fails("first"), added(db, "ann"), fails("bob", "cid"), added(db, "dan"), added(db, "eve", "eve"))
    )
    assert [type(problem) for problem in found] == [
        LookupError,
        type(None),
        LookupError,
        type(None),
        sqlite3.IntegrityError,
    ]
    assert names_in(path) == {"ann", "dan"}


def test_a_transaction_is_set_apart_before_its_first_change_but_not_before_its_last(db: Database) -> None:
    async def reads() -> None:
        with db.transaction():
            queries.USERS.get(db, "ann")

    async def ends_with(name: str) -> None:
        lost = db.lost
        with db.transaction():
            queries.USERS.insert(db, user(name), last=True)
        await db.settled(lost)

    savepoints = []
    db._connection.set_trace_callback(lambda sql: savepoints.append(sql) if "part" in sql else None)
    asyncio.run(outcomes(added(db, "ann"), reads(), ends_with("bob")))
    assert savepoints == []
    asyncio.run(outcomes(added(db, "cid"), added(db, "dan", "eve")))
    assert savepoints == ["SAVEPOINT part", "RELEASE part"]


def test_a_last_change_that_fails_takes_nothing_of_the_others_with_it(db: Database, path: Path) -> None:
    async def twice() -> None:
        with db.transaction():
            queries.USERS.insert(db, user("ann"), last=True)

    found = asyncio.run(outcomes(added(db, "ann"), twice(), added(db, "bob")))
    assert [type(problem) for problem in found] == [type(None), sqlite3.IntegrityError, type(None)]
    assert names_in(path) == {"ann", "bob"}


def test_what_fails_after_its_last_change_is_not_kept_and_everybody_is_told(db: Database, path: Path) -> None:
    async def fails() -> None:
        with db.transaction():
            queries.USERS.insert(db, user("bob"), last=True)
            raise LookupError

    found = asyncio.run(outcomes(added(db, "ann"), fails(), added(db, "cid")))
    assert [type(problem) for problem in found] == [UnavailableError, LookupError, type(None)]
    assert names_in(path) == {"cid"}


def test_a_change_between_transactions_is_kept_at_once(db: Database, path: Path) -> None:
    async def reads() -> None:
        lost = db.lost
        with db.transaction():
            queries.USERS.get(db, "ann")
        await db.settled(lost)

    asyncio.run(outcomes(reads(), reads()))
    queries.USERS.insert(db, user("ann"))
    assert names_in(path) == {"ann"}


def test_when_the_commit_fails_it_fails_for_writers_and_readers(db: Database, path: Path) -> None:
    seen = []

    async def reads() -> None:
        lost = db.lost
        seen.append(queries.USERS.get(db, "ann"))
        await db.settled(lost)

    version, changes = db.version(), db.changes
    with full_disk(db):
        found = asyncio.run(outcomes(added(db, "ann"), reads(), added(db, "bob")))
    assert seen == [user("ann")]
    assert [type(problem) for problem in found] == [UnavailableError] * 3
    assert (names_in(path), queries.USERS.get(db, "ann")) == (set(), None)
    # Whoever remembers something looks again.
    assert db.version() > version
    assert db.changes > changes
    asyncio.run(outcomes(added(db, "cid")))
    assert names_in(path) == {"cid"}


def test_who_was_suspended_while_a_group_was_lost_is_told(db: Database) -> None:
    async def slow() -> None:
        lost = db.lost
        add(db, "ann")
        await asyncio.sleep(0.01)
        assert db.group is None
        await db.settled(lost)

    with full_disk(db):
        [problem] = asyncio.run(outcomes(slow()))
    assert isinstance(problem, UnavailableError)


def test_a_group_that_sqlite_rolls_back_by_itself_is_lost_as_a_whole(db: Database, path: Path) -> None:
    async def clashes() -> None:
        lost = db.lost
        with suppress(sqlite3.IntegrityError), db.transaction():
            queries.USERS.insert(db, user("bob"))
            db._connection.execute("INSERT OR ROLLBACK INTO user SELECT * FROM user")
        await db.settled(lost)

    found = asyncio.run(outcomes(added(db, "ann"), clashes(), added(db, "cid")))
    assert [type(problem) for problem in found] == [UnavailableError, UnavailableError, type(None)]
    assert names_in(path) == {"cid"}


def test_one_who_no_longer_waits_keeps_nobody_else_from_it(db: Database, path: Path) -> None:
    async def main() -> None:
        first, second = asyncio.create_task(added(db, "ann")), asyncio.create_task(added(db, "bob"))
        asyncio.get_running_loop().call_soon(first.cancel)
        await second
        assert first.cancelled()

    asyncio.run(main())
    assert names_in(path) == {"ann", "bob"}


def test_a_group_whose_loop_has_ended_is_committed_before_the_next(db: Database, path: Path) -> None:
    async def leaves() -> None:
        asyncio.get_running_loop().stop()
        add(db, "ann")

    loop = asyncio.new_event_loop()
    left = loop.create_task(leaves())
    loop.run_forever()
    loop.close()
    assert left.done()
    assert names_in(path) == set()
    add(db, "bob")
    assert names_in(path) == {"ann", "bob"}


def test_copies_images_checks_and_the_end_have_everything(db: Database, path: Path) -> None:
    async def main() -> None:
        add(db, "ann")
        with closing(blank_database()) as copy:
            db.copy_to(copy)
            assert queries.USERS.get(copy, "ann") == user("ann")
            add(db, "bob")
            assert b"bob@example.com" in db.image()
            add(db, "cid")
            db.check()
            assert names_in(path) == {"ann", "bob", "cid"}
            add(db, "dan")
            copy.copy_to(db)
            assert names_in(path) == {"ann"}
        add(db, "eve")
        db.close()
        assert names_in(path) == {"ann", "eve"}

    asyncio.run(main())


def test_a_file_that_is_gone_is_noticed_by_the_next_group(db: Database, path: Path) -> None:
    path.unlink()
    found = asyncio.run(outcomes(added(db, "ann"), added(db, "bob")))
    assert [str(problem) for problem in found] == [
        "the database x.sqlite has been removed or replaced under the server"
    ] * 2


def test_ids_of_a_group_that_was_lost_are_not_given_again() -> None:
    with closing(Worlds(Settings(data_dir=None, random_seed=7))) as worlds:
        world = worlds.default
        taken: list[str] = []

        async def take() -> None:
            lost = world.db.lost
            with world.write():
                taken.append(world.next_id())
            await world.db.settled(lost)

        for _ in range(3):
            with full_disk(world.db):
                asyncio.run(outcomes(*[take() for _ in range(700)]))
            asyncio.run(outcomes(*[take() for _ in range(700)]))
        assert len(set(taken)) == len(taken) > 4000
