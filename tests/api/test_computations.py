"""Runs over HTTP: start, follow, read, rename, stop."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import START, Client, HandClock, Server

ENDED = 60


def run(client: Client, **params: object) -> dict[str, Any]:
    started: dict[str, Any] = client.ask("POST", "/computations", json=params)
    return started


def test_a_run_goes_through_its_states(client: Client, clock: HandClock) -> None:
    started = run(client, capsule_id=ids.CAPSULE)
    assert started["state"] == "initializing"
    assert started["created"] == START
    assert started["name"] == f"Run {int(START) % 10_000_000}"
    assert started["run_time"] == 0
    assert started["has_results"] is False
    assert not {"end_status", "exit_code", "parameters", "data_assets"} & set(started)
    states: list[str] = []
    for _ in range(40):
        now = client.ask("GET", f"/computations/{started['id']}")
        if not states or states[-1] != now["state"]:
            states.append(now["state"])
        clock.advance(0.25)
    assert states == ["initializing", "running", "finalizing", "completed"]
    assert (now["end_status"], now["exit_code"], now["has_results"]) == ("succeeded", 0, True)
    assert 6 <= now["run_time"] <= 9


def test_an_ended_run_does_not_change(client: Client, clock: HandClock) -> None:
    key = run(client, capsule_id=ids.CAPSULE)["id"]
    clock.advance(ENDED)
    first = client.ask("GET", f"/computations/{key}")
    clock.advance(10**6)
    assert client.ask("GET", f"/computations/{key}") == first


def test_a_clock_that_is_set_back_does_not_undo_anything(client: Client, clock: HandClock) -> None:
    key = run(client, capsule_id=ids.CAPSULE)["id"]
    clock.advance(ENDED)
    ended = client.ask("GET", f"/computations/{key}")
    clock.advance(-3600)
    assert client.ask("GET", f"/computations/{key}") == ended


@pytest.mark.parametrize(
    ("capsule", "expected", "items"),
    [
        (ids.FAILS, ("completed", "failed", 1, False), ["output"]),
        (ids.SILENT, ("completed", "succeeded", 1, False), ["output"]),
    ],
)
def test_bad_examples(
    client: Client, clock: HandClock, capsule: str, expected: tuple[object, ...], items: list[str]
) -> None:
    key = run(client, capsule_id=capsule)["id"]
    clock.advance(ENDED)
    now = client.ask("GET", f"/computations/{key}")
    assert (now["state"], now["end_status"], now["exit_code"], now["has_results"]) == expected
    listing = client.ask("POST", f"/computations/{key}/results", json={"path": ""})
    assert [item["name"] for item in listing["items"]] == items


def test_the_slow_one_takes_eight_hours(client: Client, clock: HandClock) -> None:
    key = run(client, capsule_id=ids.SLOW)["id"]
    clock.advance(7.9 * 3600)
    assert client.ask("GET", f"/computations/{key}")["state"] == "running"
    clock.advance(0.2 * 3600)
    assert client.ask("GET", f"/computations/{key}")["state"] == "completed"


def test_many_files_are_listed_level_by_level(client: Client, clock: HandClock) -> None:
    key = run(client, capsule_id=ids.MANY_FILES)["id"]
    clock.advance(ENDED)

    def walk(path: str) -> int:
        total = 0
        for item in client.ask("POST", f"/computations/{key}/results", json={"path": path})["items"]:
            assert item["path"] == f"{path}/{item['name']}".lstrip("/")
            assert ("size" in item) == (item["type"] == "file")
            total += walk(item["path"]) if item["type"] == "folder" else 1
        return total

    assert walk("") == 4 * (3 * 10 + 1) + 1 + 1


def test_ordered_parameters_show_the_panels_labels(client: Client) -> None:
    started = run(client, capsule_id=ids.ORDERED, parameters=["75", "2"])
    assert started["name"] == f"Run With Parameters {int(START) % 10_000_000}"
    assert started["parameters"][:2] == [
        {"name": "Read length", "param_name": "read_length", "value": "75"},
        {"name": "Fold coverage", "param_name": "coverage", "value": "2"},
    ]
    # What was not given has its default.
    assert {"name": "Sequencing system", "param_name": "system", "value": "HS25"} in started["parameters"]


def test_ordered_parameters_without_a_panel_have_empty_names(client: Client) -> None:
    assert run(client, capsule_id=ids.FAILS, parameters=["a"])["parameters"] == [{"name": "", "value": "a"}]


def test_named_parameters_reach_the_log(client: Client, clock: HandClock) -> None:
    started = run(
        client,
        capsule_id=ids.CAPSULE,
        named_parameters=[{"param_name": "rows", "value": "5"}],
        data_assets=[{"id": ids.REFERENCE, "mount": "ref"}],
    )
    assert started["parameters"] == [
        {"name": "Number of rows", "param_name": "rows", "value": "5"},
        {"name": "Label", "param_name": "label", "value": "demo"},
    ]
    assert started["data_assets"] == [{"id": ids.REFERENCE, "mount": "ref"}]
    clock.advance(ENDED)
    urls = client.ask("GET", f"/computations/{started['id']}/results/urls", params={"path": "output"})
    log = httpx.get(urls["view_url"]).text
    assert "--rows=5" in log
    assert "/data/ref" in log


def test_a_data_asset_without_a_mount_takes_its_own(client: Client) -> None:
    started = run(client, capsule_id=ids.CAPSULE, data_assets=[{"id": ids.IRIS, "mount": None}])
    assert started["data_assets"] == [{"id": ids.IRIS, "mount": "iris"}]


def test_using_a_data_asset_is_noted(client: Client) -> None:
    assert client.ask("GET", f"/data_assets/{ids.IRIS}")["last_used"] == 0
    run(client, capsule_id=ids.CAPSULE, data_assets=[{"id": ids.IRIS}])
    assert client.ask("GET", f"/data_assets/{ids.IRIS}")["last_used"] == START


@pytest.mark.parametrize("key", ["pipeline_id", "capsule_id"])
def test_a_pipeline_runs_under_both_names(client: Client, clock: HandClock, key: str) -> None:
    started = run(
        client,
        **{key: ids.PIPELINE},
        parameters=["ignored"],
        nextflow_profile="test",
        resume_run_id=ids.PIPELINE_RUN,
        processes=[
            {"name": "capsule_bwa_alignment_5", "named_parameters": [{"param_name": "NumThreads", "value": "2"}]},
            {"name": "capsule_star_alignment_1", "parameters": ["1", "_R1", "_R2"]},
        ],
    )
    assert "parameters" not in started
    assert started["nextflow_profile"] == "test"
    bwa, star = sorted(started["processes"], key=lambda process: str(process["name"]))
    assert [entry["value"] for entry in star["parameters"]] == ["1", "_R1", "_R2"]
    assert bwa["parameters"] == [{"name": "Number of threads", "param_name": "NumThreads", "value": "2"}]
    assert star["capsule_id"] == "5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21"
    clock.advance(ENDED)
    root = client.ask("POST", f"/computations/{started['id']}/results")
    assert [item["name"] for item in root["items"]] == ["bwa", "multiqc_report.html", "nextflow", "output", "star"]
    nextflow = client.ask("POST", f"/computations/{started['id']}/results", json={"path": "nextflow"})
    assert [item["name"] for item in nextflow["items"]] == [
        "dag.html",
        "nextflow.log",
        "report.html",
        "timeline.html",
        "trace.txt",
    ]


def test_a_pipelines_data_asset_is_replaced_at_its_mount(client: Client) -> None:
    own = run(client, pipeline_id=ids.RNA_PIPELINE)
    assert own["data_assets"] == [{"id": ids.ATTACHED, "mount": "Reference"}]
    other = run(client, pipeline_id=ids.RNA_PIPELINE, data_assets=[{"id": ids.MOUSE, "mount": "Reference"}])
    assert other["data_assets"] == [{"id": ids.MOUSE, "mount": "Reference"}]


def test_a_version_counts_for_release_capsules_alone(client: Client) -> None:
    assert run(client, capsule_id=ids.RELEASE, version=1)["version"] == 1
    assert "version" not in run(client, capsule_id=ids.CAPSULE, version=1)
    client.ask("POST", "/computations", 400, json={"capsule_id": ids.RELEASE, "version": 9})


def test_the_oldest_route_tells_the_result_size(client: Client) -> None:
    started = client.ask("POST", "/capsules/computations", json={"capsule_id": ids.CAPSULE})
    assert started["result_size"] == 0
    assert "result_size" not in client.ask("GET", f"/computations/{started['id']}")


def test_nothing_is_left_before_the_end(client: Client, clock: HandClock) -> None:
    key = run(client, capsule_id=ids.CAPSULE)["id"]
    assert client.ask("POST", f"/computations/{key}/results", json={"path": ""}) == {"items": []}
    client.ask("GET", f"/computations/{key}/results/urls", 404, params={"path": "output"})
    client.ask("POST", f"/computations/{key}/results", 404, json={"path": "figures"})
    clock.advance(ENDED)
    client.ask("GET", f"/computations/{key}/results/urls", params={"path": "output"})


def test_rename_and_delete(client: Client) -> None:
    key = run(client, capsule_id=ids.CAPSULE)["id"]
    assert client.ask("PATCH", f"/computations/{key}", 204, params={"name": "Ünïcödé 😀"}) is None
    assert client.ask("GET", f"/computations/{key}")["name"] == "Ünïcödé 😀"
    listed = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    assert listed[0]["name"] == "Ünïcödé 😀"
    assert client.ask("DELETE", f"/computations/{key}", 204) is None
    client.ask("GET", f"/computations/{key}", 404)
    client.ask("DELETE", f"/computations/{key}", 404)
    assert key not in [entry["id"] for entry in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")]


def test_runs_of_a_capsule_are_listed_newest_first(client: Client, clock: HandClock) -> None:
    started = []
    for _ in range(3):
        started.append(run(client, capsule_id=ids.FASTQC)["id"])
        clock.advance(1)
    listed = [entry["id"] for entry in client.ask("GET", f"/capsules/{ids.FASTQC}/computations")]
    assert listed[:3] == started[::-1]


def test_the_same_seed_and_calls_give_the_same_bytes(start: Callable[..., Server], clock: HandClock) -> None:
    def story(random_seed: int) -> list[bytes]:
        clock.now = START
        server = start(random_seed=random_seed, allowed_host_names=("codeocean.example.com",))
        answers = []
        with Client(server.url) as client:
            for _ in range(4):
                answers.append(client.post("/computations", json={"capsule_id": ids.CAPSULE}).content)
                clock.advance(3.3)
                answers.append(client.get(f"/capsules/{ids.CAPSULE}/computations").content)
            clock.advance(ENDED)
            source = {"computation": {"id": json.loads(answers[0])["id"]}}
            body = {"name": "n", "tags": [], "mount": "m", "source": source}
            answers.append(client.post("/data_assets", json=body).content)
            headers = {"Host": "codeocean.example.com"}
            path = f"/computations/{ids.PAST_RUN}/results/urls?path=output"
            answers.append(client.get(path, headers=headers).content)
        return answers

    first = story(7)
    assert story(7) == first
    assert not set(story(8)[::2]) & set(first[::2])


def test_runs_of_a_release(client: Client) -> None:
    started = run(client, capsule_id=ids.RELEASE)
    assert (started["owner"], started["version"]) == ("release", 1)
    assert "owner_email" not in started
    assert client.ask("GET", f"/computations/{started['id']}") == started
    viewer = client.speaking_as("cop_demo_viewer")
    viewer.ask("GET", f"/capsules/{ids.RELEASE}")
    viewer.ask("GET", f"/computations/{started['id']}", 404)
    assert viewer.ask("GET", f"/capsules/{ids.RELEASE}/computations") == []
    own = viewer.ask("POST", "/computations", json={"capsule_id": ids.RELEASE})["id"]
    listed = viewer.ask("GET", f"/capsules/{ids.RELEASE}/computations")
    assert [entry["id"] for entry in listed] == [own]
    client.speaking_as("cop_demo_admin").ask("GET", f"/computations/{own}")


def test_ids_are_the_same_in_upper_case(client: Client) -> None:
    assert client.ask("GET", f"/capsules/{ids.CAPSULE.upper()}")["id"] == ids.CAPSULE
    assert run(client, capsule_id=ids.CAPSULE.upper())["state"] == "initializing"


@pytest.mark.parametrize(("first", "second"), [("x", "x/"), ("/x", "x"), ("a//b", "a/b")])
def test_one_mount_written_in_two_ways(client: Client, first: str, second: str) -> None:
    twice = [{"id": ids.IRIS, "mount": first}, {"id": ids.MOUSE, "mount": second}]
    client.ask("POST", "/computations", 400, json={"capsule_id": ids.CAPSULE, "data_assets": twice})
    for nowhere in ("/", ".", "//"):
        wrong = [{"id": ids.IRIS, "mount": nowhere}]
        client.ask("POST", "/computations", 400, json={"capsule_id": ids.CAPSULE, "data_assets": wrong})


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ([("bogus", "x")], 'unknown parameter "bogus"'),
        ([("rows", "1"), ("rows", "2")], 'parameter "rows" is given twice'),
    ],
)
def test_parameters_that_the_panel_does_not_have(client: Client, named: list[tuple[str, str]], message: str) -> None:
    body = {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": k, "value": v} for k, v in named]}
    assert client.ask("POST", "/computations", 400, json=body)["message"] == message


def test_the_last_second_of_the_clock(start: Callable[..., Server], clock: HandClock) -> None:
    clock.now = 253_402_300_000.0
    with Client(start().url) as client:
        clock.advance(10**9)
        key = run(client, capsule_id=ids.CAPSULE)["id"]
        response = client.get(f"/computations/{key}")
        assert response.headers["date"] == "Fri, 31 Dec 9999 23:59:59 GMT"


def test_a_run_moves_last_accessed_once_a_minute(client: Client, clock: HandClock) -> None:
    seen = []
    for _ in range(4):
        run(client, capsule_id=ids.CAPSULE)
        seen.append(client.ask("GET", f"/capsules/{ids.CAPSULE}")["last_accessed"] - START)
        clock.advance(40)
    assert seen == [0, 0, 80, 80]
