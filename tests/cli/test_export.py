"""The command that exports a world."""

from pathlib import Path

import pytest

from mock_server.documents import seed_file
from tests.cli.conftest import Steering


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_and_standard_output(steer: Steering, run: str, folder: Path) -> None:
    done = steer("export", "--out", "world.yaml")
    text = (folder / "world.yaml").read_text()
    assert done.out == f"wrote world.yaml, {len(text.encode())} bytes\n"
    assert steer("export").out == steer("export", "-o", "-").out == text
    assert run in [one.id for one in seed_file.read("world.yaml").computations]
    assert steer("seed", "check", "world.yaml").out.startswith("world.yaml: fine")
    world = steer.world.name
    assert steer("export", "-o", "b.yaml", "--json").json == {
        "world": world,
        "file": "b.yaml",
        "size": len(text.encode()),
    }
    assert steer("worlds", "create", f"{world}-2", "--seed", "world.yaml").facts["computations"] == "54"
    steer("worlds", "delete", f"{world}-2")


def test_a_file_that_is_there_is_replaced_only_with_force(steer: Steering, folder: Path) -> None:
    (folder / "world.yaml").write_text("mine")
    assert steer.refused("export", "--out", "world.yaml") == (
        "codeocean-mock: world.yaml exists; --force replaces it\n"
    )
    assert (folder / "world.yaml").read_text() == "mine"
    steer("export", "--out", "world.yaml", "--force")
    assert seed_file.read("world.yaml").users


def test_what_fails_leaves_no_file(steer: Steering, folder: Path) -> None:
    for file in (str(folder), "nowhere/a.yaml", "/dev/full", "x" * 300):
        assert f"{file} cannot be written" in steer.refused("export", "--out", file)
    assert "there is no world called gone" in steer.refused("export", "--world", "gone", "--out", "a.yaml")
    assert list(folder.iterdir()) == []
