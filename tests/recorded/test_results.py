"""Results of runs, as recorded answers of the real service show them: while a pipeline is running, after a stop, of
runs that fail, and what their logs say.
"""

from typing import Any

import pytest

from tests import ids
from tests.conftest import Client
from tests.control.conftest import World, asset_of, bytes_of, ended, names_of, started
from tests.control.test_built_in_scenarios import every

PIPED = {"capsule_id": None, "pipeline_id": ids.PIPELINE}

FOLDERS = "[{path: one/a.txt, text: a}, {path: two/b.txt, text: b}, {path: three/c.txt, text: c}]"

SCENARIO = (
    "version: 1\nscenarios: [{name: own, when: {name: '*'}, own_results: false,"
    " initializing: 10, running: 100, finalizing: 10, results: %s}]"
)


def flags(client: Client, run: str) -> tuple[str, bool]:
    shown = client.ask("GET", f"/computations/{run}")
    return shown["state"], shown["has_results"]


def test_a_pipeline_that_is_running_lists_the_results_it_has_so_far(own: World, user: Client) -> None:
    """Folders, without `output` and `nextflow`; has_results stays false."""
    own.load(SCENARIO % FOLDERS)
    run = started(user, **PIPED)
    seen: dict[int, list[str]] = {}
    for second in (0, 9, 34, 35, 60, 85, 109, 119):
        own.advance(by=second - max(seen, default=0))
        assert flags(user, run)[1] is False
        seen[second] = names_of(user, run)
    assert seen == {
        0: [], 9: [], 34: [], 35: ["one"], 60: ["one", "two"],
        85: ["one", "three", "two"], 109: ["one", "three", "two"], 119: ["one", "three", "two"],
    }  # fmt: skip
    own.advance(by=1)
    assert flags(user, run) == ("completed", True)
    assert names_of(user, run) == ["nextflow", "one", "output", "three", "two"]


def test_what_is_listed_while_a_pipeline_is_running_can_be_opened_and_not_captured(own: World, user: Client) -> None:
    own.load(SCENARIO % FOLDERS)
    run = started(user, **PIPED)
    own.advance(by=40)
    assert names_of(user, run, "one") == ["a.txt"]
    assert bytes_of(user, run, "one/a.txt") == b"a"
    user.ask("GET", f"/computations/{run}/results/urls", 404, params={"path": "two/b.txt"})
    user.ask("GET", f"/computations/{run}/results/urls", 404, params={"path": "output"})
    body = {"name": "n", "mount": "m", "tags": [], "source": {"computation": {"id": run}}}
    assert "has not completed" in user.ask("POST", "/data_assets", 400, json=body)["message"]


@pytest.mark.parametrize("second", [0, 50, 99, 115])
def test_a_capsule_lists_nothing_until_its_run_has_ended(own: World, user: Client, second: int) -> None:
    own.load(SCENARIO % FOLDERS)
    run = started(user)
    own.advance(by=second)
    assert (flags(user, run)[1], names_of(user, run)) == (False, [])
    own.advance(by=120)
    assert (flags(user, run)[1], names_of(user, run)) == (True, ["one", "output", "three", "two"])


@pytest.mark.parametrize(
    ("second", "left"), [(5, []), (20, []), (40, ["one"]), (70, ["one", "two"]), (115, ["one", "three", "two"])]
)
def test_a_stopped_pipeline_keeps_the_results_that_were_there(
    own: World, user: Client, second: int, left: list[str]
) -> None:
    own.load(SCENARIO % FOLDERS)
    run = started(user, **PIPED)
    own.advance(by=second)
    assert names_of(user, run) == left
    own.ask("POST", f"/computations/{run}/stop")
    for _ in range(2):
        shown = user.ask("GET", f"/computations/{run}")
        assert (shown["state"], shown["end_status"], shown["has_results"]) == ("completed", "stopped", bool(left))
        assert names_of(user, run) == left
        own.advance(by="1h")
    source = {"computation": {"id": run}}
    if left:
        asset = asset_of(user, source=source)
        own.advance(by="1m")
        assert user.ask("GET", f"/data_assets/{asset}")["files"] == len(left)
        assert bytes_of(user, run, "one/a.txt") == b"a"
    else:
        user.ask("POST", "/data_assets", 400, json={"name": "n", "mount": "m", "tags": [], "source": source})
    user.ask("DELETE", f"/computations/{run}", 204)
    assert bytes_of(user, ids.PIPELINE_RUN, "multiqc_report.html").startswith(b"<!DOCTYPE html>")


def test_a_pipeline_that_hangs_has_results_after_a_while_and_keeps_them_when_it_is_stopped(
    own: World, user: Client
) -> None:
    own.load(every("computation", "stuck"))
    run = started(user, **PIPED)
    own.advance(by="1d")
    assert (flags(user, run), names_of(user, run)) == (("running", False), ["bwa", "multiqc_report.html", "star"])
    own.ask("POST", f"/computations/{run}/stop")
    assert (flags(user, run), names_of(user, run)) == (("completed", True), ["bwa", "multiqc_report.html", "star"])


@pytest.mark.parametrize("name", ["fails", "out-of-memory", "silent-failure", "succeeded-exit-1", "failed-exit-0"])
@pytest.mark.parametrize(("target", "left"), [({}, ["output"]), (PIPED, ["nextflow", "output"])])
def test_a_run_that_leaves_only_its_log_has_no_results_and_lists_the_log(
    own: World, user: Client, name: str, target: dict[str, Any], left: list[str]
) -> None:
    own.load(every("computation", name))
    run = started(user, **target)
    own.advance(by=5)
    assert names_of(user, run) == []
    assert ended(user, own, run)["has_results"] is False
    assert names_of(user, run) == left


def test_a_run_that_succeeds_and_writes_nothing_has_no_results_either(own: World, user: Client) -> None:
    """Exit code 0 or 1, two programs that read a live deployment say the same."""
    run = started(user)
    own.load("version: 1\nscenarios: [{name: own, when: {name: '*'}, own_results: false}]")
    empty = started(user)
    ends = {key: ended(user, own, key) for key in (run, empty)}
    assert [(end["exit_code"], end["has_results"]) for end in ends.values()] == [(0, True), (0, False)]
    assert names_of(user, empty) == ["output"]
    body = {"name": "n", "mount": "m", "tags": [], "source": {"computation": {"id": empty}}}
    assert "no results" in user.ask("POST", "/data_assets", 400, json=body)["message"]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("failed-exit-0", ("failed", 0)), ("succeeded-exit-1", ("succeeded", 1)), ("silent-failure", ("succeeded", 1))],
)
def test_the_end_status_and_the_exit_code_disagree_both_ways(
    own: World, user: Client, name: str, outcome: tuple[str, int]
) -> None:
    """Easy to choose: by a tag, as here, or by name in a scenario file."""
    tagged = user.ask("PUT", f"/data_assets/{ids.IRIS}", json={"tags": [f"mock:scenario={name}"]})["id"]
    run = started(user, data_assets=[{"id": tagged}])
    end = ended(user, own, run)
    assert (end["state"], end["has_results"]) == ("completed", False)
    assert (end["end_status"], end["exit_code"]) == outcome


def log_of(own: World, user: Client, name: str, target: dict[str, Any]) -> str:
    own.load(every("computation", name))
    run = started(user, **target)
    ended(user, own, run)
    return bytes_of(user, run, "output").decode()


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("fails", {}, ["Traceback (most recent call last):"]),
        ("succeeded-exit-1", {}, ["Traceback (most recent call last):"]),
        ("failed-exit-0", {}, ["Traceback (most recent call last):"]),
        ("out-of-memory", {}, ["Out of memory."]),
        ("fails", PIPED, ["N E X T F L O W", "Command error:", "Essential container in task exited"]),
        ("fails", PIPED, ["WARN: Killing running tasks", "Traceback (most recent call last):"]),
        ("succeeded-exit-1", PIPED, ["Command error:", "Essential container in task exited"]),
        ("out-of-memory", PIPED, ["Command error:", "Out of memory.", "WARN: Killing running tasks"]),
    ],
)
def test_logs_have_the_words_that_clients_look_for(
    own: World, user: Client, name: str, target: dict[str, Any], words: list[str]
) -> None:
    log = log_of(own, user, name, target)
    assert [word for word in words if word not in log] == []


@pytest.mark.parametrize("target", [{}, PIPED])
@pytest.mark.parametrize("name", ["succeeds", "silent-failure"])
def test_logs_of_runs_that_nobody_calls_failed_have_none_of_them(
    own: World, user: Client, name: str, target: dict[str, Any]
) -> None:
    log = log_of(own, user, name, target)
    for word in ("Traceback", "Out of memory.", "Command error:", "Essential container", "WARN: Killing"):
        assert word not in log


def test_the_log_of_a_pipeline_that_a_scenario_writes_is_that(own: World, user: Client) -> None:
    own.load("version: 1\nscenarios: [{name: own, like: fails, when: {name: '*'}, log: no such thing}]")
    run = started(user, **PIPED)
    ended(user, own, run)
    assert bytes_of(user, run, "output").decode().splitlines()[1:] == ["+ ./run", "no such thing"]


def test_results_of_more_bytes_than_64_bits_count_are_captured(own: World, user: Client) -> None:
    """Each size has a bound, how many there are has none."""
    files = ", ".join(f"{{path: f{n}, size: {2**53}}}" for n in range(1100))
    own.load(SCENARIO % f"[{files}]")
    run = started(user)
    own.advance(by=120)
    asset = asset_of(user, source={"computation": {"id": run}})
    own.advance(by=3600)
    assert user.ask("GET", f"/data_assets/{asset}")["size"] == 2**63 - 1
