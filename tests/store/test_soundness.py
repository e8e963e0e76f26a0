"""The check of a database that is open: it writes, looks at the disk, and says what is wrong."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mock_server.errors import UnavailableError
from mock_server.store import queries
from mock_server.store.database import Database, open_database
from mock_server.store.schema import UserRow
from tests.process import PATIENCE

ANN = UserRow(id="ann", email="ann@example.com", name="Ann", admin=True, groups=[])
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "x.sqlite"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    db = open_database(path)
    with db.transaction():
        queries.USERS.insert(db, ANN)
    yield db
    db.close()


@contextmanager
def nobody() -> Iterator[None]:
    """Whoever runs the tests has no more rights than anybody inside the block."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def no_room() -> Iterator[None]:
    """Nothing can be written into files inside the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_writes_each_time(db: Database, path: Path) -> None:
    log = path.with_name("x.sqlite-wal")
    for _ in range(3):
        before = log.stat().st_size
        db.check()
        assert log.stat().st_size > before


def test_it_changes_nothing_and_leaves_nothing_behind(db: Database, path: Path) -> None:
    before, names = db.image(), sorted(entry.name for entry in path.parent.iterdir())
    db.check()
    after = bytearray(db.image())
    # The change counter and the version that it belongs to (https://sqlite.org/fileformat.html, 1.3).
    after[24:28], after[92:96] = before[24:28], before[92:96]
    assert bytes(after) == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == names


def test_in_memory_there_is_nothing_to_look_at() -> None:
    db = open_database(None)
    db.check()
    db.close()


def test_a_directory_that_cannot_be_written() -> None:
    # Not in `tmp_path`, where nobody else may look.
    with TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "x.sqlite")
        Path(folder).chmod(0o555)
        with nobody(), pytest.raises(UnavailableError, match="the data directory cannot be written: Permission denied"):
            db.check()
        Path(folder).chmod(0o755)
        db.check()
        db.close()


def test_a_disk_without_room(db: Database) -> None:
    with no_room(), pytest.raises(UnavailableError, match="the data directory cannot be written: "):
        db.check()
    db.check()


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.rename(path)


def directory_removed(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def overwritten(path: Path) -> None:
    path.write_bytes(b"this was a database\n" * 1000)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_to_the_header(path: Path) -> None:
    os.truncate(path, 100)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (removed, "x.sqlite has been removed"),
        (replaced, "x.sqlite has been removed or replaced"),
        (directory_removed, "x.sqlite has been removed"),
        (overwritten, "x.sqlite is damaged: file is not a database"),
        (emptied, "x.sqlite is damaged: it is empty"),
        (cut_in_half, "x.sqlite is damaged: database disk image is malformed"),
        (cut_to_the_header, "x.sqlite is damaged: database disk image is malformed"),
    ],
)
@pytest.mark.parametrize("folded", [True, False], ids=["in the file", "in the log"])
def test_a_file_that_is_no_longer_what_it_was(
    path: Path, damage: Callable[[Path], None], reason: str, folded: bool
) -> None:
    open_database(path).close()
    db = open_database(path)
    if not folded:
        queries.USERS.insert(db, ANN)
    db.check()
    damage(path)
    with pytest.raises(UnavailableError, match=reason):
        db.check()
    db.close()


def test_it_takes_no_locks_away(db: Database, path: Path) -> None:
    # The last one that closes a database removes the log, and SQLite tells by locks who is the last one.
    db.check()
    code = f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('SELECT count(*) FROM user'); c.close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)
    assert path.with_name("x.sqlite-wal").exists()
