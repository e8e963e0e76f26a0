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

SEARCHES = re.findall(r"^\| `(\{.*\})` \| (\d+) \|$", section("demo.md", "What can be found"), re.MULTILINE)
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
