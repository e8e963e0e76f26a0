"""What `docs/demo.md` says of the demo world is so."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.docs.pages import blocks, section
from tests.docs.test_examples import SERVER, python
from tests.process import started

SEARCHES = re.findall(r"^\| `(\{.*\})` \| (\d+) \|$", section("demo.md", "Searches to try"), re.MULTILINE)
IDS = re.findall(r"^\| `(\S+)` \|", section("demo.md", "The study"), re.MULTILINE)
KINDS = ("capsules", "pipelines", "data_assets", "computations")


def test_the_example_follows_its_inputs() -> None:
    [code] = blocks("demo.md", "python")
    with started("--in-memory", "--time-scale", "1000") as server:
        assert python(code.replace(SERVER, server.url)) == "721880 10.0 3\n"


@pytest.mark.parametrize(("search", "number"), SEARCHES)
def test_a_search_finds_as_many(client: Client, search: str, number: str) -> None:
    found = client.ask("POST", "/data_assets/search", json=json.loads(search) | {"limit": 1000})["results"]
    assert len(found) == int(number)


def test_there_are_searches() -> None:
    assert len(SEARCHES) == 8


@pytest.mark.parametrize("key", IDS)
def test_an_id_leads_to_something(client: Client, key: str) -> None:
    statuses = [client.get(f"/{kind}/{key}").status_code for kind in KINDS]
    assert 200 in statuses


def test_the_run_that_was_out_of_memory_says_so(client: Client) -> None:
    run = client.ask("GET", f"/computations/{IDS[-1]}")
    assert (run["end_status"], run["exit_code"]) == ("failed", 137)


def generations(client: Client, key: str) -> Iterator[str]:
    """The data assets from which one was made, and theirs, the nearest first."""
    for source in client.ask("GET", f"/data_assets/{key}").get("provenance", {}).get("data_assets", ()):
        yield source
        yield from generations(client, source)


def test_the_summary_goes_back_to_the_raw_sessions(client: Client) -> None:
    summary = IDS[-2]
    behind = set(generations(client, summary))
    assert len(behind) == 28
    assert len([key for key in behind if key.startswith("5e552026")]) == 14


def test_the_story_makes_sense_in_time(client: Client, server: Server) -> None:
    """Runs come after their inputs, captures after their runs, and all of them after the capsules."""
    created = {}
    for kind in ("data_assets", "capsules", "pipelines"):
        for entry in client.ask("POST", f"/{kind}/search", json={"limit": 1000})["results"]:
            created[entry["id"]] = entry["created"]
            source = entry.get("provenance", {}).get("computation", "")
            if source.startswith("c0de2026"):
                run = client.ask("GET", f"/computations/{source}")
                assert entry["created"] > run["created"] + run["run_time"], entry["name"]
    for capsule, kind in (
        (ids.SESSION_QC, "capsules"),
        (ids.STUDY_SUMMARY, "capsules"),
        (ids.SORTING_PIPELINE, "pipelines"),
    ):
        for run in client.ask("GET", f"/{kind}/{capsule}/computations"):
            assert run["created"] > max(created[capsule], *(created[one["id"]] for one in run["data_assets"])), run[
                "name"
            ]


def test_the_numbers_of_the_story_agree(client: Client, clock: HandClock) -> None:
    """A session that passed has a report that says so, and as many units are counted as the sorting found."""
    raw = client.ask("POST", "/data_assets/search", json={"limit": 100, "query": "tag:raw", "type": "dataset"})[
        "results"
    ]
    verdicts = {
        entry["id"]: entry["custom_metadata"]["QC verdict"] for entry in raw if "genotype" in entry["custom_metadata"]
    }
    assert len(verdicts) == 15
    for run in client.ask("GET", f"/capsules/{ids.SESSION_QC}/computations"):
        if run["end_status"] == "succeeded" and not run.get("parameters"):
            mounted = run["data_assets"][0]
            url = client.ask("GET", f"/computations/{run['id']}/results/urls?path={mounted['mount']}/qc.json")
            quality = httpx.get(url["download_url"]).json()
            passes = all(p["drift_um"] <= 30 and p["noise_uv"] <= 12 for p in quality["probes"])
            assert verdicts[mounted["id"]] == ("pass" if passes else "fail"), run["name"]
    counted = client.ask(
        "POST", "/data_assets/search", json={"limit": 100, "filters": [{"key": "unit count", "range": {"min": 1}}]}
    )
    assert len(counted["results"]) == 16
    for entry in counted["results"]:
        raw_name = entry["name"].split("_sorted_")[0]
        url = client.ask("GET", f"/data_assets/{entry['id']}/files/urls?path={raw_name}/units.csv")
        table = httpx.get(url["download_url"]).text.splitlines()
        assert len(table) == entry["custom_metadata"]["unit count"] + 1


STORY = [f"ca952026-0000-4000-8000-{number:012d}" for number in range(1, 9)]
SESSION = "ecephys_716207_2026-05-11_11-04-00"
SESSION_ID = "5e552026-0000-4000-8000-000000000007"


def paths(client: Client, run: str) -> Iterator[str]:
    """The paths of all result files."""
    folders = [""]
    while folders:
        for item in client.ask("POST", f"/computations/{run}/results", json={"path": folders.pop()})["items"]:
            if item["type"] == "folder":
                folders.append(item["path"])
            else:
                yield item["path"]


def text(client: Client, run: str, path: str) -> str:
    """The text of a result file."""
    url = client.ask("GET", f"/computations/{run}/results/urls", params={"path": path})["download_url"]
    return httpx.get(url).text


def ended(client: Client, clock: HandClock, capsule: str, **more: object) -> str:
    """A run that has succeeded."""
    key = "pipeline_id" if capsule == ids.SORTING_PIPELINE else "capsule_id"
    run = client.ask("POST", "/computations", json={key: capsule, **more})["id"]
    clock.advance(3600)
    shown = client.ask("GET", f"/computations/{run}")
    assert shown["end_status"] == "succeeded", text(client, run, "output")
    return str(run)


@pytest.mark.parametrize("capsule", STORY)
def test_whatever_is_started_by_its_form_succeeds(client: Client, clock: HandClock, capsule: str) -> None:
    ended(client, clock, capsule)


@pytest.mark.parametrize("capsule", [*STORY[:3], STORY[5], STORY[7]])
def test_a_run_on_a_session_leaves_results_with_its_name(client: Client, clock: HandClock, capsule: str) -> None:
    run = ended(client, clock, capsule, data_assets=[{"id": SESSION_ID, "mount": SESSION}])
    own = [path for path in paths(client, run) if path.split("/")[0] not in ("output", "nextflow")]
    assert own
    assert all(SESSION in path for path in own)
    assert SESSION in text(client, run, "output")


def test_a_session_that_is_chosen_in_the_form_is_the_one_of_the_report(client: Client, clock: HandClock) -> None:
    chosen = [{"param_name": "session", "value": SESSION}]
    run = ended(client, clock, ids.SESSION_QC, named_parameters=chosen)
    report = text(client, run, f"{SESSION}/report.html")
    assert f"<b>{SESSION}</b><br>Subject 716207, recorded on 2026-05-11." in report
    assert report.count("<rect ") == 3


def test_other_parameters_give_other_results(client: Client, clock: HandClock) -> None:
    strict = [{"param_name": "max_drift_um", "value": "1"}, {"param_name": "probes", "value": "probeA, probeD"}]
    run = ended(client, clock, ids.SESSION_QC, named_parameters=[*strict, {"param_name": "session", "value": SESSION}])
    report = text(client, run, f"{SESSION}/report.html")
    assert "of 2 probes failed.</b>" in report
    assert "WARNING drift exceeds 1 um" in text(client, run, "output")
    counts = []
    for threshold in ("4", "12"):
        process = {
            "name": "capsule_sort_spikes_2",
            "named_parameters": [{"param_name": "threshold", "value": threshold}],
        }
        mounted = [{"id": SESSION_ID, "mount": SESSION}]
        run = ended(client, clock, ids.SORTING_PIPELINE, data_assets=mounted, processes=[process])
        counts.append(len(text(client, run, f"{SESSION}/units.csv").splitlines()))
    assert counts[0] > counts[1] > 3


def test_looking_at_a_session_again_finds_what_was_found(client: Client, clock: HandClock) -> None:
    """In a world of any seed: the past is the same in all of them."""
    past = next(
        run
        for run in client.ask("GET", f"/capsules/{ids.SESSION_QC}/computations")
        if run["end_status"] == "succeeded" and run["data_assets"] and run["data_assets"][0]["id"] == SESSION_ID
    )
    mounted = [{"id": SESSION_ID, "mount": SESSION}]
    again = ended(client, clock, ids.SESSION_QC, data_assets=mounted)
    assert text(client, again, f"{SESSION}/qc.json") == text(client, past["id"], f"{SESSION}/qc.json")


def test_what_comes_first_in_the_lists_is_the_story(client: Client) -> None:
    """As many as the dashboard shows on a page."""
    found = client.ask("POST", "/data_assets/search", json={"limit": 50})["results"]
    assert not {"my dataset", "commoncrawl"} & {entry["name"] for entry in found}
    assert all("contrast-detection" in entry["tags"] for entry in found[:45])
