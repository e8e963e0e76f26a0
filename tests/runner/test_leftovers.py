"""Removing what runs have left on the disk."""

import os
import sys
from pathlib import Path

from mock_server.runner.leftovers import LOCK, Workplace, remove

DEEP = 2 * sys.getrecursionlimit()


def nest(folder: Path, levels: int) -> None:
    """Make folders in each other, beyond what a path may name."""
    folder.mkdir(parents=True)
    at = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deep", dir_fd=at)
        below = os.open("deep", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("file", os.O_CREAT, dir_fd=at))
    os.close(at)


def test_a_folder_is_removed_however_deep_it_is(tmp_path: Path) -> None:
    nest(tmp_path / "work/run/results", DEEP)
    remove(tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_a_folder_is_removed_whatever_its_modes_are_and_nothing_that_links_lead_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "file").write_text("kept")
    locked = tmp_path / "work/run/locked"
    locked.mkdir(parents=True)
    (locked / "file").write_text("secret")
    (locked / "link").symlink_to(outside)
    (tmp_path / "work/link").symlink_to(outside)
    for folder in (locked, locked.parent, locked.parent.parent):
        folder.chmod(0)
    remove(tmp_path / "work")
    assert not (tmp_path / "work").exists()
    assert (outside / "file").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o755


def test_what_a_dead_runner_has_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    dead = tmp_path / "runner-dead"
    nest(dead / "default-run-1/results", DEEP)
    (dead / LOCK).touch()
    with Workplace(tmp_path) as workplace:
        workplace.remove_dead()
        assert [path.name for path in tmp_path.iterdir()] == [workplace.key]
    assert list(tmp_path.iterdir()) == []
