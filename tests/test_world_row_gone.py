"""A database whose world row is gone: one line when a server starts and in every command, and no traceback."""

import sqlite3
from pathlib import Path

import pytest

from tests import ids
from tests.conftest import Client
from tests.process import run, started

GONE = "is damaged: the row of its world is gone"


def remove_row(folder: Path) -> None:
    db = sqlite3.connect(folder / "default.sqlite", isolation_level=None)
    db.execute("DELETE FROM world")
    db.close()


def command(*words: str) -> tuple[int, str]:
    """Run a command; its exit code and what it wrote to stderr."""
    done = run(*words)
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("seed", "--data-assets", "1")], ids=" ".join)
def test_one_line_at_the_start(tmp_path: Path, words: tuple[str, ...]) -> None:
    with started("--data-dir", str(tmp_path)):
        pass
    remove_row(tmp_path)
    code, err = command(*words, "--data-dir", str(tmp_path))
    assert code == 1
    assert GONE in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_one_line_in_every_command_when_it_goes_under_the_server(tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path)) as server, Client(server.url) as client:
        remove_row(tmp_path)
        for words in (
            ("worlds", "show"),
            ("reset",),
            ("clock", "advance", "1h"),
            ("snapshots", "save", "s"),
        ):
            code, err = command(*words, "--url", server.url)
            assert (code, GONE in err, len(err.splitlines())) == (1, True, 1), (words, err)
        # What the server remembers it still tells.
        for words in (("worlds", "list"), ("scenarios", "list"), ("faults", "list"), ("journal", "list")):
            assert command(*words, "--url", server.url) == (0, ""), words
        for path in ("/custom_metadata", f"/capsules/{ids.CAPSULE}", "/computations/x"):
            assert client.get(path).json()["message"].endswith(GONE)
        page = client.get(f"{server.url}/_ui/worlds/default")
        assert (page.status_code, GONE in page.text) == (503, True)
        _, log = server.stop()
        assert log == ""
