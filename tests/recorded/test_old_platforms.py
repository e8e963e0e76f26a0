"""Fields by platform version, as recorded answers of 2024 show them."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from mock_server.api import openapi, routers
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import Version, platform_version
from tests import ids
from tests.conftest import Client, Server

Start = Callable[..., Server]

GOING = {"created", "data_assets", "has_results", "id", "name", "processes", "run_time", "state"}
"""The keys of a run that is going on, recorded in May 2024."""

BEFORE = ("2.5", "2.18", "2.22", "2.99")
SINCE = ("3.0", "3.1", "4.8")


def at(start: Start, version: str) -> Client:
    return Client(start(platform_version=platform_version(version)).url)


@pytest.mark.parametrize("version", BEFORE)
def test_a_pipelines_run_of_may_2024_has_exactly_the_recorded_keys(start: Start, version: str) -> None:
    with at(start, version) as client:
        body = {"capsule_id": ids.RNA_PIPELINE, "data_assets": [{"id": ids.IRIS, "mount": "Reference"}]}
        run = client.ask("POST", "/computations", json=body)
        assert set(run) == GOING
        assert set(client.ask("GET", f"/computations/{run['id']}")) == GOING
        [listed, _] = client.ask("GET", f"/capsules/{ids.RNA_PIPELINE}/computations")
        assert set(listed) == GOING
        assert set(client.ask("GET", f"/computations/{ids.PAST_RUN}")) == (GOING | {"end_status"}) - {
            "data_assets",
            "processes",
        }


@pytest.mark.parametrize("version", SINCE)
def test_runs_say_whether_they_are_a_cloud_workstation_since(start: Start, version: str) -> None:
    with at(start, version) as client:
        assert client.ask("GET", f"/computations/{ids.PAST_RUN}")["cloud_workstation"] is False


def data_assets(client: Client, key: str, version: str) -> list[Any]:
    """A data asset by itself, and as searches of the time show it."""
    found = [client.ask("GET", f"/data_assets/{key}")]
    found += client.ask("GET", "/data_assets", params={"limit": 1000})["results"]
    if platform_version(version) >= Version(2, 18):
        found += client.ask("POST", "/data_assets/search", json={"limit": 1000})["results"]
    return [asset for asset in found if asset["id"] == key]


@pytest.mark.parametrize("version", BEFORE)
def test_an_external_data_asset_of_early_2024_has_source_bucket_in_camel_case_and_no_mount(
    start: Start, version: str
) -> None:
    with at(start, version) as client:
        for asset in data_assets(client, ids.IMAGING, version):
            assert asset["sourceBucket"] == {"bucket": "demo-imaging", "origin": "aws", "prefix": "sessions"}
            assert not {"mount", "source_bucket"} & set(asset)
            assert list(asset) == sorted(asset)


@pytest.mark.parametrize("version", SINCE)
def test_an_external_data_asset_has_source_bucket_and_a_mount_since(start: Start, version: str) -> None:
    bucket = {"bucket": "demo-imaging", "external": True, "origin": "aws", "prefix": "sessions"}
    with at(start, version) as client:
        for asset in data_assets(client, ids.IMAGING, version):
            assert (asset["source_bucket"], asset["mount"]) == (bucket, "imaging")
            assert "sourceBucket" not in asset


@pytest.mark.parametrize(("version", "description"), [("2.18", ""), ("3.0", ""), ("3.1", None), ("4.8", None)])
def test_an_empty_description_is_sent_on_old_platforms(start: Start, version: str, description: str | None) -> None:
    with at(start, version) as client:
        for asset in data_assets(client, "1az0c240-1a9z-192b-pa4c-22bac5ffa17b", version):
            assert asset.get("description") == description
        assert client.ask("GET", f"/data_assets/{ids.IRIS}")["description"] == "Sepals and petals."


@pytest.mark.parametrize("version", ["2.5", "2.18", "3.0"])
def test_the_recorded_answers_have_the_form_that_the_spec_of_their_time_states(version: str) -> None:
    served = platform_version(version)
    spec = openapi.document(openapi.declare(routers.routers(), served), ApiVersion(served))

    def check(model: str, value: Any) -> None:
        jsonschema.validate(value, {"$ref": f"#/components/schemas/{model}", "components": spec["components"]})

    run: dict[str, Any] = {
        "created": 1717175506, "data_assets": [{"id": ids.IRIS, "mount": "ecephys"}], "has_results": False,
        "id": ids.PAST_RUN, "name": "Run With Parameters 7175506", "run_time": 12, "state": "running",
        "processes": [{"capsule_id": ids.FASTQC, "name": "capsule_sort_1", "version": 1,
                       "parameters": [{"name": "Probe", "value": ""}]}],
    }  # fmt: skip
    asset: dict[str, Any] = {
        "created": 1700000000, "description": "", "id": ids.IRIS, "last_used": 0, "name": "a", "state": "ready",
        "type": "result", "provenance": {"capsule": ids.CAPSULE, "commit": "c", "data_assets": [ids.MOUSE],
                                         "docker_image": "", "run_script": "code/run"},
    }  # fmt: skip
    bucket = {"bucket": "b", "origin": "aws", "prefix": "p"}
    if served < Version(3, 0):
        check("Computation", run)
        check("Computation", run | {"state": "completed", "end_status": "stopped", "has_results": True})
        check("DataAsset", asset | {"type": "dataset", "sourceBucket": bucket})
    else:
        check("Computation", run | {"cloud_workstation": False})
        check("DataAsset", asset | {"mount": "a", "source_bucket": bucket | {"external": True}})
