"""Attaching and detaching, and runs that name what is attached."""

import pytest

from tests import ids
from tests.conftest import Client, HandClock

PLACES = (f"/capsules/{ids.CAPSULE}", f"/pipelines/{ids.PIPELINE}", f"/computations/{ids.WORKSTATION}")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, client: Client) -> str:
    """Something that two data assets are attached to."""
    assets = [{"id": ids.IRIS}, {"id": ids.MOUSE, "mount": "mouse"}]
    client.ask("POST", f"{request.param}/data_assets", json=assets)
    return str(request.param)


def mounts(client: Client, place: str) -> list[str]:
    """The mounts of what is attached, as a run or the session shows them."""
    _, kind, key = place.split("/")
    if kind == "computations":
        run = client.ask("GET", place)
    else:
        run = client.ask("POST", "/computations", json={"capsule_id": key})
    return [asset["mount"] for asset in run.get("data_assets", [])]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_detach_passes_over_what_is_not_attached(client: Client, place: str, slash: str) -> None:
    assert mounts(client, place) == ["iris", "mouse"]
    client.ask("DELETE", f"{place}/data_assets{slash}", 204, json=[ids.IRIS, ids.MY_DATASET, ids.NOBODYS])
    assert mounts(client, place) == ["mouse"]
    client.ask("DELETE", f"{place}/data_assets{slash}", 204, json=[ids.IRIS])
    assert mounts(client, place) == ["mouse"]


def test_a_capsules_run_cannot_name_what_is_attached(client: Client) -> None:
    client.ask("POST", f"/capsules/{ids.CAPSULE}/data_assets", json=[{"id": ids.IRIS}])
    for mount in (None, "iris", "elsewhere"):
        body = {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS, "mount": mount}]}
        assert client.ask("POST", "/computations", 403, json=body) == {"message": "data asset already attached"}


@pytest.mark.parametrize("kind", ["capsule_id", "pipeline_id"])
@pytest.mark.parametrize("mount", ["Reference", "/Reference/", None])
def test_a_pipelines_run_cannot_name_what_is_attached_at_its_own_mount(
    client: Client, kind: str, mount: str | None
) -> None:
    body = {kind: ids.RNA_PIPELINE, "data_assets": [{"id": ids.ATTACHED, "mount": mount}]}
    assert client.ask("POST", "/computations", 403, json=body) == {"message": "data asset already attached"}


def test_a_pipelines_run_replaces_what_is_attached_by_another_at_its_mount(client: Client, clock: HandClock) -> None:
    client.ask("POST", f"/pipelines/{ids.RNA_PIPELINE}/data_assets", json=[{"id": ids.IRIS, "mount": "iris"}])
    both = {"iris": ids.ATTACHED, "Reference": ids.IRIS}
    for given, mounted in ({"Reference": ids.MOUSE}, {"iris": ids.IRIS, "Reference": ids.MOUSE}), (both, both):
        assets = [{"id": asset, "mount": mount} for mount, asset in given.items()]
        run = client.ask("POST", "/computations", json={"pipeline_id": ids.RNA_PIPELINE, "data_assets": assets})
        assert {asset["mount"]: asset["id"] for asset in run["data_assets"]} == mounted
        clock.advance(60)
        assert client.ask("GET", f"/computations/{run['id']}")["end_status"] == "succeeded"
