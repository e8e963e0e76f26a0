"""The examples of the documentation pages of 2022 and 2024, as written, with domain and token changed.

Fields that were renamed since are looked for under today's names; `docs/fidelity.md` lists them.
"""

from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import Client, HandClock

CAPSULE_FIELDS = {"created", "id", "name", "owner", "slug", "status"}
CAPSULE_OPTIONAL = {"cloned_from_url", "description", "field", "tags", "release_capsule"}
"""`keywords` and `published_capsule` are `tags` and `release_capsule` since platform version 3.1."""

LISTED_RUN_FIELDS = {"created", "end_status", "has_results", "id", "name", "run_time", "state"}
STARTED_FIELDS = {"created", "has_results", "id", "name", "run_time", "state"}
ASSET_FIELDS = {"created", "description", "files", "id", "last_used", "name", "size", "state", "tags", "type"}
"""`lastUsed` and `sizeInBytes` stand in one example; all recorded answers have `last_used` and `size`."""


@pytest.fixture
def quoting(client: Client) -> Client:
    """A client that sends the token as the curl lines of the old pages do: with stray quotes."""
    other = client.speaking_as(None)
    other.auth = ("'cop_demo_user", "'")
    return other


def test_get_a_capsules_metadata(quoting: Client) -> None:
    capsule = quoting.ask("GET", f"/capsules/{ids.CAPSULE}", headers={"Content-Type": "application/json"})
    assert set(capsule) >= CAPSULE_FIELDS | CAPSULE_OPTIONAL
    assert capsule["created"] == 1646687025
    assert capsule["name"] == "Example capsule to execute for capsule API"
    assert (capsule["owner"], capsule["slug"]) == (ids.DEMO_USER, "1576467")


def test_list_a_capsules_computations(quoting: Client) -> None:
    runs = quoting.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    documented = [
        {
            "created": created,
            "end_status": "succeeded",
            "has_results": True,
            "id": key,
            "name": "Run 6689159",
            "run_time": 5,
            "state": "completed",
        }
        for created, key in ((1646690405, ids.PAST_RUN), (1646690326, "29fd468c-67f6-4e32-b29a-aa0f72ce5125"))
    ]
    assert [{key: run[key] for key in LISTED_RUN_FIELDS} for run in runs] == documented


def test_run_a_capsule(quoting: Client) -> None:
    started = quoting.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert set(started) >= STARTED_FIELDS
    by_heading = quoting.ask("POST", "/capsules/computations", json={"capsule_id": ids.CAPSULE, "parameters": ["1"]})
    assert set(by_heading) >= STARTED_FIELDS | {"parameters", "result_size"}


def test_create_from_a_computation(client: Client) -> None:
    asset = client.ask(
        "POST",
        "/data_assets",
        json={
            "name": "Data asset From API",
            "description": "An example for creating data asset from CO API",
            "mount": "some-folder",
            "tags": ["keyword1", "keyword2"],
            "source": {"computation": {"id": "some-computation-id"}},
        },
    )
    assert set(asset) >= ASSET_FIELDS
    assert asset["type"] == "result"


@pytest.mark.parametrize(
    "body",
    [
        {
            "name": "my dataset",
            "description": "a descriptive description",
            "mount": "mount",
            "tags": ["t1", "t2"],
            "source": {"aws": {"bucket": "MY_BUCKET", "prefix": "PREFIX"}},
        },
        {
            "name": "import public AWS bucket with dataset api",
            "description": "meaningful-c",
            "mount": "citations",
            "tags": ["citations"],
            "source": {
                "aws": {
                    "bucket": "ai2-public-datasets",
                    "prefix": "meaningful-citations",
                    "keep_on_external_storage": False,
                    "index_data": False,
                }
            },
        },
        {
            "name": "external dataset",
            "description": "an external dataset description",
            "mount": "default_mount",
            "tags": ["ex1", "ex2"],
            "source": {
                "aws": {
                    "access_key_id": "MY_ACCCESS_KEY",
                    "secret_access_key": "MY_SECRET",
                    "bucket": "MY_BUCKET",
                    "keep_on_external_storage": True,
                    "index_data": True,
                }
            },
        },
        {
            "name": "My External Data Asset",
            "description": "External Indexed Dataset From API",
            "mount": "external-indexed",
            "tags": ["t1", "t2"],
            "source": {
                "aws": {
                    "bucket": "codeocean-datasetapi-test-cs",
                    "keep_on_external_storage": True,
                    "index_data": True,
                    "access_key_id": "",
                    "secret_access_key": "",
                }
            },
        },
    ],
)
def test_create_from_a_bucket(quoting: Client, clock: HandClock, body: dict[str, Any]) -> None:
    asset = quoting.ask("POST", "/data_assets", json=body)
    assert set(asset) >= ASSET_FIELDS
    assert (asset["state"], asset["type"], asset["last_used"]) == ("draft", "dataset", 0)
    clock.advance(60)
    ready = quoting.ask("GET", f"/data_assets/{asset['id']}")
    assert ready["state"] == "ready"
    assert ready["files"] > 0


def test_get_a_data_asset(quoting: Client) -> None:
    assert set(quoting.ask("GET", f"/data_assets/{ids.IRIS}")) >= ASSET_FIELDS
    assert set(quoting.ask("GET", f"/data_assets/{ids.MY_DATASET}")) >= ASSET_FIELDS


def test_search_data_assets(quoting: Client) -> None:
    query = (
        "start=0&limit=10&sort_order=desc&sort_field=name&type=dataset&ownership=owner"
        "&favorite=false&archived=false&query=name:co+tag:x1"
    )
    page = quoting.ask("GET", f"/data_assets?{query}")
    documented = {
        "has_more": False,
        "results": [
            {
                "created": 1641473110,
                "description": "commoncrawl",
                "files": 24212276,
                "id": ids.COMMONCRAWL,
                "last_used": 0,
                "name": "commoncrawl",
                "size": 7184869799906702,
                "state": "ready",
                "tags": ["x1", "x2", "y1"],
                "type": "dataset",
            },
            {
                "created": 1641473217,
                "description": "codeocean datasets",
                "files": 554879,
                "id": ids.DATASETS,
                "last_used": 0,
                "name": "codeocean datasets",
                "size": 941697100208,
                "state": "ready",
                "tags": ["x1", "x2", "y1"],
                "type": "dataset",
            },
        ],
        "total": 2,
    }
    page["results"] = [{key: asset[key] for key in ASSET_FIELDS} for asset in page["results"]]
    assert page == documented


def test_update_a_data_assets_metadata(quoting: Client) -> None:
    body = {"name": "modified name", "description": "a new description", "tags": ["aaa", "bbb", "ccc"], "mount": "new"}
    updated = quoting.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json=body)
    documented = {
        "created": 1633277005,
        "description": "a new description",
        "files": 0,
        "id": ids.MY_DATASET,
        "last_used": 0,
        "name": "modified name",
        "size": 0,
        "state": "ready",
        "tags": ["aaa", "bbb", "ccc"],
        "type": "dataset",
    }
    assert {key: updated[key] for key in documented} == documented


def test_archive_and_delete_a_data_asset(client: Client) -> None:
    json_type = {"Content-Type": "application/json"}
    client.ask("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=true", 204, headers=json_type)
    client.ask("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=false", 204, headers=json_type)
    client.ask("DELETE", f"/data_assets/{ids.IRIS}", 204)


COMPUTATION_FIELDS = {
    "created", "name", "run_time", "cloud_workstation", "state", "end_status", "has_results",
    "parameters", "data_assets", "processes",
}  # fmt: skip


def test_the_computation_object(client: Client) -> None:
    run = client.ask("GET", f"/computations/{ids.PIPELINE_RUN}")
    assert set(run) >= COMPUTATION_FIELDS
    assert set(run["data_assets"][0]) == {"id", "mount"}
    [star] = [process for process in run["processes"] if process["name"] == "capsule_star_alignment_1"]
    # `public` is documented too; recorded answers leave it out unless it is true.
    assert set(star) >= {"name", "capsule_id", "parameters"}
    assert set(star["parameters"][0]) == {"name", "param_name", "value"}
    client.ask("GET", "/computations/8f174aed-64ce-43eb-9c16-64d25da84bda")


@pytest.mark.parametrize("run", [ids.FASTQC_RUN, "8f174aed-64ce-43eb-9c16-64d25da84bda"])
def test_result_file_download_url(client: Client, run: str) -> None:
    found = client.ask("GET", f"/computations/{run}/results/download_url?path=GSM12345_R1_fastqc.html")
    assert "<title>FastQC report</title>" in httpx.get(found["url"]).text


def test_delete_a_computation(client: Client) -> None:
    client.ask("DELETE", f"/computations/{ids.PIPELINE_RUN}", 204)
    client.ask("GET", f"/computations/{ids.PIPELINE_RUN}", 404)


FIFTEEN = ["75", "1", "HS25", "SingleEnded", "", "", "1", "", "", "", "", "", "", "False", "False"]
REFERENCE = [{"id": ids.REFERENCE, "mount": "Reference"}]
PYTHON_REFERENCE = [{"id": "1az0c240-1a9z-192b-pa4c-22bac5ffa17b", "mount": "Reference"}]
STAR = {"name": "capsule_star_alignment_1", "parameters": ["1", "_R1_fastq.gz", "R2_fastq.gz"]}
BWA = {"name": "capsule_bwa_alignment_5", "named_parameters": [{"param_name": "NumThreads", "value": "2"}]}


@pytest.mark.parametrize(
    "body",
    [
        {"capsule_id": ids.PIPELINE},
        {"pipeline_id": ids.PIPELINE},
        {"capsule_id": ids.ORDERED, "data_assets": REFERENCE, "parameters": FIFTEEN},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "parameters": FIFTEEN[:4]},
        {
            "capsule_id": ids.NAMED_PIPELINE,
            "data_assets": [{"id": ids.MOUSE, "mount": "Reference"}],
            "named_parameters": [
                {"param_name": "NumberOfThreads", "value": "1"},
                {"param_name": "NumberOfFiles", "value": "10"},
            ],
        },
        {"pipeline_id": ids.RNA_PIPELINE, "data_assets": REFERENCE},
        {"pipeline_id": ids.NAMED_PIPELINE, "data_assets": REFERENCE},
        {"pipeline_id": ids.BOTH_PIPELINE, "data_assets": REFERENCE},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "processes": [STAR]},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "processes": [BWA, STAR]},
    ],
)
def test_runs(client: Client, clock: HandClock, body: dict[str, Any]) -> None:
    started = client.ask("POST", "/computations", json=body)
    assert set(started) >= STARTED_FIELDS
    assert started["data_assets"] == body["data_assets"] if "data_assets" in body else True
    clock.advance(60)
    assert client.ask("GET", f"/computations/{started['id']}")["end_status"] == "succeeded"
