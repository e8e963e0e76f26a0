"""The fake as an older platform: what was not there yet is not there, and old names are back."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import jsonschema
import pytest

from mock_server.api import openapi, routers
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import FIELDS, NEWEST, OPERATIONS, Version, parse, platform_version
from mock_server.errors import StartError
from tests import ids
from tests.conftest import Client, HandClock, Server

Start = Callable[..., Server]


def at(start: Start, version: str, **settings: object) -> Client:
    return Client(start(platform_version=platform_version(version), **settings).url)


def test_every_operation_is_in_the_table() -> None:
    for route in routers.routes(routers.routers()):
        assert route.operation_id in OPERATIONS


def test_what_came_later_is_an_unknown_path(start: Start) -> None:
    with at(start, "3.9") as client:
        unknown = client.get("/nothing")
        for method, path in (
            ("GET", f"/pipelines/{ids.PIPELINE}"),
            ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=output"),
            ("POST", "/pipelines/search"),
            ("GET", f"/pipelines/{ids.PIPELINE}/app_panel"),
        ):
            later = client.request(method, path)
            assert (later.status_code, later.content) == (404, unknown.content)
        client.ask("GET", f"/capsules/{ids.PIPELINE}")
        client.ask("GET", f"/computations/{ids.PAST_RUN}/results/download_url?path=output")
    with at(start, "3.0") as client:
        assert client.request("PATCH", f"/computations/{ids.PAST_RUN}?name=x").headers["allow"] == "DELETE, GET"
        client.ask("POST", "/capsules/search", 405, json={})


def test_fields_that_came_later_are_left_out(start: Start, clock: HandClock) -> None:
    with at(start, "4.2") as client:
        run = client.ask("GET", f"/computations/{ids.PAST_RUN}")
        assert "exit_code" in run
        assert not {"owner", "owner_email"} & set(run)
        listed = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
        assert not any("owner" in entry for entry in listed)
        found = client.ask("POST", "/data_assets/search", json={"limit": 1})
        assert "owner" not in found["results"][0]
        assert "next_token" in found
        capsule = client.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert "owner" in capsule
        assert "owner_email" not in capsule
    with at(start, "3.0") as client:
        assert "exit_code" not in client.ask("GET", f"/computations/{ids.PAST_RUN}")
        asset = client.ask("GET", "/data_assets/c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87")
        assert "capsule" in asset["provenance"]
        assert "computation" not in asset["provenance"]


def test_a_search_without_limit_gives_20_objects_before_3_4_and_100_since(start: Start, tmp_path: Path) -> None:
    owned = {"owner": "ann@example.com", "created": 1600000000}
    seed = {
        "version": 1,
        "users": [{"id": "ann", "email": "ann@example.com", "name": "Ann"}],
        "tokens": [{"token": "cop_ann", "user": "ann@example.com"}],
        "capsules": [owned | {"id": f"c{n}", "slug": f"{n:07}", "name": "Many"} for n in range(101)],
        "pipelines": [owned | {"id": f"p{n}", "slug": f"9{n:06}", "name": "Many"} for n in range(101)],
        "data_assets": [owned | {"id": f"a{n}", "name": "Many", "mount": "many"} for n in range(101)],
    }
    (tmp_path / "many.yaml").write_text(json.dumps(seed))
    for version, expected in (("2.18", 20), ("3.1", 20), ("3.3", 20), ("3.4", 100), (str(NEWEST), 100)):
        with at(start, version, seed=str(tmp_path / "many.yaml")) as client:
            ann = client.speaking_as("cop_ann")
            kinds = [
                kind
                for kind in ("capsule", "pipeline", "data_asset")
                if platform_version(version) >= OPERATIONS[f"search_{kind}s"]
            ]
            for kind in kinds:
                for unset in ({}, {"limit": None}):
                    page = ann.ask("POST", f"/{kind}s/search", json=unset)
                    assert (len(page["results"]), page["has_more"]) == (expected, True)
            assert len(ann.ask("POST", "/data_assets/search", json={"limit": 50})["results"]) == 50
            assert len(ann.ask("GET", "/data_assets")["results"]) == 10


def test_a_capsule_of_2022(start: Start) -> None:
    with at(start, "2.8") as client:
        capsule = client.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert capsule["keywords"] == ["example"]
        assert capsule["published_capsule"] == ids.RELEASE
        assert capsule["status"] == "non-published"
        assert list(capsule) == sorted(capsule)
        assert not {"tags", "release_capsule", "owner_email"} & set(capsule)
        bare = client.ask("GET", f"/capsules/{ids.SILENT}")
        assert (bare["cloned_from_url"], bare["field"], bare["published_capsule"]) == ("", "", "")
        released = client.ask("GET", f"/capsules/{ids.RELEASE}")
        assert released["status"] == "published"
        assert released["versions"][0]["publish_time"] == 1646700000
        assert "release_time" not in released["versions"][0]


def test_a_combined_data_asset_before_there_were_any(start: Start) -> None:
    with at(start, "3.0") as client:
        body = {"name": "n", "tags": [], "mount": "m", "data_asset_ids": [ids.IMAGING, ids.BEHAVIOR]}
        assert client.ask("POST", "/data_assets", json=body)["type"] == "result"


def test_the_names_of_the_oldest_page(start: Start) -> None:
    with at(start, "2.8", documented_names=True) as client:
        asset = client.ask("GET", f"/data_assets/{ids.IRIS}")
        assert asset["lastUsed"] == asset["last_used"] == 0
        assert asset["sizeInBytes"] == asset["size"]
        assert (asset["state"], asset["type"]) == ("DATA_ASSET_STATE_READY", "DATA_ASSET_TYPE_DATASET")
        found = client.ask("GET", "/data_assets?limit=1")["results"][0]
        assert found["state"] == "DATA_ASSET_STATE_READY"


@pytest.mark.parametrize(("served", "required", "status"), [("4.7.3", "4.8.0", 400), ("4.7.3", "4.7.3", 200)])
def test_a_client_that_is_too_new(start: Start, served: str, required: str, status: int) -> None:
    with at(start, served) as client:
        headers = {"Min-Server-Version": required}
        for path in (f"/capsules/{ids.CAPSULE}", "/nothing", f"/computations/{ids.PAST_RUN}"):
            answer = client.get(path, headers=headers)
            if status == 400:
                message = "server version 4.7.3 is lower than required minimum 4.8.0"
                assert (answer.status_code, answer.json()) == (400, {"message": message})
            else:
                assert answer.status_code in (200, 404)
        client.ask("GET", f"/capsules/{ids.CAPSULE}", headers={"Min-Server-Version": "gibberish"})


@pytest.mark.parametrize(
    ("text", "version"), [("4.8", (4, 8, 0)), ("4.8.1", (4, 8, 1)), (" 3.1 ", (3, 1, 0)), ("4", None), ("x.y", None)]
)
def test_the_form_of_a_version(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize("text", ["1.9", "99.0", "4", "", "newest"])
def test_versions_that_cannot_be_served(text: str) -> None:
    with pytest.raises(StartError):
        platform_version(text)


def test_the_spec_of_a_version() -> None:
    old = openapi.document(openapi.declare(routers.routers(), Version(3, 0)), ApiVersion(Version(3, 0)))
    named = {operation["operationId"] for path in old["paths"].values() for operation in path.values()}
    assert named == {name for name in named if OPERATIONS[name] <= Version(3, 0)}
    assert "get_capsule" in named
    assert "search_pipelines" not in named
    assert "exit_code" not in old["components"]["schemas"]["Computation"]["properties"]
    assert "owner" not in old["components"]["schemas"]["Computation"]["required"]
    assert old["info"]["version"] == "3.0.0"
    new = openapi.document(openapi.declare(routers.routers()))
    for model, field in FIELDS:
        assert field in new["components"]["schemas"][model]["properties"]
    assert json.dumps(new) != json.dumps(old)
    assert new["info"]["version"] == str(NEWEST)


@pytest.mark.parametrize(
    ("version", "documented_names"), [("2.5", False), ("3.0", True), ("3.9", False), ("4.8", True)]
)
def test_the_spec_of_a_version_is_kept(start: Start, version: str, documented_names: bool) -> None:
    """What an older platform answers has the form that its own document states."""
    server = start(platform_version=platform_version(version), documented_names=documented_names)
    spec = httpx.get(f"{server.url}/openapi.json").json()
    with Client(server.url) as client:
        for path, model in (
            (f"/capsules/{ids.CAPSULE}", "Capsule"),
            (f"/capsules/{ids.RELEASE}", "Capsule"),
            (f"/capsules/{ids.SILENT}", "Capsule"),
            (f"/computations/{ids.PIPELINE_RUN}", "Computation"),
            (f"/data_assets/{ids.IRIS}", "DataAsset"),
            ("/data_assets/c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87", "DataAsset"),
        ):
            schema = {"$ref": f"#/components/schemas/{model}", "components": spec["components"]}
            jsonschema.validate(client.ask("GET", path), schema)
