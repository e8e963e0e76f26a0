"""Half-written files: they are removed when their writer is gone, and only then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.side_files import SideFile, sweep
from mock_server.store.snapshot.snapshots import Snapshots
from tests.process import PATIENCE, started

WRITER = """
import sys, time
from pathlib import Path
from mock_server.side_files import SideFile
with SideFile(Path(sys.argv[1]), "s") as side:
    print(side.path.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def dead() -> int:
    """The id of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=PATIENCE)
    return process.pid


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_half_written_snapshots_of_killed_servers_are_swept_at_the_next_start(tmp_path: Path, dead: int) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    for name in (f"s.{dead}.new", f"a.b.{dead}.new", f"s.{dead}-3.new", "s.99999999999999999999.new"):
        (folder / name).write_bytes(b"half")
    with started("--data-dir", str(tmp_path)):
        assert names(folder) == set()


def test_those_of_a_process_that_lives_are_left_alone(tmp_path: Path, dead: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        its = writer.stdout.readline().strip()
        older = f"s.{writer.pid}.new"
        (tmp_path / older).write_bytes(b"written by an earlier release")
        (tmp_path / f"s.{dead}-0.new").touch()
        Snapshots(tmp_path)
        assert names(tmp_path) == {its, older}
        writer.kill()
    Snapshots(tmp_path)
    assert names(tmp_path) == set()


def test_a_process_id_that_is_used_again_says_nothing(tmp_path: Path) -> None:
    """In containers that share a folder each server may have the same one: a lock tells them apart."""
    (tmp_path / f"s.{os.getpid()}-7.new").touch()
    with SideFile(tmp_path, "s") as own:
        sweep(tmp_path)
        assert names(tmp_path) == {own.path.name}
    assert names(tmp_path) == set()


def test_nothing_else_is_swept(tmp_path: Path, dead: int) -> None:
    kept = {"s.snapshot", "a.1.new.snapshot", "s.new", f"s.{dead}", f"s.{dead}.new.txt", f".{dead}.new"}
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / f"folder.{dead}.new").mkdir()
    (tmp_path / f"link.{dead}.new").symlink_to(tmp_path / "s.snapshot")
    sweep(tmp_path)
    assert names(tmp_path) >= kept
    assert (tmp_path / "s.snapshot").exists()
    sweep(tmp_path / "nowhere")


def test_only_names_that_begin_so_are_swept_in_a_folder_of_others(tmp_path: Path, dead: int) -> None:
    for name in (f"own.{dead}-0.new", f"other.{dead}-0.new"):
        (tmp_path / name).touch()
    sweep(tmp_path, "own")
    assert names(tmp_path) == {f"other.{dead}-0.new"}


def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    with SideFile(tmp_path, "s", private=True) as side:
        assert side.path.stat().st_mode & 0o077 == 0


def test_what_has_been_moved_stays(tmp_path: Path) -> None:
    with SideFile(tmp_path, "s") as side:
        side.file.write(b"whole")
        side.move_to(tmp_path / "s")
    assert names(tmp_path) == {"s"}
    assert (tmp_path / "s").read_bytes() == b"whole"
