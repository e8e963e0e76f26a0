"""The database: whose file it is, transactions, and two connections to one file."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.errors import StartError, UnavailableError
from mock_server.services import access
from mock_server.settings import Settings
from mock_server.store import queries
from mock_server.store.database import APPLICATION_ID, SCHEMA_VERSION, Database, open_database
from mock_server.store.id_blocks import BLOCK
from mock_server.store.schema import UserRow
from mock_server.store.statement import Statement
from mock_server.world import World
from mock_server.worlds import DATABASE_NAME, Worlds

ANY = Statement("SELECT 1")

ANN = UserRow(id="ann", email="ann@example.com", name="Ann 😀", admin=True, groups=["a", "b"])
BOB = UserRow(id="bob", email="bob@example.com", name="Bob", admin=False, groups=[])


def sql(path: Path, *commands: str) -> list[tuple[object, ...]]:
    """What the last of `commands` gives, on a connection of another program."""
    connection = sqlite3.connect(path)
    try:
        found: list[tuple[object, ...]] = []
        for command in commands:
            found = connection.execute(command).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def add_ann_and_fail(db: Database) -> None:
    with db.transaction():
        queries.USERS.insert(db, ANN)
        assert queries.USERS.get(db, "ann") == ANN
        raise LookupError("on purpose")


def add(db: Database, *users: UserRow) -> None:
    with db.transaction():
        for user in users:
            queries.USERS.insert(db, user)


def take_id_and_fail(world: World, taken: list[str]) -> None:
    with world.write():
        taken.append(world.next_id())
        raise LookupError("on purpose")


def open_here(folder: Path) -> World:
    return Worlds(Settings(data_dir=folder, seed="empty", random_seed=7)).default


def take_ids(world: World, count: int) -> list[str]:
    taken = []
    for _ in range(count):
        with world.write():
            taken.append(world.next_id())
    return taken


def test_a_new_file_is_marked_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "x.sqlite"
    open_database(path).close()
    assert sql(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert sql(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]
    assert not path.with_name("x.sqlite-wal").exists()


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.touch()
    db = open_database(path)
    assert queries.USERS.get(db, "ann") is None
    db.close()


def test_what_was_written_is_there_after_a_reopen(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    db = open_database(path)
    queries.USERS.insert(db, ANN)
    db.close()
    again = open_database(path)
    assert queries.USERS.get(again, "ann") == ANN
    assert queries.USERS_BY_EMAIL.get(again, "ann@example.com") == ANN
    queries.USERS.delete(again, "ann")
    assert queries.USERS.get(again, "ann") is None
    again.close()


def test_a_file_of_another_program_is_refused_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    sql(path, "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('mine')", "PRAGMA user_version = 1")
    before = path.read_bytes()
    with pytest.raises(StartError, match="another program's data"):
        open_database(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.sqlite"]
    assert sql(path, "SELECT text FROM notes") == [("mine",)]
    assert sql(path, "SELECT name FROM sqlite_schema") == [("notes",)]
    assert sql(path, "PRAGMA application_id") == [(0,)]


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 0, 99])
def test_a_file_of_another_schema_version_is_refused_and_left_as_it_was(tmp_path: Path, version: int) -> None:
    path = tmp_path / "x.sqlite"
    db = open_database(path)
    queries.USERS.insert(db, ANN)
    db.close()
    sql(path, f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(StartError, match=f"schema version {version}; this release reads 1 to {SCHEMA_VERSION}"):
        open_database(path)
    assert path.read_bytes() == before
    assert sql(path, "SELECT id FROM user") == [("ann",)]


@pytest.mark.parametrize("content", [b"just some text\n", b"just some text\n" * 1000, b"\0" * 4096, b"SQLite format 3"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(content)
    with pytest.raises(StartError, match="as a database"):
        open_database(path)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.sqlite"]


def test_a_directory_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.mkdir()
    (path / "inside.txt").write_text("mine")
    with pytest.raises(StartError, match="as a database"):
        open_database(path)
    assert [(entry.name, entry.read_text()) for entry in path.iterdir()] == [("inside.txt", "mine")]


def test_a_data_directory_that_is_a_file_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("mine")
    with pytest.raises(StartError):
        open_here(folder)
    assert folder.read_text() == "mine"


def test_a_transaction_keeps_everything() -> None:
    db = open_database(None)
    add(db, ANN, BOB)
    assert (queries.USERS.get(db, "ann"), queries.USERS.get(db, "bob")) == (ANN, BOB)
    db.close()


def test_a_transaction_that_fails_keeps_nothing() -> None:
    db = open_database(None)
    with pytest.raises(LookupError):
        add_ann_and_fail(db)
    assert queries.USERS.get(db, "ann") is None
    with db.transaction():
        queries.USERS.insert(db, BOB)
    assert queries.USERS.get(db, "bob") == BOB
    db.close()


def test_a_statement_that_fails_takes_its_transaction_with_it() -> None:
    db = open_database(None)
    with pytest.raises(sqlite3.IntegrityError):
        add(db, BOB, ANN, ANN)
    assert queries.USERS.get(db, "bob") is None
    db.close()


def test_two_connections_see_each_others_changes(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    one, other = open_database(path), open_database(path)
    version = other.version()
    with one.transaction():
        queries.USERS.insert(one, ANN)
        assert queries.USERS.get(other, "ann") is None
    assert other.version() != version
    assert queries.USERS.get(other, "ann") == ANN
    queries.USERS.delete(other, "ann")
    assert queries.USERS.get(one, "ann") is None
    one.close()
    other.close()


def test_the_version_does_not_change_with_ones_own_writes_or_failed_ones(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    one, other = open_database(path), open_database(path)
    mine, theirs = one.version(), other.version()
    with pytest.raises(LookupError):
        add_ann_and_fail(one)
    assert (one.version(), other.version()) == (mine, theirs)
    queries.USERS.insert(one, ANN)
    assert one.version() == mine
    assert other.version() != theirs
    one.close()
    other.close()


def test_a_database_that_another_holds_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.store.database.BUSY_TIMEOUT_MS", 1)
    path = tmp_path / "x.sqlite"
    one, other = open_database(path), open_database(path)
    with one.transaction():
        with pytest.raises(UnavailableError, match="cannot be used"):
            queries.USERS.insert(other, ANN)
        with pytest.raises(UnavailableError, match="cannot be used"), other.transaction():
            pytest.fail("two transactions at once")
    queries.USERS.insert(other, ANN)
    assert queries.USERS.get(one, "ann") == ANN
    one.close()
    other.close()


def test_ids_are_never_given_twice_across_reopens(tmp_path: Path) -> None:
    given: list[str] = []
    for count in (3, BLOCK + 5, 0, 1, BLOCK, 2):
        world = open_here(tmp_path)
        given += take_ids(world, count)
        world.close()
    assert len(set(given)) == len(given) == 2 * BLOCK + 11


def test_ids_are_never_given_twice_by_two_servers_at_once(tmp_path: Path) -> None:
    one, other = open_here(tmp_path), open_here(tmp_path)
    given: list[str] = []
    for count in (1, 2, BLOCK, 3):
        given += take_ids(one, count) + take_ids(other, count)
    assert len(set(given)) == len(given)
    one.close()
    other.close()


def test_the_id_of_a_write_that_failed_is_not_given_again(tmp_path: Path) -> None:
    world = open_here(tmp_path)
    given: list[str] = []
    for _ in range(BLOCK + 3):
        with pytest.raises(LookupError):
            take_id_and_fail(world, given)
    world.close()
    again = open_here(tmp_path)
    given += take_ids(again, 3)
    again.close()
    assert len(set(given)) == len(given) == BLOCK + 6


def test_a_seed_that_cannot_be_used_leaves_a_directory_that_can(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read"):
        Worlds(Settings(data_dir=tmp_path, seed=str(tmp_path / "none.yaml")))
    world = open_here(tmp_path)
    assert "cop_demo_user" in access.tokens(world)
    world.close()
    assert [entry.name for entry in tmp_path.iterdir()] == [DATABASE_NAME]


@pytest.mark.parametrize(
    "use",
    [
        lambda db: db.one(ANY, {}),
        lambda db: db.all(ANY, {}),
        lambda db: list(db.each(ANY)),
        lambda db: db.write(ANY, {}),
        lambda db: db.insert(ANY, ()),
        lambda db: db.insert_many(ANY, [()]),
        lambda db: db.transaction().__enter__(),
        lambda db: db.version(),
    ],
    ids=["one", "all", "each", "write", "insert", "insert_many", "transaction", "version"],
)
def test_whoever_comes_back_to_a_database_that_was_closed_is_told_that_its_world_is_gone(
    use: Callable[[Database], object],
) -> None:
    db = open_database(None)
    db.close()
    with pytest.raises(UnavailableError, match="the world was dropped"):
        use(db)
