"""Data assets over HTTP: made from runs, buckets and each other; read, changed, searched, deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import START, Client, HandClock, Server

MADE = 60


def create(client: Client, status: int = 200, **fields: Any) -> Any:
    return client.ask("POST", "/data_assets", status, json={"name": "new", "tags": ["t"], "mount": "new"} | fields)


def bucket(**fields: Any) -> dict[str, Any]:
    return {"aws": {"bucket": "MY_BUCKET", "prefix": "PREFIX"} | fields}


def names(listing: Any) -> list[str]:
    return [item["name"] for item in listing["items"]]


def test_a_whole_result_becomes_a_data_asset(client: Client, clock: HandClock) -> None:
    run = client.ask(
        "POST",
        "/computations",
        json={
            "capsule_id": ids.CAPSULE,
            "data_assets": [{"id": ids.IRIS}],
            "named_parameters": [{"param_name": "rows", "value": "5"}],
        },
    )
    clock.advance(MADE)
    made = create(
        client, source={"computation": {"id": run["id"]}}, description="captured", custom_metadata={"sampling rate": 1}
    )
    assert (made["state"], made["type"], made["files"], made["size"]) == ("draft", "result", 0, 0)
    assert "source_bucket" not in made
    clock.advance(MADE)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert ready["state"] == "ready"
    assert ready["custom_metadata"] == {"sampling rate": 1}
    assert ready["app_parameters"] == [{"name": "rows", "value": "5"}, {"name": "label", "value": "demo"}]
    provenance = ready["provenance"]
    assert (provenance["capsule"], provenance["computation"]) == (ids.CAPSULE, run["id"])
    assert provenance["data_assets"] == [ids.IRIS]
    assert provenance["run_script"] == "code/run"
    assert len(provenance["commit"]) == 40
    listing = client.ask("POST", f"/data_assets/{made['id']}/files", json={"path": ""})
    assert names(listing) == ["figures", "output", "table.csv"]
    results = client.ask("POST", f"/computations/{run['id']}/results", json={"path": ""})
    assert listing == results
    assert ready["files"] == 3
    # What was captured outlives the run.
    client.ask("DELETE", f"/computations/{run['id']}", 204)
    assert client.ask("POST", f"/data_assets/{made['id']}/files", json={"path": ""}) == listing
    url = client.ask("GET", f"/data_assets/{made['id']}/files/urls", params={"path": "table.csv"})["download_url"]
    assert httpx.get(url).text.startswith("row,value\n")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("figures", ["overview.svg"]), ("/figures/", ["overview.svg"]), ("table.csv", ["table.csv"])],
)
def test_a_part_of_a_result(client: Client, clock: HandClock, path: str, expected: list[str]) -> None:
    made = create(client, source={"computation": {"id": ids.PAST_RUN, "path": path}})
    clock.advance(MADE)
    assert names(client.ask("POST", f"/data_assets/{made['id']}/files")) == expected


def test_a_pipelines_result_has_no_docker_image(client: Client) -> None:
    made = create(client, source={"computation": {"id": ids.PIPELINE_RUN}})
    assert made["provenance"]["docker_image"] == ""


def test_what_cannot_be_captured(client: Client, clock: HandClock) -> None:
    running = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    create(client, 400, source={"computation": {"id": running}})
    silent = client.ask("POST", "/computations", json={"capsule_id": ids.SILENT})["id"]
    clock.advance(MADE)
    create(client, 400, source={"computation": {"id": silent}})
    create(client, 400, source={"computation": {"id": ids.PAST_RUN, "path": "nowhere"}})
    create(client, 400, source={"computation": {"id": ids.PAST_RUN, "path": "../other"}})
    create(client, 400, source={"computation": {"id": ids.NOBODYS}})


def test_from_a_declared_bucket(client: Client, clock: HandClock) -> None:
    made = create(client, source=bucket())
    clock.advance(MADE)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert (ready["state"], ready["type"], ready["files"]) == ("ready", "dataset", 2)
    assert ready["source_bucket"] == {"bucket": "MY_BUCKET", "external": False, "origin": "aws", "prefix": "PREFIX"}
    assert names(client.ask("POST", f"/data_assets/{made['id']}/files")) == ["images", "measurements.csv"]


def test_from_a_bucket_that_nobody_declared(client: Client, clock: HandClock) -> None:
    made = [create(client, source=bucket(bucket="lab-7", prefix=p))["id"] for p in ("a", "a", "b")]
    clock.advance(MADE)
    listings = [client.ask("POST", f"/data_assets/{key}/files") for key in made]
    assert listings[0] == listings[1] != listings[2]
    ready = client.ask("GET", f"/data_assets/{made[0]}")
    assert ready["files"] == len(listings[0]["items"])
    assert ready["size"] == sum(item["size"] for item in listings[0]["items"])


def test_unknown_buckets_can_be_made_to_fail(start: Callable[..., Server], clock: HandClock) -> None:
    with Client(start(unknown_buckets="fail").url) as client:
        made = create(client, source=bucket(bucket="lab-7"))
        assert made["state"] == "draft"
        clock.advance(MADE)
        failed = client.ask("GET", f"/data_assets/{made['id']}")
        assert (failed["state"], failed["failure_reason"]) == ("failed", "bucket lab-7 does not exist")
        assert client.ask("POST", f"/data_assets/{made['id']}/files") == {"items": []}
        used = {"capsule_id": ids.CAPSULE, "data_assets": [{"id": made["id"]}]}
        assert "failed" in client.ask("POST", "/computations", 400, json=used)["message"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (bucket(prefix="nothing-here"), 'no files found in bucket MY_BUCKET under "nothing-here"'),
        (bucket(bucket="codeocean-datasetapi-test-cs", prefix="", public=True), "is not public"),
    ],
)
def test_a_bucket_that_gives_nothing(client: Client, clock: HandClock, source: dict[str, Any], reason: str) -> None:
    made = create(client, source=source)
    clock.advance(MADE)
    failed = client.ask("GET", f"/data_assets/{made['id']}")
    assert failed["state"] == "failed"
    assert reason in failed["failure_reason"]


def test_an_external_data_asset_keeps_its_files_where_they_are(client: Client, clock: HandClock) -> None:
    made = create(client, source=bucket(keep_on_external_storage=True, index_data=True, access_key_id="k"))
    clock.advance(MADE)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert ready["source_bucket"]["external"] is True
    for method, path, more in (
        ("POST", "files", {"json": {"path": ""}}),
        ("GET", "files/urls", {"params": {"path": "measurements.csv"}}),
    ):
        refused = client.ask(method, f"/data_assets/{made['id']}/{path}", 400, **more)
        assert "aws bucket MY_BUCKET" in refused["message"]


def test_a_google_bucket(client: Client) -> None:
    made = create(client, source={"gcp": {"bucket": "genomes", "prefix": "p", "client_id": "i"}})
    assert made["source_bucket"] == {"bucket": "genomes", "external": True, "origin": "gcp", "prefix": "p"}


def test_combined(client: Client, clock: HandClock) -> None:
    made = create(client, data_asset_ids=[ids.IMAGING, ids.BEHAVIOR])
    assert "files" not in made
    clock.advance(MADE)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert (ready["type"], ready["size"]) == ("combined", 96000000000 + 41000000000)
    assert [part["mount"] for part in ready["contained_data_assets"]] == ["imaging", "behavior"]
    create(client, 400, data_asset_ids=[ids.IMAGING])
    create(client, 400, data_asset_ids=[ids.IMAGING, ids.IMAGING])
    create(client, 400, data_asset_ids=[ids.IMAGING, ids.IRIS])
    create(client, 400, data_asset_ids=[ids.IMAGING, ids.NOBODYS])
    create(client, 400, data_asset_ids=[ids.IMAGING, ids.BEHAVIOR], source=bucket())


def test_petabytes_are_listed_and_read_without_being_there(client: Client) -> None:
    asset = client.ask("GET", f"/data_assets/{ids.COMMONCRAWL}")
    assert (asset["files"], asset["size"]) == (24212276, 7184869799906702)
    path = ""
    for _ in range(10):
        items = client.ask("POST", f"/data_assets/{ids.COMMONCRAWL}/files", json={"path": path})["items"]
        last = items[-1]
        path = last["path"]
        if last["type"] == "file":
            break
    url = client.ask("GET", f"/data_assets/{ids.COMMONCRAWL}/files/urls", params={"path": path})["download_url"]
    answer = httpx.get(url, headers={"Range": "bytes=1000000-1000099"})
    assert answer.status_code == 206
    assert len(answer.content) == 100
    assert httpx.get(url, headers={"Range": "bytes=1000050-1000059"}).content == answer.content[50:60]


def test_update_changes_what_is_named_and_keeps_the_rest(client: Client) -> None:
    before = client.ask("GET", f"/data_assets/{ids.IRIS}")
    null = {"name": None, "description": None, "tags": None, "mount": None, "custom_metadata": None}
    assert client.ask("PUT", f"/data_assets/{ids.IRIS}", json=null) == before
    assert client.ask("PUT", f"/data_assets/{ids.IRIS}", json={"name": "Ïris"}) == before | {"name": "Ïris"}
    changed = {
        "name": "n",
        "description": "d",
        "tags": ["a", "b"],
        "mount": "m",
        "custom_metadata": {"modalities": ["z"], "sampling rate": 1.5},
    }
    after = client.ask("PUT", f"/data_assets/{ids.IRIS}", json=changed)
    assert after == before | changed
    assert client.ask("GET", f"/data_assets/{ids.IRIS}") == after


def test_archive_hides_and_shows(client: Client) -> None:
    def found(**params: object) -> set[str]:
        body = {"limit": 1000} | params
        return {asset["id"] for asset in client.ask("POST", "/data_assets/search", json=body)["results"]}

    assert ids.IRIS in found()
    assert found(archived=True) == {ids.ARCHIVED}
    client.ask("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=True", 204)
    assert ids.IRIS not in found(archived=False)
    assert found(archived=True) == {ids.ARCHIVED, ids.IRIS}
    client.ask("GET", f"/data_assets/{ids.IRIS}")
    client.ask("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=false", 204)
    assert ids.IRIS in found()


def test_delete(client: Client, clock: HandClock) -> None:
    client.ask("DELETE", f"/data_assets/{ids.MY_DATASET}", 204)
    client.ask("GET", f"/data_assets/{ids.MY_DATASET}", 404)
    attached = client.ask("DELETE", f"/data_assets/{ids.ATTACHED}", 403)
    assert attached["datasets"] == [{"id": ids.ATTACHED, "name": "Default reference"}]
    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}]})
    client.ask("DELETE", f"/data_assets/{ids.IRIS}", 403)
    clock.advance(MADE)
    client.ask("DELETE", f"/data_assets/{ids.IRIS}", 204)


def test_a_run_is_refused_a_draft(client: Client) -> None:
    made = create(client, source=bucket())
    body = {"capsule_id": ids.CAPSULE, "data_assets": [{"id": made["id"]}]}
    assert "draft" in client.ask("POST", "/computations", 400, json=body)["message"]


def test_creation_time_is_the_worlds(client: Client) -> None:
    assert create(client, source=bucket())["created"] == START


def test_what_cannot_be_combined(client: Client, start: Callable[..., Server], clock: HandClock) -> None:
    combined = create(client, data_asset_ids=[ids.IMAGING, ids.BEHAVIOR], mount="both")
    draft = create(client, source=bucket(keep_on_external_storage=True))
    assert "draft" in create(client, 400, data_asset_ids=[ids.IMAGING, draft["id"]])["message"]
    clock.advance(MADE)
    create(client, 400, data_asset_ids=[ids.IMAGING, combined["id"]])
    create(client, data_asset_ids=[ids.IMAGING, draft["id"]])


def test_without_tags_there_is_no_list(client: Client) -> None:
    assert "tags" not in create(client, source=bucket(), tags=[])


def test_a_removed_database_is_noticed(start: Callable[..., Server], tmp_path: Path) -> None:
    with Client(start(data_dir=tmp_path).url) as client:
        create(client, source=bucket())
        (tmp_path / "default.sqlite").unlink()
        assert "removed" in create(client, 503, source=bucket())["message"]


def test_one_message_for_a_value_of_no_type(client: Client) -> None:
    message = create(client, 400, source=bucket(), custom_metadata={"a": {"b": 1}})["message"]
    assert "custom_metadata.a: " in message
    assert "true or false" in message


def test_a_result_that_is_kept_in_a_bucket(client: Client, clock: HandClock) -> None:
    target = {"aws": {"bucket": "results", "prefix": "mine/"}}
    made = create(client, source={"computation": {"id": ids.PAST_RUN}}, target=target)
    clock.advance(MADE)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert ready["type"] == "result"
    assert ready["provenance"]["computation"] == ids.PAST_RUN
    assert ready["source_bucket"] == {"bucket": "results", "external": True, "origin": "aws", "prefix": "mine"}
    client.ask("POST", f"/data_assets/{made['id']}/files", 400)
    create(client, 400, source=bucket(), target=target)


def test_the_lineage_of_files_in_a_bucket(client: Client) -> None:
    info = {
        "capsule_id": ids.CAPSULE,
        "commit": "abc",
        "run_script": "code/run",
        "data_assets": [ids.IRIS],
        "parameters": [{"param_name": "rows", "value": "3"}],
        "nextflow_profile": "test",
    }
    made = create(client, source=bucket(), results_info=info)
    assert made["type"] == "result"
    assert made["provenance"] == {
        "capsule": ids.CAPSULE,
        "commit": "abc",
        "data_assets": [ids.IRIS],
        "run_script": "code/run",
    }
    assert made["app_parameters"] == [{"name": "rows", "value": "3"}]
    assert made["nextflow_profile"] == "test"
    create(client, 400, source=bucket(), results_info={"commit": "abc"})
    create(client, 400, source=bucket(), results_info=5)


def test_the_deployments_own_bucket(client: Client) -> None:
    create(client, 403, source=bucket(use_input_bucket=True))
    made = create(client.speaking_as("cop_demo_admin"), source=bucket(use_input_bucket=True, prefix="p"))
    assert made["source_bucket"]["bucket"] == "codeocean-input"
