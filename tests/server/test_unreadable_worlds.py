"""A database of sound pages that keeps of its world what no server has written: a start refuses it in one line."""

import shutil
from pathlib import Path

import pytest

from mock_server.embedded import MockCodeOcean
from mock_server.errors import StartError
from tests import damage

NAME = "default.sqlite"

UNREADABLE = {
    "a clock after the last time": (
        "UPDATE world SET clock_virtual = 1e300",
        "the clock of its world stands at no time",
    ),
    "a clock that runs backwards": ("UPDATE world SET clock_scale = -1", "the clock of its world stands at no time"),
    "a time scale that is text": ("UPDATE world SET clock_scale = 'x'", "world.clock_scale holds what is not a number"),
    "a seed that is text": ("UPDATE world SET random_seed = 'x'", "world.random_seed holds what is not a whole number"),
    "a flag that is text": ("UPDATE world SET clock_skipping = 'x'", "clock_skipping holds what is neither 0 nor 1"),
    "a name of bytes": ("UPDATE user SET name = x'00ff'", "the column user.name holds what is not text"),
    "an origin that is a list": ("UPDATE world SET origin = '[]'", "world.origin holds what is not a JSON object"),
    "attachments that are a number": (
        "UPDATE capsule SET attached = '5'",
        "the column capsule.attached holds what is not a JSON array",
    ),
    "a fault without a name": ("INSERT INTO fault VALUES (1, '{}')", "its scenarios and faults cannot be read"),
    "a scenario of no kind": (
        "INSERT INTO scenario VALUES (1, 's', 'storm', '{\"name\": \"s\"}', '', 0)",
        "its scenarios and faults cannot be read",
    ),
    "a count of moved entries that is text": (
        "UPDATE moves SET count = 'x'",
        "moves.count holds what is not a whole number",
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "data"
    with MockCodeOcean(data_dir=folder):
        pass
    return folder


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_start_refuses_in_one_line_what_no_server_has_written(made: Path, tmp_path: Path, kind: str) -> None:
    folder = shutil.copytree(made, tmp_path / "data")
    statement, reason = UNREADABLE[kind]
    damage.sql(folder / NAME, statement)
    with pytest.raises(StartError, match="damaged") as refused:
        MockCodeOcean(data_dir=folder)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_world_that_does_not_tell_what_it_was_made_from_is_of_the_servers_seed(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "data")
    damage.sql(folder / NAME, "UPDATE world SET origin = '{}'")
    with MockCodeOcean(data_dir=folder) as server:
        assert server.url.startswith("http://")
    [(seed,)] = damage.sql(folder / NAME, "SELECT origin ->> 'seed' FROM world")
    assert seed == "demo"
