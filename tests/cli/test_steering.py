"""`worlds`, `reset`, `clock` and `runs`."""

from pathlib import Path

import pytest

from mock_server.client import ControlError
from tests import ids
from tests.cli.conftest import Steering, command
from tests.conftest import Client

TOKENS = {"cop_demo_user", "cop_demo_admin", "cop_demo_viewer", "cop_demo_readonly", "cop_demo_noscope"}


def test_worlds(steer: Steering) -> None:
    name = f"{steer.world.name}-more"
    made = steer("worlds", "create", name, "--random-seed", "5", "--clock", "frozen", "--at", "4000000000")
    assert made.facts["name"] == name
    assert made.facts["random seed"] == "5"
    assert made.facts["clock"] == "frozen, 2096-10-02T07:06:40.000Z"
    assert steer("worlds", "show", name).facts.items() >= {**made.facts, "idle": "0s"}.items() - {("idle", "0s")}
    heading, *rows = steer("worlds", "list").rows
    assert heading[:4] == ["NAME", "SEED", "CLOCK", "NOW"]
    [row] = [row for row in rows if row[0] == name]
    assert row[:6] == [name, "demo", "frozen", "2096-10-02T07:06:40.000Z", "53", "58"]
    listed = steer("worlds", "list", "--json").json["worlds"]
    [info] = [one for one in listed if one["name"] == name]
    assert set(info["tokens"]) == {f"{token}@{name}" for token in TOKENS}
    assert "there is a world called" in steer.refused("worlds", "create", name)
    again = steer("worlds", "create", name, "--replace", "--seed", "empty", "--clock", "offset", "--by", "1h", "--json")
    assert again.json["seed"] == "empty"
    assert again.json["clock"]["mode"] == "offset"
    assert 3599 < again.json["clock"]["ahead"] < 3601
    assert steer("worlds", "delete", name).out == f"deleted the world {name}\n"
    assert f"no world called {name}" in steer.refused("worlds", "show", name)
    assert "cannot be dropped" in steer.refused("worlds", "delete", "default")


def test_a_world_from_a_seed_file_of_this_folder(
    steer: Steering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(
        "version: 1\nusers: [{id: u1, email: a@b.c, name: A}]\ntokens: [{token: my-token, user: a@b.c}]\n"
    )
    monkeypatch.chdir(tmp_path)
    name = f"{steer.world.name}-mine"
    info = steer("worlds", "create", name, "--seed", "mine.yaml", "--json").json
    assert list(info["tokens"]) == [f"my-token@{name}"]
    assert steer("worlds", "delete", name, "--json").json == {}
    (tmp_path / "mine.yaml").write_text("version: 1\nuser: []\n")
    assert "mine.yaml: line" in steer.refused("worlds", "create", name, "--seed", "mine.yaml")
    assert "nowhere.yaml" in steer.refused("worlds", "create", name, "--seed", "nowhere.yaml")
    assert "too long" in steer.refused("worlds", "create", name, "--seed", "x" * 300)


def test_world_of_the_option_the_variable_and_none(steer: Steering) -> None:
    assert steer("worlds", "show").facts["name"] == steer.world.name
    assert steer("clock", "show", "--world", "default", "--json").json["mode"] == "wall"
    steer("clock", "set", "frozen")
    assert steer("clock", "show").facts["mode"] == "frozen"
    assert command("clock", "show", "--url", steer.url, "-w", steer.world.name).facts["mode"] == "frozen"
    assert command("worlds", "show", "--url", steer.url).facts["name"] == "default"


def test_reset(steer: Steering, run: str) -> None:
    assert steer.world.info().counts.computations == 54
    assert steer("reset").out == f"the world {steer.world.name} is as it was when it was made\n"
    assert steer.world.info().counts.computations == 53
    assert steer("reset", "--json").json["counts"]["requests"] == 0


def test_clock(steer: Steering, run: str) -> None:
    shown = steer("clock", "show").facts
    assert shown["mode"] == "frozen"
    assert shown["now"].endswith("Z")
    assert shown["next change"] > shown["now"]
    moved = steer("clock", "advance", "--next").rows
    assert moved[1] == ["AT", "WHAT", "ID", "STATE", "NAME", "OF"]
    at, what, entity, state, _, of = moved[2]
    assert (at, what, entity, of) == (shown["next change"], "computation", run, ids.CAPSULE)
    assert state == "initializing -> running"
    further = steer("clock", "advance", "1h", "--json").json
    assert [change["after"] for change in further["changes"]] == ["finalizing", "completed"]
    assert further["now"] - further["before"] == pytest.approx(3600)
    first, second = steer("clock", "advance", "90").out.splitlines()
    assert first.endswith(", 1m30s later")
    assert second == "nothing changed"
    assert steer("clock", "advance", "--next").out.splitlines()[1:] == ["no change is in sight"]
    assert steer("clock", "advance", "--to", "2100-01-01").out.startswith("20")
    assert steer("clock", "show").facts["now"] == "2100-01-01T00:00:00.000Z"
    assert "backwards" in steer.refused("clock", "advance", "--to", "2099-01-01")
    assert steer("clock", "advance", "5s", "--next", "--json").json["now"] == 4102444805.0


def test_ways_to_run(steer: Steering) -> None:
    assert steer("clock", "set", "offset", "--by", "2h").facts["real time"] == "2h ahead"
    scaled = steer("clock", "set", "scaled", "--scale", "60", "--at", "2100-01-01T00:00:00Z").facts
    assert scaled["scale"] == "60"
    assert scaled["now"].startswith("2100-01-01T00:00:00")
    assert steer("clock", "set", "skipping").facts["mode"] == "skipping"
    assert steer("clock", "set", "frozen", "--at", "4200000000").facts["now"] == "2103-02-04T02:40:00.000Z"
    assert "backwards" in steer.refused("clock", "set", "wall")
    assert steer("clock", "show", "--json").json["mode"] == "frozen"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("set", "offset"), "offset needs either offset or at"),
        (("set", "offset", "--by", "soon"), "offset: not a duration"),
        (("set", "frozen", "--at", "soon"), "at: not a time"),
        (("set", "wall", "--scale", "2"), "scale does not go with the mode wall"),
        (("set", "scaled", "--scale", "0"), "scale: "),
        (("set", "sideways"), "sideways"),
        (("set",), "mode"),
        (("advance",), "give a duration, --to or --next"),
        (("advance", "soon"), "by: not a duration"),
        (("advance", "1h", "--to", "2100-01-01"), "to goes with nothing else"),
        (("advance", "nan"), "by: not a duration"),
        (("show", "-w", "a b"), "is not a valid world name"),
    ],
)
def test_what_cannot_be_is_a_usage_error(steer: Steering, arguments: tuple[str, ...], words: str) -> None:
    done = steer("clock", *arguments, code=2)
    assert done.out == ""
    assert words in done.err


def test_runs(steer: Steering, api: Client, run: str) -> None:
    shown = steer("runs", "show", run)
    assert shown.facts["scenario"] == "succeeds"
    assert shown.facts["state"] == "initializing"
    assert "end_status: succeeded" in shown.facts["end"]
    assert [row[0] for row in shown.rows[-4:]] == ["STAGE", "initializing", "running", "finalizing"]
    steer("clock", "advance", "--next")
    stopped = steer("runs", "stop", run, "--json").json
    assert (stopped["state"], stopped["end_status"]) == ("completed", "stopped")
    assert api.ask("GET", f"/computations/{run}")["end_status"] == "stopped"
    assert steer("runs", "show", run).facts["state"] == "completed, stopped"
    assert steer.refused("runs", "show", "00000000-0000-4000-8000-000000000000").startswith("codeocean-mock: ")
    assert "is not a valid computation id" in steer.refused("runs", "show", "..", code=2)
    with pytest.raises(ControlError):
        steer.world.plan("a/b")
