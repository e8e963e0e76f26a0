"""What runs leave when their results and logs are templates."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.computation import NamedRunParam, RunParams

from tests import ids
from tests.conftest import START, Client, HandClock, Server
from tests.control.conftest import Plane
from tests.control.test_doctored_snapshots import operated
from tests.control.test_snapshots import exported
from tests.run_templates.conftest import Runs
from tests.run_templates.worlds import LOOSE, MOUSE_1, MOUSE_2, PAST, PAST_BAD, PIPELINE, SORTER

BOTH = [{"id": MOUSE_1, "mount": "one"}, {"id": MOUSE_2, "mount": "two"}]


def lines(text: str) -> int:
    return len(text.splitlines()) - 1


def test_five_rows_are_five_rows(runs: Runs) -> None:
    assert lines(runs.files(runs.ended(SORTER, rows="5"))["table.csv"]) == 5
    assert lines(runs.files(runs.ended(SORTER, rows="12"))["table.csv"]) == 12


def test_without_parameters_the_defaults_of_the_panel_hold(runs: Runs) -> None:
    files = runs.files(runs.ended(SORTER))
    assert lines(files["table.csv"]) == 3
    assert sorted(files) == ["by/a-1.txt", "by/b-2.txt", "output", "plain.txt", "table.csv", "who.txt"]
    assert files["plain.txt"] == "plain {{ text }}\n"


def test_a_file_for_each_data_asset_and_each_element_of_a_list(runs: Runs, clock: HandClock) -> None:
    key = runs.start(SORTER, data_assets=BOTH, named_parameters=[{"param_name": "subjects", "value": '["x y", "z"]'}])
    clock.advance(60)
    files = runs.files(key)
    assert files["by/x y-1.txt"] == files["by/z-2.txt"] == "hello\n"
    one, two = (json.loads(files[f"Mouse {number}/summary.json"]) for number in (1, 2))
    assert (one["id"], one["tags"], one["subject"]) == (MOUSE_1, ["raw"], "m1")
    assert (two["id"], two["tags"], two["subject"]) == (MOUSE_2, [], None)
    assert one["drift"] != two["drift"]
    assert files["who.txt"] == f"Ann Lee ann@example.com {key} Sort units"
    assert f"drift {MOUSE_1}{MOUSE_2}\n" in files["output"]


def test_a_number_with_a_key_is_the_same_in_every_run(runs: Runs, clock: HandClock) -> None:
    """So two runs with the same inputs do not differ by chance; numbers without a key are each run's own."""
    first, second = (runs.start(SORTER, data_assets=BOTH) for _ in range(2))
    clock.advance(60)
    one, other = runs.files(first), runs.files(second)
    assert one["Mouse 1/summary.json"] == other["Mouse 1/summary.json"]
    assert one["table.csv"] != other["table.csv"]


def test_parameters_of_a_pipelines_processes(runs: Runs, clock: HandClock) -> None:
    given = [{"name": "sort", "named_parameters": [{"param_name": "threads", "value": "16"}]}]
    key = runs.start(PIPELINE, is_pipeline=True, processes=given)
    default = runs.start(PIPELINE, is_pipeline=True)
    clock.advance(4)
    assert 0 < len(runs.files(key)) < 4
    clock.advance(60)
    files = runs.files(key)
    assert [files[f"part{number}/n.txt"] for number in range(4)] == ["16"] * 4
    assert "nextflow/trace.txt" in files
    assert runs.files(default)["part0/n.txt"] == "4"


def test_the_sdk_sees_files_that_follow_its_parameters(server: Server, sdk: CodeOcean, clock: HandClock) -> None:
    run = sdk.computations.run_capsule(
        RunParams(capsule_id=SORTER, named_parameters=[NamedRunParam(param_name="rows", value="7")])
    )
    clock.advance(60)
    ended = sdk.computations.get_computation(run.id)
    assert (ended.end_status, ended.exit_code, ended.has_results) == ("succeeded", 0, True)
    assert "table.csv" in [item.name for item in sdk.computations.list_computation_results(run.id).items]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../up.txt", '"../up.txt" is not a relative path of at most 50 parts, none empty, . or ..'),
        ("/etc/passwd", "is not a relative path"),
        ("a//b", "is not a relative path"),
        ("output", '"output" is a name that the service\'s own files have'),
        ("nextflow/x", '"nextflow/x" is a name that the service\'s own files have'),
        ("fixed", "fixed is a file and a folder at once"),
        ("fixed/a.txt/b", "fixed/a.txt is a file and a folder at once"),
        ("fixed/a.txt", '"fixed/a.txt" is written twice'),
        ("x/" * 60 + "x", "is not a relative path of at most 50 parts"),
    ],
)
def test_a_path_that_cannot_be_makes_the_run_fail(runs: Runs, path: str, reason: str) -> None:
    key = runs.ended(LOOSE, path=path)
    assert runs.end(key) == ("failed", 1)
    files = runs.files(key)
    assert list(files) == ["output"]
    assert reason in files["output"]


def test_a_value_that_is_missing_makes_the_run_fail_and_not_the_request(runs: Runs) -> None:
    key = runs.ended(LOOSE)
    assert runs.end(key) == ("failed", 1)
    assert runs.client.ask("GET", f"/computations/{key}")["has_results"] is False
    assert runs.files(key)["output"].endswith(
        '{{ parameters.path }} cannot be written: path: line 1: there is no "path" among the parameters\n'
    )


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ random.uniform(key=(parameters.rows | as_list)[0]) }}", "line 1: a key is not Unicode text"),
        ("{{ (parameters.rows | as_list)[0] | int }}", 'line 1: int takes a number, not "\\ud800"'),
    ],
)
def test_half_a_character_makes_the_run_fail_and_not_the_request(
    runs: Runs, plane: Plane, template: str, reason: str
) -> None:
    scenario = {"when": {"capsule": SORTER}, "log_template": template}
    plane.ask("POST", "/worlds/default/scenarios", json={"scenarios": [{"name": "half"} | scenario]})
    key = runs.ended(SORTER, rows='["\\ud800"]')
    assert runs.end(key) == ("failed", 1)
    assert reason in runs.files(key)["output"]


def test_a_value_of_the_wrong_kind_is_named_in_the_log(runs: Runs) -> None:
    key = runs.ended(SORTER, rows="many")
    assert runs.end(key) == ("failed", 1)
    assert 'table.csv cannot be written: line 1: rows takes a number, not "many"' in runs.files(key)["output"]


def test_what_is_no_list_is_named_once(runs: Runs, plane: Plane) -> None:
    file = {"for_each": "run.created", "path": "{{ number }}", "text": ""}
    scenario = {"name": "each", "when": {"capsule": SORTER}, "results": [file]}
    plane.ask("POST", "/worlds/default/scenarios", json={"scenarios": [scenario]})
    key = runs.ended(SORTER)
    assert "{{ number }} cannot be written: for_each takes a list, not a number\n" in runs.files(key)["output"]


def test_any_text_is_a_value(runs: Runs) -> None:
    text = "{{ 7 * 7 }}{% for %} \u2028 'é' \U0001f600"
    key = runs.ended(LOOSE, path="a b/{{ x }}.txt", text=text)
    assert runs.files(key) == {
        "a b/{{ x }}.txt": text,
        "fixed/a.txt": "a",
        "output": runs.files(key)["output"],
    }


def test_too_many_files_are_refused_by_the_log(runs: Runs) -> None:
    key = runs.ended(SORTER, subjects="s " * 1200)
    assert runs.end(key) == ("failed", 1)
    assert "writes more than 1000 files" in runs.files(key)["output"]


def test_past_runs_left_what_their_capsules_templates_give(runs: Runs) -> None:
    files = runs.files(PAST)
    assert lines(files["table.csv"]) == 3
    assert "begin 1970-01-01T00:01:40Z\nstep 0\n" in files["output"]
    assert runs.end(PAST_BAD) == ("failed", 1)
    assert "rows takes a number" in runs.files(PAST_BAD)["output"]


def test_the_same_seed_and_calls_give_the_same_bytes(start: Callable[..., Server], seed: str, clock: HandClock) -> None:
    def left(random_seed: int) -> dict[str, str]:
        clock.now = START
        with Client(start(seed=seed, random_seed=random_seed).url) as client:
            runs = Runs(client, clock)
            key = runs.start(SORTER, data_assets=BOTH)
            clock.advance(60)
            return runs.files(key) | {f"past {path}": text for path, text in runs.files(PAST).items()}

    one, same, other = left(7), left(7), left(8)
    assert one == same
    assert one["table.csv"] != other["table.csv"]
    assert one["past table.csv"] == other["past table.csv"]


def test_what_a_run_left_stays_when_its_data_assets_change(runs: Runs, clock: HandClock) -> None:
    key = runs.start(SORTER, data_assets=BOTH)
    clock.advance(60)
    before = runs.files(key)
    runs.client.ask("PUT", f"/data_assets/{MOUSE_1}", json={"name": "Rat", "mount": "rat", "tags": []})
    assert runs.files(key) == before


SCENARIOS: dict[str, Any] = {
    "version": 1,
    "scenarios": [
        {
            "name": "many",
            "like": "out-of-memory",
            "when": {"capsule": SORTER, "parameter": {"rows": "> 500"}},
            "log_template": "loading {{ parameters.rows }}\nKilled\n",
            "results": [{"path": "partial-{{ parameters.rows }}.txt", "template": "{{ run.name }}"}],
        },
        {
            "name": "more",
            "when": {"capsule": SORTER, "parameter": {"rows": "4"}},
            "results": [{"path": "table.csv", "template": "{{ parameters.rows }}"}],
        },
        {"name": "bad", "when": {"capsule": SORTER, "parameter": {"rows": "6"}}, "log_template": "{{ 1 // 0 }}"},
        {"name": "fails-as-ever", "like": "fails", "when": {"capsule": SORTER, "parameter": {"rows": "8"}}},
    ],
}


def test_a_scenario_has_templates_too(runs: Runs, plane: Plane) -> None:
    plane.ask("POST", "/worlds/default/scenarios", json=SCENARIOS)
    many = runs.ended(SORTER, rows="1000")
    assert runs.end(many) == ("failed", 137)
    files = runs.files(many)
    assert sorted(files) == ["output", "partial-1000.txt"]
    assert files["output"].endswith("loading 1000\nKilled\n")
    more = runs.files(runs.ended(SORTER, rows="4"))
    assert more["table.csv"] == "4"
    assert "step 7\n" in more["output"]
    assert "who.txt" in more
    bad = runs.ended(SORTER, rows="6")
    assert runs.end(bad) == ("failed", 1)
    assert "the log cannot be written: line 1: divides by zero" in runs.files(bad)["output"]
    ever = runs.files(runs.ended(SORTER, rows="8"))
    assert list(ever) == ["output"]
    assert "Traceback" in ever["output"]


def test_a_scenario_that_differs_from_another_replaces_its_files_one_by_one(runs: Runs, plane: Plane) -> None:
    first = {"path": "a.txt", "template": "first {{ run.id }}"}, {"path": "b.txt", "text": "first"}
    second = {"path": "a.txt", "text": "second"}, {"path": "b.txt", "template": "second {{ run.id }}"}
    plane.ask(
        "POST",
        "/worlds/default/scenarios",
        json={
            "scenarios": [
                {"name": "first", "own_results": False, "results": first},
                {"name": "second", "like": "first", "results": second, "when": {"capsule": SORTER}},
            ]
        },
    )
    key = runs.ended(SORTER)
    files = runs.files(key)
    assert (files["a.txt"], files["b.txt"]) == ("second", f"second {key}")


def log_on_page(runs: Runs, server: Server, key: str) -> str:
    page = runs.client.get(f"{server.url}/_ui/worlds/default/computations/{key}").text
    found = re.search(r'<pre class="log"[^>]*>\n<span>(.*?)</span></pre>', page, re.DOTALL)
    return found[1] if found else ""


def test_lines_of_the_log_come_while_the_run_is_running(runs: Runs, server: Server, clock: HandClock) -> None:
    key = runs.start(SORTER)
    seen = []
    for _ in range(40):
        seen.append(log_on_page(runs, server, key))
        state = runs.client.ask("GET", f"/computations/{key}")["state"]
        if state == "running":
            assert runs.client.ask("POST", f"/computations/{key}/results", json={"path": ""})["items"] == []
        clock.advance(0.25)
    assert seen[0] == ""
    assert all(after.startswith(before) for before, after in pairwise(seen))
    assert len(set(seen)) >= 9
    assert seen[-1] == runs.files(key)["output"]
    assert any("step 2\n" in text and "step 5\n" not in text for text in seen)


def test_templates_survive_an_export(
    runs: Runs, plane: Plane, client: Client, clock: HandClock, tmp_path: Path
) -> None:
    plane.ask("POST", "/worlds/default/scenarios", json=SCENARIOS)
    made = runs.files(runs.ended(SORTER, rows="2"))
    text = plane.get("/worlds/default/export").text
    assert "for_each: data_assets" in text
    (tmp_path / "again.yaml").write_text(text)
    plane.ask("POST", "/worlds", 201, json={"name": "again", "seed": str(tmp_path / "again.yaml"), "random_seed": 8})
    assert plane.get("/worlds/again/export").text == text.replace("The world default", "The world again", 1)
    with client.speaking_as("cop_demo_user@again") as other:
        again = Runs(other, clock)
        assert lines(again.files(again.ended(SORTER, rows="9"))["table.csv"]) == 9
        assert again.files(PAST) == runs.files(PAST)
    assert "u1," in made["table.csv"]


HOSTILE = "{% for a in range(20000) %}{% for b in range(20000) %}{{ 'x' * 9 }}{% endfor %}{% endfor %}"


def snapshot_with(plane: Plane, **fields: object) -> bytes:
    """A snapshot of the world in which the capsule has other templates."""
    plane.ask("PUT", "/worlds/default/snapshots/good", 201)
    stored = json.dumps(fields).replace("'", "''")
    statement = f"UPDATE capsule SET templates = '{stored}' WHERE id = '{SORTER}'"
    return operated(exported(plane, "good"), statement)


def test_a_snapshot_with_a_hostile_template_does_no_harm(runs: Runs, plane: Plane) -> None:
    file = snapshot_with(plane, results=[{"path": "x.txt", "template": HOSTILE}])
    plane.ask("PUT", "/snapshots/bad/file", 201, content=file)
    plane.ask("POST", "/worlds/default/snapshots/bad/load")
    key = runs.ended(SORTER)
    assert runs.end(key) == ("failed", 1)
    assert "x.txt cannot be written: line 1: takes more than" in runs.files(key)["output"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"results": [{"path": "x", "template": "{{ ''.__class__() }}"}]}, "unknown method"),
        ({"results": [{"path": "x", "text": "plain"}]}, "holds a file that is no template"),
        ({"results": [{"path": "{{ x }}", "template": ""}]}, "templates.results.0"),
        ({"log": "{% include 'x' %}"}, "include is not taken here"),
        ({"other": 1}, "templates.other"),
    ],
)
def test_a_snapshot_with_what_is_no_template_is_refused(
    runs: Runs, plane: Plane, fields: dict[str, Any], reason: str
) -> None:
    message = plane.refused("PUT", "/snapshots/bad/file", content=snapshot_with(plane, **fields))
    assert reason in message
    assert runs.end(runs.ended(SORTER)) == ("succeeded", 0)


def test_the_example_capsule_of_the_demo_writes_what_it_is_asked_for(
    start: Callable[..., Server], clock: HandClock
) -> None:
    with Client(start().url) as client:
        runs = Runs(client, clock)
        usual = runs.files(runs.ended(ids.CAPSULE))
        assert usual["table.csv"] == "row,value\n1,0.25\n2,0.5\n3,0.75\n"
        assert runs.files(runs.ended(ids.CAPSULE, rows="3", label="demo"))["table.csv"] == usual["table.csv"]
        assert runs.files(ids.PAST_RUN)["table.csv"] == usual["table.csv"]
        five = runs.files(runs.ended(ids.CAPSULE, rows="5", label="two, three"))["table.csv"]
        assert five.splitlines()[-1] == '5,1.25,"two, three"'
        assert lines(runs.files(runs.ended(ids.CAPSULE, rows="1000"))["table.csv"]) == 1000


def test_a_run_leaves_what_its_own_parameters_give_however_often_others_ran(runs: Runs) -> None:
    for text in ("a", "b", "a"):
        assert runs.files(runs.ended(LOOSE, path="x.txt", text=text))["x.txt"] == text
    for _ in range(2):
        key = runs.ended(SORTER)
        assert key in runs.files(key)["who.txt"]
