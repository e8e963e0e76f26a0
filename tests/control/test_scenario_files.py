"""Scenario files: what is wrong in one is told by file, line and field; loading, replacing and forgetting."""

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Control
from tests import ids
from tests.conftest import Client
from tests.control.conftest import Plane, World, started

HEAD = "version: 1\nscenarios:\n"

A = f"{HEAD}  - name: a\n"


def problems(world: World, text: str, method: str = "PUT", **more: Any) -> list[tuple[int, str, str]]:
    """Everything that is wrong in a text, after checking that the message tells the first of it."""
    before = world.ask("GET", "/scenarios")
    answer = world.ask(method, "/scenarios", 400, content=text, **more)
    assert world.ask("GET", "/scenarios") == before
    found = [(problem["line"], problem["field"], problem["message"]) for problem in answer["problems"]]
    line, field, message = found[0]
    where = f"line {line}: {field}: " if field else f"line {line}: "
    rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    source = more.get("params", {}).get("source", "in the request body")
    assert answer["message"] == f"scenarios {source}: {where}{message}{rest}"[:500]
    return found


def loaded(world: World) -> list[str]:
    return [item["name"] for item in world.ask("GET", "/scenarios")["scenarios"]]


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, "", "empty"),
        ("scenarios: {", 2, "", "is not YAML"),
        ("- a\n- b", 1, "", "must be a mapping"),
        ("version: 2\nscenarios: []", 1, "version", "must be 1"),
        ("version: 1\nscenarios: []\nscenario: []", 3, "scenario", "unknown field"),
        (HEAD + "  - {running: 5}", 3, "scenarios.0.name", "is missing"),
        (HEAD + "  - {name: a b}", 3, "scenarios.0.name", "must be at most 64 letters"),
        (HEAD + "  - {name: fails}", 3, "scenarios.0.name", "fails is a built-in scenario"),
        (HEAD + "  - {name: a}\n  - {name: b}\n  - {name: a}", 5, "scenarios.2.name", "a stands twice"),
        (HEAD + "  - {name: a, kind: run}", 3, "scenarios.0", "'computation', 'data_asset', 'attachment', 'release'"),
        (A + "    like: b", 4, "scenarios.0.like", "no computation scenario called b is built in"),
        (HEAD + "  - {name: a, like: b}\n  - {name: b}", 3, "scenarios.0.like", "stands before this one"),
        (HEAD + "  - {name: a, like: a}", 3, "scenarios.0.like", "stands before this one"),
        (HEAD + "  - {name: a, like: flaky}", 3, "scenarios.0.like", "flaky is a mix; only mix can name it"),
        (
            HEAD + "  - {name: m, mix: {fails: 1}}\n  - {name: a, like: m}",
            4, "scenarios.1.like", "m is a mix; only mix can name it",
        ),
        (HEAD + "  - {name: b, kind: release}\n  - {name: a, like: b}", 4, "scenarios.1.like", "no computation"),
        (HEAD + "  - {name: a, mix: {fails: 1, b: 1}}", 3, "scenarios.0.mix", "no computation scenario called b"),
        (HEAD + "  - {name: a, mix: {fails: 0}}", 3, "scenarios.0", "mix needs a weight above 0"),
        (HEAD + "  - {name: a, mix: {fails: -1}}", 3, "scenarios.0.mix.fails", "at least 0"),
        (HEAD + "  - {name: a, mix: {fails: 1}, log: x}", 3, "scenarios.0", "mix goes with nothing but"),
        (A + "    running: soon", 4, "scenarios.0.running", "not a duration"),
        (A + "    running: -1", 4, "scenarios.0.running", "not a duration"),
        (A + "    running: true", 4, "scenarios.0.running", "not a number"),
        (A + "    running: [5, 1]", 4, "scenarios.0.running", "an empty range"),
        (A + "    running: [5, 1, 2]", 4, "scenarios.0.running", "at most 2 entries"),
        (A + "    running: [1, true]", 4, "scenarios.0.running", "not a number"),
        (A + "    running: 1000000d", 4, "scenarios.0.running", "not a duration"),
        (A + "    draft: 1", 4, "scenarios.0.draft", "unknown field"),
        (A + "    stuck_in: draft", 4, "scenarios.0.stuck_in", "'initializing', 'running'"),
        (A + "    state: stopped", 4, "scenarios.0.state", "'completed' or 'failed'"),
        (A + "    end_status: ok", 4, "scenarios.0.end_status", "'succeeded', 'failed' or 'stopped'"),
        (A + "    exit_code: 4294967296", 4, "scenarios.0.exit_code", "less than"),
        (A + "    has_results: maybe", 4, "scenarios.0.has_results", "true or false"),
        (HEAD + "  - {name: a, has_results: false, results: [{path: b, text: c}]}", 3, "scenarios.0", "is false"),
        (HEAD + "  - {name: a, has_results: false, directory: x}", 3, "scenarios.0", "has_results is false"),
        (A + "    results:\n      - {path: ../b, text: c}", 5, "scenarios.0.results.0.path", "relative path"),
        (A + "    results:\n      - {path: b}", 5, "scenarios.0.results.0", "exactly one of text, base64"),
        (A + "    results:\n      - {path: b, base64: '*'}", 5, "scenarios.0.results.0.base64", "is not base64"),
        (A + "    results:\n      - {path: b, size: -1}", 5, "scenarios.0.results.0.size", "at least 0"),
        (A + "    results: [{path: output, text: c}]", 4, "scenarios.0.results", "the service's own files"),
        (A + "    results: [{path: b, text: c}, {path: b, text: d}]", 4, "scenarios.0.results", "twice"),
        (HEAD + "  - {name: a, when: {}}", 3, "scenarios.0.when", "needs at least one condition"),
        (HEAD + "  - {name: a, when: {capsule: x, pipeline: y}}", 3, "scenarios.0.when", "at most one of capsule and"),
        (HEAD + "  - {name: a, when: {nth: 1, every: 2}}", 3, "scenarios.0.when", "at most one of nth, first"),
        (A + "    when:\n      nth: 0", 5, "scenarios.0.when.nth", "at least 1"),
        (A + "    when:\n      owner: me", 5, "scenarios.0.when.owner", "unknown field"),
        (A + "    kind: release\n    status: stopped", 5, "scenarios.0.status", "'canceled'"),
        (A + "    kind: data_asset\n    log: x", 5, "scenarios.0.log", "unknown field"),
        (HEAD + '  - {name: a, log: "\\ud800"}', 3, "", "invalid Unicode character"),
    ],
)  # fmt: skip
def test_what_is_wrong(own: World, text: str, line: int, field: str, message: str) -> None:
    found = problems(own, text)
    assert [(at, name) for at, name, _ in found[:1]] == [(line, field)], found
    assert message in found[0][2]


def test_everything_that_is_wrong_is_told_at_once(own: World) -> None:
    text = HEAD + "  - name: a\n    running: soon\n    exit_code: x\n  - kind: release\n    created: never\n"
    found = problems(own, text, params={"source": "/somewhere/own.yaml"})
    assert [(line, field) for line, field, _ in found] == [
        (4, "scenarios.0.running"), (5, "scenarios.0.exit_code"), (6, "scenarios.1.name"), (7, "scenarios.1.created"),
    ]  # fmt: skip


def test_json_is_taken_too(own: World) -> None:
    text = '{"version": 1, "scenarios": [{"name": "a", "running": [1, "2m"], "when": {"parameter": {"rows": 5}}}]}'
    shown = own.load(text)
    assert shown["scenarios"] == [
        {
            "name": "a",
            "kind": "computation",
            "matched": 0,
            "spec": {"name": "a", "running": [1, 120], "when": {"parameter": {"rows": "5"}}},
        }
    ]
    assert shown["built_in"][:2] == ["succeeds", "fails"]
    assert own.ask("GET", "/scenarios") == shown


FACE = "\N{GRINNING FACE}"

JSON = json.dumps({"version": 1, "scenarios": [{"name": "a", "results": [{"path": f"{FACE}/b", "text": FACE}]}]})


def test_json_may_escape_every_character(own: World) -> None:
    assert r"\ud83d\ude00" in JSON
    for method in ("PUT", "POST"):
        [shown] = own.ask(method, "/scenarios", content=JSON)["scenarios"]
        assert shown["spec"]["results"] == [{"path": f"{FACE}/b", "text": FACE}]
        own.ask("DELETE", "/scenarios", 204)


def test_half_a_character_is_told_by_its_line(own: World) -> None:
    [(line, _, message)] = problems(own, JSON.replace(r"\ude00", "").replace('"results"', '\n"results"'))
    assert (line, message) == (2, "is not YAML: found invalid Unicode character escape code")


def test_a_client_sends_every_character(own: World) -> None:
    with Control(own.plane.url) as control:
        loaded = control.world(own.name).load_scenarios(json.loads(JSON)).scenarios
    assert [result["path"] for result in loaded[0].spec["results"]] == [f"{FACE}/b"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        ([], "it is not a folder"),
        (["nextflow/trace.txt"], "nextflow/trace.txt is a name that the service's own files have"),
        (["taken/below"], "taken is a file and a folder at once"),
        (["a\udcff"], "'a\\udcff' is not UTF-8"),
    ],
    ids=range(4),
)
def test_folders_that_cannot_be_used(own: World, tmp_path: Path, make: list[str], reason: str) -> None:
    for name in make:
        file = tmp_path / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    text = HEAD + "  - name: a\n    results: [{path: taken, text: x}]\n    directory: files"
    source = str(tmp_path / "own.yaml")
    assert problems(own, text, params={"source": source}) == [
        (5, "scenarios.0.directory", f"files cannot be used: {reason}")
    ]


def test_a_folder_of_too_many_or_too_large_files(own: World, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(1001):
        (folder / str(number)).touch()
    text, source = HEAD + "  - {name: a, directory: files}", {"source": str(tmp_path / "own.yaml")}
    assert problems(own, text, params=source)[0][2] == "files cannot be used: it holds more than 1000 files"
    (folder / "0").unlink()
    own.load(text, params=source)
    with (folder / "1").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    assert problems(own, text, params=source)[0][2] == "files cannot be used: it holds more than 16777216 bytes"


def test_loading_replaces_or_adds(own: World) -> None:
    own.load(HEAD + "  - {name: a, exit_code: 1}\n  - {name: b}\n")
    own.ask("POST", "/scenarios", content=HEAD + "  - {name: c, like: a}\n  - {name: a, exit_code: 2}\n")
    assert loaded(own) == ["a", "b", "c"]
    assert own.ask("GET", "/scenarios")["scenarios"][0]["spec"]["exit_code"] == 2
    own.ask("POST", "/scenarios", content=HEAD + "  - {name: a, kind: release}\n")
    assert loaded(own) == ["a", "b", "c", "a"]
    own.load(HEAD + "  - {name: d}\n")
    assert loaded(own) == ["d"]
    own.load("version: 1\nscenarios: []")
    assert loaded(own) == []


@pytest.mark.parametrize("field", ["like: b", "mix: {b: 1}"])
def test_one_that_is_replaced_keeps_its_place(own: World, user: Client, field: str) -> None:
    """Were it let name one that stands after it, the two could be made of each other."""
    own.load(HEAD + "  - {name: a}\n  - {name: b, when: {name: '*'}, mix: {a: 1}}\n")
    text = HEAD + f"  - {{name: a, {field}}}"
    assert problems(own, text, "POST")[0][2] == (
        "no computation scenario called b is built in or stands before this one"
    )
    assert own.ask("GET", f"/computations/{started(user)}")["scenario"] == "a"


def test_forgetting(own: World, user: Client) -> None:
    own.load(
        HEAD + "  - {name: a}\n  - {name: b, like: a}\n  - {name: c, mix: {b: 1}}\n  - {name: c, kind: release}\n"
        "  - {name: all, when: {name: '*'}}\n"
    )
    assert own.refused("DELETE", "/scenarios/a") == "the scenario b is made of a"
    assert own.refused("DELETE", "/scenarios/b") == "the scenario c is made of b"
    own.ask("DELETE", "/scenarios/c", 204)
    assert loaded(own) == ["a", "b", "all"]
    own.ask("DELETE", "/scenarios/b", 204)
    own.ask("DELETE", "/scenarios/a", 204)
    assert own.ask("GET", f"/computations/{started(user)}")["scenario"] == "all"
    own.ask("DELETE", "/scenarios", 204)
    assert loaded(own) == []
    assert own.ask("GET", f"/computations/{started(user)}")["scenario"] == "succeeds"


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (f"{{name: a, when: {{capsule: {ids.NOBODYS}}}}}", f"there is no capsule {ids.NOBODYS}"),
        (f"{{name: a, when: {{capsule: {ids.PIPELINE}}}}}", f"there is no capsule {ids.PIPELINE}"),
        (f"{{name: a, when: {{pipeline: {ids.CAPSULE}}}}}", f"there is no pipeline {ids.CAPSULE}"),
        ("{name: a, when: {tag: nobody has it}}", "no capsule or pipeline has this id, tag and name"),
        ("{name: a, when: {name: 'Nobody*'}}", "no capsule or pipeline has this id, tag and name"),
        (
            f"{{name: a, when: {{capsule: {ids.CAPSULE}, parameter: {{cols: 5}}}}}}",
            "no such capsule or pipeline takes 5 as parameter cols",
        ),
        ("{name: a, kind: release, when: {parameter: {rows: 1}}}", "a release has no parameters"),
        ("{name: a, kind: data_asset, when: {parameter: {rows: 1}}}", "a data asset has no parameters"),
        (f"{{name: a, kind: data_asset, when: {{capsule: {ids.NOBODYS}}}}}", f"there is no capsule {ids.NOBODYS}"),
    ],
    ids=str,
)
def test_one_that_can_never_match_is_reported(own: World, scenario: str, reason: str) -> None:
    kind = "computation" if "kind" not in scenario else scenario.split("kind: ")[1].split(",")[0]
    expected = [f"the {kind} scenario a can never match: {reason}"]
    assert own.load(f"version: 1\nscenarios: [{scenario}]")["warnings"] == expected
    assert own.ask("GET", "/scenarios")["warnings"] == expected


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        ("name: '*'", "tag: example", True),
        ("tag: example", "tag: example, nth: 2", True),
        ("name: 'Ex*'", "name: 'Ex*', parameter: {rows: 1}", True),
        ("parameter: {rows: 1}", "parameter: {rows: 1, label: a}", True),
        ("name: '*', every: 1", "name: '*'", True),
        ("name: '*', every: 2", "name: '*'", False),
        ("name: '*', first: 9", "name: '*'", False),
        ("name: '*', nth: 1", "name: '*'", False),
        ("tag: example", "name: 'Ex*'", False),
        ("parameter: {rows: 1}", "parameter: {rows: 2}", False),
    ],
)
def test_one_before_it_that_takes_everything(own: World, first: str, second: str, hidden: bool) -> None:
    shown = own.load(f"{HEAD}  - {{name: a, when: {{{first}}}}}\n  - {{name: b, when: {{{second}}}}}\n")
    reason = "the computation scenario b can never match: a stands before it and matches all of it"
    assert shown["warnings"] == ([reason] if hidden else [])


@pytest.mark.parametrize(
    "scenario",
    [
        "{name: a, when: {name: '*'}}",
        f"{{name: a, when: {{capsule: {ids.FAILS}, parameter: {{anything: 5}}}}}}",
        f"{{name: a, when: {{capsule: {ids.CAPSULE}, parameter: {{Number of rows: 5}}}}}}",
        "{name: a, kind: data_asset, when: {tag: nobody has it yet}}",
        "{name: a, kind: attachment, when: {name: later}}",
        "{name: a}",
    ],
)
def test_one_that_may_match_is_not(own: World, scenario: str) -> None:
    assert own.load(f"version: 1\nscenarios: [{scenario}]")["warnings"] == []


def test_a_value_that_is_no_option_is_reported(own: World, tmp_path: Path) -> None:
    seed = tmp_path / "own.yaml"
    seed.write_text(
        "version: 1\nusers: [{id: u1, email: a@b, name: A}]\ntokens: [{token: cop_mine, user: a@b}]\n"
        "capsules:\n  - {id: c1, slug: '1234567', name: C, owner: a@b, created: 1, scenario: odd, parameters:"
        " [{name: Colour, param_name: colour, type: list, value_options: [red, green]}]}\n"
        "scenarios: [{name: odd}]\n"
    )
    own.plane.ask("POST", "/worlds", 201, json={"name": "own", "seed": str(seed), "replace": True})
    text = f"{HEAD}  - {{name: odd}}\n  - {{name: a, when: {{parameter: {{colour: blue}}}}}}\n"
    assert own.load(text)["warnings"] == [
        "the computation scenario a can never match: no such capsule or pipeline takes blue as parameter colour"
    ]
    assert own.load(text.replace("blue", "red"))["warnings"] == []
    own.ask("DELETE", "/scenarios/odd", 204)
    assert own.ask("GET", "/scenarios")["warnings"] == ["the scenario odd of the capsule c1 is not there"]


def test_a_file_for_every_new_world(tmp_path: Path, plane: Plane, start: Any) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(HEAD + "  - {name: a, when: {name: '*'}, results: [{path: b, text: c}]}\n")
    server = start(scenarios=file)
    with Plane(server.url) as other, Client(server.url) as client:
        assert loaded(other.of("default")) == ["a"]
        other.ask("POST", "/worlds", 201, json={"name": "w"})
        assert loaded(other.of("w")) == ["a"]
        other.ask("DELETE", "/worlds/default/scenarios", 204)
        assert loaded(other.of("default")) == []
        other.ask("POST", "/worlds/default/reset")
        assert loaded(other.of("default")) == ["a"]
        assert other.ask("GET", f"/worlds/default/computations/{started(client)}")["scenario"] == "a"
