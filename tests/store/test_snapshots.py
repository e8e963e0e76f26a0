"""The folder of snapshots: a new one takes the place of the old one only when it is whole."""

import errno
from pathlib import Path

import pytest

from mock_server.errors import BadRequestError, NotFoundError, UnavailableError
from mock_server.store.snapshot.snapshots import Snapshots, pack

OLD = pack("default", 1.0, b"old" * 1000)
NEW = pack("default", 2.0, b"new" * 1000)


def content(kept: Snapshots, name: str) -> bytes:
    with kept.open(name) as file:
        return file.read()


def test_the_old_file_is_never_written_to(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path)
    kept.keep("s", OLD)
    with (tmp_path / "s.snapshot").open("rb") as file:
        kept.keep("s", NEW)
        assert file.read() == OLD
    assert content(kept, "s") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["s.snapshot"]


def test_a_full_disk_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = Snapshots(tmp_path)
    kept.keep("s", OLD)
    monkeypatch.setattr("os.fsync", full)
    for name in ("s", "t"):
        with pytest.raises(UnavailableError, match="the snapshot cannot be written: No space left on device"):
            kept.keep(name, NEW)
    assert content(kept, "s") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["s.snapshot"]


def test_names_with_dots_do_not_meet(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path)
    names = ["a", "a.b", "a.snapshot", "a.1.new", "a.new"]
    for at, name in enumerate(names):
        kept.keep(name, pack("default", at, name.encode()))
    assert [snapshot.name for snapshot in kept.all()] == sorted(names)
    assert [snapshot.head.saved for snapshot in kept.all()] == [names.index(name) for name in sorted(names)]


@pytest.mark.parametrize("folder", [True, False])
def test_what_is_deleted_is_gone(tmp_path: Path, folder: bool) -> None:
    kept = Snapshots(tmp_path if folder else None)
    kept.keep("s", OLD)
    kept.delete("s")
    assert kept.all() == []
    for ask in (kept.delete, kept.open):
        with pytest.raises(NotFoundError, match="there is no snapshot called s"):
            ask("s")


@pytest.mark.parametrize("name", ["../s", "a/b", "", ".s", "ä"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequestError, match="the name of a snapshot is"):
        Snapshots(None).keep(name, OLD)
    kept = Snapshots(tmp_path / "snapshots")
    with pytest.raises(BadRequestError, match="the name of a snapshot is"):
        kept.keep(name, OLD)
    assert not (tmp_path / "snapshots").exists()
