"""Captures into buckets, lineage of files from elsewhere, folders of cloud workstations, and transfers."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import ids
from tests.conftest import START, Client, HandClock, Server

BUCKET = {"aws": {"bucket": "MY_BUCKET", "prefix": "kept/here"}}
MISSING = {"aws": {"bucket": "nobody-has-it"}}

RELEASED = """
version: 1
users:
  - {id: u1, email: a@b, name: A, admin: true}
tokens:
  - {token: cop_mine, user: a@b}
data_assets:
  - {id: d1, name: D, mount: d, owner: a@b, created: 1, files: [{path: a, text: b}]}
capsules:
  - {id: c1, slug: "1000001", name: C, owner: a@b, created: 1}
pipelines:
  - id: p1
    slug: "1000002"
    name: P
    owner: a@b
    created: 1
    status: release
    versions: [{major_version: 1, minor_version: 0, release_time: 1}]
    data_assets: [{id: d1, mount: d}]
"""


@pytest.fixture
def admin(client: Client) -> Client:
    return client.speaking_as("cop_demo_admin")


def created(client: Client, status: int = 200, **params: object) -> Any:
    return client.ask("POST", "/data_assets", status, json={"name": "n", "mount": "m", "tags": []} | params)


def shown(client: Client, clock: HandClock, key: str) -> Any:
    clock.advance(60)
    return client.ask("GET", f"/data_assets/{key}")


def test_a_capture_into_a_bucket(client: Client, clock: HandClock) -> None:
    made = created(client, source={"computation": {"id": ids.PAST_RUN}}, target=BUCKET)
    found = shown(client, clock, made["id"])
    assert (found["state"], found["type"], found["source_bucket"]) == (
        "ready", "result", {"origin": "aws", "bucket": "MY_BUCKET", "prefix": "kept/here", "external": True},
    )  # fmt: skip
    assert found["provenance"]["computation"] == ids.PAST_RUN
    refused = client.ask("POST", f"/data_assets/{made['id']}/files", 400, json={"path": ""})
    assert "MY_BUCKET" in refused["message"]


def test_a_capture_into_a_bucket_that_is_not_there(start: Callable[..., Server], clock: HandClock) -> None:
    with Client(start(unknown_buckets="fail").url) as client:
        made = created(client, source={"computation": {"id": ids.PAST_RUN}}, target=MISSING)
        found = shown(client, clock, made["id"])
        assert (found["state"], found["failure_reason"]) == ("failed", "bucket nobody-has-it does not exist")


def test_a_target_that_names_nothing(client: Client, clock: HandClock) -> None:
    made = created(client, source={"computation": {"id": ids.PAST_RUN}}, target={})
    assert "source_bucket" not in shown(client, clock, made["id"])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"source": BUCKET, "target": BUCKET}, "target goes with source.computation alone"),
        ({"target": BUCKET}, "target goes with source.computation alone"),
        (
            {"source": {"computation": {"id": ids.PAST_RUN}}, "results_info": {"capsule_id": "c"}},
            "results_info goes with a bucket alone",
        ),
        (
            {"source": BUCKET, "results_info": {"commit": "c"}},
            "results_info needs exactly one of capsule_id and pipeline_id",
        ),
        (
            {"source": BUCKET, "results_info": {"capsule_id": "c", "pipeline_id": "p"}},
            "results_info needs exactly one of capsule_id and pipeline_id",
        ),
        ({"source": {"cloud_workstation": {"id": ids.PAST_RUN, "path": "a"}}}, "is not a cloud workstation"),
        ({"source": {"cloud_workstation": {"id": ids.WORKSTATION, "path": "none"}}}, 'has nothing at "none"'),
        ({"source": {"aws": {"bucket": "b"}, "gcp": {"bucket": "b"}}}, "source needs exactly one of"),
        ({"source": {"aws": None}}, "source needs exactly one of"),
        ({"source": {}}, "source or data_asset_ids is required"),
        ({"source": BUCKET, "data_asset_ids": [ids.IMAGING]}, "exclude each other"),
        ({"data_asset_ids": [ids.IMAGING, ids.IRIS]}, "is not external"),
        ({"data_asset_ids": [ids.IMAGING, ids.IMAGING]}, "at least two"),
    ],
    ids=str,
)
def test_sources_that_make_no_sense(client: Client, params: dict[str, Any], message: str) -> None:
    assert message in created(client, 400, **params)["message"]


def test_files_of_a_run_elsewhere(client: Client, clock: HandClock) -> None:
    info = {
        "pipeline_id": "p", "commit": "abc", "run_script": "main.nf", "data_assets": ["x"], "nextflow_profile": "test",
        "parameters": [{"param_name": "rows", "value": "5"}, {"name": "Label"}],
    }  # fmt: skip
    found = shown(client, clock, created(client, source={"aws": {"bucket": "b"}}, results_info=info)["id"])
    assert found["type"] == "result"
    assert found["provenance"] == {"capsule": "p", "commit": "abc", "data_assets": ["x"], "run_script": "main.nf"}
    assert found["app_parameters"] == [{"name": "rows", "value": "5"}, {"name": "Label", "value": ""}]
    assert found["nextflow_profile"] == "test"


@pytest.mark.parametrize("script", [None, "code/prepare"])
def test_a_folder_of_a_cloud_workstation(client: Client, clock: HandClock, script: str | None) -> None:
    client.ask("POST", f"/computations/{ids.WORKSTATION}/data_assets", json=[{"id": ids.IRIS}])
    source = {"cloud_workstation": {"id": ids.WORKSTATION, "path": "scratch", "run_script": script}}
    made = created(client, source=source)
    found = shown(client, clock, made["id"])
    listing = client.ask("POST", f"/data_assets/{made['id']}/files", json={"path": ""})
    assert [item["name"] for item in listing["items"]] == ["notes.txt", "table.csv"]
    if script is None:
        assert (found["type"], "provenance" in found) == ("dataset", False)
    else:
        assert (found["type"], found["provenance"]["run_script"]) == ("result", script)
        assert found["provenance"]["data_assets"] == [ids.IRIS]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/root/capsule/results/scratch", ["notes.txt", "table.csv"]),
        ("/root/capsule/results/scratch/table.csv", ["table.csv"]),
        ("/results/scratch/", ["notes.txt", "table.csv"]),
        ("/root/capsule/scratch", ["notes.txt", "table.csv"]),
        ("/scratch", ["notes.txt", "table.csv"]),
        ("/root/capsule/results", ["scratch"]),
        ("scratch", ["notes.txt", "table.csv"]),
    ],
)
def test_a_cloud_workstation_is_captured_by_an_absolute_path(
    client: Client, clock: HandClock, path: str, names: list[str]
) -> None:
    made = created(client, source={"cloud_workstation": {"id": ids.WORKSTATION, "path": path}})
    shown(client, clock, made["id"])
    listing = client.ask("POST", f"/data_assets/{made['id']}/files", json={"path": ""})
    assert [item["name"] for item in listing["items"]] == names


@pytest.mark.parametrize("path", ["/root/capsule/results/none", "/root/scratch", "/home/scratch", "results-2/scratch"])
def test_a_cloud_workstation_has_nothing_elsewhere(client: Client, path: str) -> None:
    refused = created(client, 400, source={"cloud_workstation": {"id": ids.WORKSTATION, "path": path}})
    assert refused["message"] == f'the cloud workstation has nothing at "{path}"'


def test_a_target_is_ignored_with_a_cloud_workstation(client: Client, clock: HandClock) -> None:
    source = {"cloud_workstation": {"id": ids.WORKSTATION, "path": "scratch", "run_script": "code/run"}}
    found = shown(client, clock, created(client, source=source, target=BUCKET)["id"])
    assert (found["state"], found["type"], "source_bucket" in found) == ("ready", "result", False)
    assert client.ask("POST", f"/data_assets/{found['id']}/files", json={"path": ""})["items"]


def test_a_pipelines_profile_is_kept(client: Client, clock: HandClock) -> None:
    run = client.ask("POST", "/computations", json={"pipeline_id": ids.PIPELINE, "nextflow_profile": "test"})["id"]
    refused = created(client, 400, source={"computation": {"id": run}})["message"]
    assert refused == f"computation {run} has not completed"
    clock.advance(60)
    found = shown(client, clock, created(client, source={"computation": {"id": run}})["id"])
    assert (found["nextflow_profile"], found["provenance"]["docker_image"]) == ("test", "")


def test_a_transfer(client: Client, admin: Client, clock: HandClock) -> None:
    before = client.ask("GET", f"/data_assets/{ids.IRIS}")
    admin.ask("POST", f"/data_assets/{ids.IRIS}/transfer", 204, json={"target": BUCKET})
    after = client.ask("GET", f"/data_assets/{ids.IRIS}")
    assert (after["last_transferred"], after["source_bucket"]["prefix"]) == (START, "kept/here")
    assert {key: after[key] for key in ("files", "size", "state")} == {
        key: before[key] for key in ("files", "size", "state")
    }
    client.ask("POST", f"/data_assets/{ids.IRIS}/files", 400, json={"path": ""})


def test_a_transfer_to_a_bucket_that_is_not_there(start: Callable[..., Server]) -> None:
    with Client(start(unknown_buckets="fail").url, "cop_demo_admin") as admin:
        before = admin.ask("GET", f"/data_assets/{ids.IRIS}")
        admin.ask("POST", f"/data_assets/{ids.IRIS}/transfer", 204, json={"target": MISSING})
        failed = admin.ask("GET", f"/data_assets/{ids.IRIS}")
        assert failed == before | {"transfer_error": "bucket nobody-has-it does not exist"}
        admin.ask("POST", f"/data_assets/{ids.IRIS}/transfer", 204, json={"target": BUCKET})
        assert "transfer_error" not in admin.ask("GET", f"/data_assets/{ids.IRIS}")


def test_who_and_what_cannot_be_transferred(client: Client, admin: Client) -> None:
    draft = created(admin, source=BUCKET)["id"]
    target = {"target": BUCKET}
    assert "admins" in client.ask("POST", f"/data_assets/{ids.IRIS}/transfer", 403, json=target)["message"]
    told = admin.ask("POST", f"/data_assets/{ids.IRIS}/transfer", 400, json={"target": {}})
    assert told["message"] == "target.aws is required"
    assert "not ready" in admin.ask("POST", f"/data_assets/{draft}/transfer", 400, json=target)["message"]
    both = created(admin, data_asset_ids=[ids.IMAGING, ids.BEHAVIOR])["id"]
    admin.ask("POST", f"/data_assets/{both}/transfer", 400, json=target)


def test_a_released_pipeline_holds_its_data_asset(start: Callable[..., Server], tmp_path: Any) -> None:
    seed = tmp_path / "own.yaml"
    seed.write_text(RELEASED)
    with Client(start(seed=str(seed)).url, "cop_mine") as admin:
        refused = admin.ask("POST", "/data_assets/d1/transfer", 403, json={"target": BUCKET})
        assert refused["datasets"] == [{"id": "d1", "name": "D"}]
        admin.ask("POST", "/data_assets/d1/transfer", 204, json={"target": BUCKET, "force": True})
