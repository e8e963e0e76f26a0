"""The commands for scenarios, faults, the journal and snapshots."""

import json
from pathlib import Path

import pytest

from tests import ids
from tests.cli.conftest import Steering, command
from tests.conftest import Client

SCENARIOS = """\
version: 1
scenarios:
  - name: crash
    like: out-of-memory
    when: {parameter: {rows: 3}}
  - name: never
    when: {tag: no-such-tag}
"""

WRONG_SCENARIOS = """\
version: 1
scenarios:
  - name: crash
    exit_code: many
"""

WRONG_FAULTS = """\
faults:
  - {operation: get_capsule, status: 503}
  - operation: get_capsule
    latency: [2, 1]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_scenarios(steer: Steering, api: Client, folder: Path) -> None:
    (folder / "mine.yaml").write_text(SCENARIOS)
    assert command("scenarios", "check", "mine.yaml").out == "mine.yaml: fine: 2 scenarios\n"
    done = steer("scenarios", "load", "mine.yaml")
    assert done.out == "2 scenarios are loaded: crash, never\n"
    assert "warning: the computation scenario never can never match" in done.err
    started = {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "3"}]}
    assert steer("runs", "show", api.ask("POST", "/computations", json=started)["id"]).facts["scenario"] == "crash"
    assert steer("scenarios", "list").rows[1] == ["crash", "computation", "1", "parameter: rows: 3"]
    steer("scenarios", "load", "mine.yaml", "--keep")
    assert [one["name"] for one in steer("scenarios", "list", "--json").json["scenarios"]] == ["crash", "never"]
    assert steer("scenarios", "delete", "never", "--json").json == {}
    assert "no loaded scenario called never" in steer.refused("scenarios", "delete", "never")
    steer("scenarios", "clear")
    assert steer("scenarios", "list").out.startswith("built in: succeeds, fails")


@pytest.mark.parametrize("action", ["check", "load"])
def test_a_wrong_scenario_file(steer: Steering, folder: Path, action: str) -> None:
    (folder / "mine.yaml").write_text(WRONG_SCENARIOS)
    assert steer.refused("scenarios", action, "mine.yaml").startswith("mine.yaml: line 4: scenarios.0.exit_code: ")
    assert "nowhere.yaml" in steer.refused("scenarios", action, "nowhere.yaml")


def test_a_check_as_json_tells_all_problems(folder: Path) -> None:
    (folder / "mine.yaml").write_text(WRONG_SCENARIOS)
    done = command("scenarios", "check", "mine.yaml", "--json")
    assert (done.code, [problem["line"] for problem in done.json["problems"]], done.err) == (1, [4], "")


def test_schemas() -> None:
    for group in ("scenarios", "seed"):
        assert json.loads(command(group, "schema").out)["properties"]["version"]


def test_faults(steer: Steering, api: Client, folder: Path) -> None:
    options = ("--name", "down", "--operation", "get_capsule", "--first", "1", "--status", "503")
    done = steer("faults", "set", *options, "--header", "Retry-After: 1", "--latency", "0..0.001")
    assert done.out == "set down: status 503, headers 'Retry-After: 1', latency 0..0.001\n"
    answer = api.get(f"/capsules/{ids.CAPSULE}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert steer("faults", "list").rows[1][0::3] == ["down", "1"]
    assert steer("faults", "list").rows[1][-1] == "over"
    (folder / "faults.yaml").write_text("faults: [{method: get, nth: 1, close: true}, {latency: 0.001}]\n")
    steer("faults", "load", "faults.yaml")
    assert [one["name"] for one in steer("faults", "list", "--json").json["faults"]] == ["fault-1", "fault-2"]
    assert steer("faults", "delete", "fault-1").out == "the fault fault-1 is gone\n"
    assert "no fault called fault-1" in steer.refused("faults", "delete", "fault-1")
    assert steer("faults", "clear", "--json").json == {}
    assert steer("faults", "list").out == "no faults are set\n"


def test_faults_in_json_have_every_character(steer: Steering, folder: Path) -> None:
    faults = {"faults": [{"path": "/\N{GRINNING FACE}", "close": True}]}
    (folder / "faults.json").write_text(json.dumps(faults, indent="\t"))
    steer("faults", "load", "faults.json")
    assert [one["spec"]["path"] for one in steer("faults", "list", "--json").json["faults"]] == ["/\N{GRINNING FACE}"]


def test_faults_that_cannot_be(steer: Steering, folder: Path) -> None:
    assert "did you mean get_capsule" in steer.refused("faults", "set", "--operation", "get_capsul", "--close")
    assert "does nothing" in steer.refused("faults", "set", code=2)
    assert "'Name: value'" in steer("faults", "set", "--status", "500", "--header", "x", code=2).err
    (folder / "faults.yaml").write_text(WRONG_FAULTS)
    words = "faults.yaml: line 4: faults.1.latency: an empty range: the first is above the second\n"
    assert steer.refused("faults", "load", "faults.yaml") == words


def test_journal(steer: Steering, api: Client, folder: Path) -> None:
    for _ in range(2):
        api.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    api.get("/capsules/nothing")
    assert [row[5] for row in steer("journal", "list", "--operation", "run_capsule").rows[1:]] != []
    assert steer("journal", "list", "--status", "4xx", "--json").json["requests"][0]["operation"] == "get_capsule"
    assert [row[0] for row in steer("journal", "list", "--limit", "1").rows] == ["NUMBER", "3"]
    assert steer("journal", "list", "--user", "nobody").out == "no such requests\n"
    assert len(steer("journal", "wait", "--count", "2", "--operation", "run_capsule").rows) == 3
    late = steer("journal", "wait", "--count", "3", "--operation", "run_capsule", "--timeout", "0.01", code=1)
    assert "2 of 3 requests came within 0.01; the nearest are above" in late.err
    failed = steer("journal", "verify", "--unique", code=1)
    assert failed.out.startswith("FAILED  unique: requests 1 and 2 are the same and both took effect")
    assert failed.err == "codeocean-mock: 1 of 1 checks failed\n"
    (folder / "checks.yaml").write_text("checks: [{check: count, match: {operation: run_capsule}, exactly: 2}]\n")
    assert steer("journal", "verify", "checks.yaml").out.startswith("ok      count: 2 requests match")
    (folder / "checks.yaml").write_text("checks:\n  - check: count\n")
    assert "line 2: checks.0: needs exactly" in steer.refused("journal", "verify", "checks.yaml")
    assert "give a FILE" in steer("journal", "verify", code=2).err
    steer("journal", "clear")
    assert steer("journal", "list").out == "the journal is empty\n"


def test_snapshots(steer: Steering, run: str, folder: Path) -> None:
    name = f"{steer.world.name}-saved"
    assert steer("snapshots", "save", name).out.startswith(f"saved {name}: {steer.world.name} at ")
    assert name in [row[0] for row in steer("snapshots", "list").rows]
    steer("reset")
    assert "computation not found" in steer.refused("runs", "show", run)
    assert steer("snapshots", "export", name, "a.snapshot", "--json").json["file"] == "a.snapshot"
    steer("snapshots", "import", f"{name}-2", "a.snapshot")
    steer("snapshots", "load", f"{name}-2")
    assert steer("runs", "show", run).facts["run"] == run
    assert "is not a snapshot" in steer("snapshots", "import", name, "-", stdin=b"x" * 99, code=1).err
    assert [path.name for path in folder.iterdir()] == ["a.snapshot"]
    for one in (name, f"{name}-2"):
        assert steer("snapshots", "delete", one, "--json").json == {}
    assert "no snapshot called" in steer.refused("snapshots", "load", name)


def test_files_that_cannot_be_written_or_read(steer: Steering, folder: Path) -> None:
    name = f"{steer.world.name}-saved"
    steer("snapshots", "save", name)
    for file in (str(folder), "nowhere/a.snapshot", "/dev/full", "x" * 300):
        assert f"{file} cannot be written" in steer.refused("snapshots", "export", name, file)
    assert "nowhere cannot be read" in steer.refused("snapshots", "import", name, "nowhere")
    assert list(folder.iterdir()) == []
    steer("snapshots", "delete", name)
