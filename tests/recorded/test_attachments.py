"""Attaching data assets, as recorded answers of the real service show it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane

PLACES = (
    f"/capsules/{ids.CAPSULE}",
    f"/pipelines/{ids.PIPELINE}",
    f"/capsules/{ids.PIPELINE}",
    f"/computations/{ids.WORKSTATION}",
)
"""What data assets are attached to: a capsule, a pipeline under both of its paths, a cloud workstation."""

MOUNTED = {"external": False, "id": ids.IRIS, "job_id": "", "mount": "iris", "mount_state": "mounted", "ready": True}


def attach(client: Client, place: str, *assets: dict[str, Any]) -> Any:
    return client.ask("POST", f"{place}/data_assets", json=list(assets))


@pytest.mark.parametrize("place", PLACES)
def test_a_data_asset_is_mounted_at_once_without_a_job(client: Client, place: str) -> None:
    """The recorded request has a name besides the id, and no mount."""
    assert attach(client, place, {"name": "anything", "id": ids.IRIS}) == [MOUNTED]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_attached_already_is_unchanged_and_no_error(client: Client, place: str) -> None:
    attach(client, place, {"id": ids.IRIS})
    unchanged = MOUNTED | {"mount_state": "unchanged"}
    assert attach(client, place, {"id": ids.IRIS}) == [unchanged]
    assert attach(client, place, {"id": ids.IRIS.upper(), "mount": "elsewhere"}) == [unchanged]
    twice = attach(client, place, {"id": ids.MOUSE, "mount": "mouse"}, {"id": ids.MOUSE, "mount": "mouse"})
    assert [made["mount_state"] for made in twice] == ["mounted", "unchanged"]
    client.ask("DELETE", f"{place}/data_assets", 204, json=[ids.IRIS, ids.MOUSE])


def test_what_the_seed_attached_is_unchanged(client: Client) -> None:
    [made] = attach(client, f"/pipelines/{ids.RNA_PIPELINE}", {"id": ids.ATTACHED})
    assert (made["mount"], made["mount_state"]) == ("Reference", "unchanged")


def test_being_attached_again_is_no_use_of_a_data_asset(client: Client, clock: HandClock) -> None:
    place = f"/capsules/{ids.CAPSULE}"
    attach(client, place, {"id": ids.IRIS})
    used = client.ask("GET", f"/data_assets/{ids.IRIS}")["last_used"]
    clock.advance(100)
    attach(client, place, {"id": ids.IRIS})
    assert client.ask("GET", f"/data_assets/{ids.IRIS}")["last_used"] == used


def test_a_run_that_names_an_attached_data_asset_is_still_refused(client: Client) -> None:
    attach(client, f"/capsules/{ids.CAPSULE}", {"id": ids.IRIS})
    body = {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}]}
    assert client.ask("POST", "/computations", 403, json=body)["message"] == "data asset already attached"


def test_a_run_that_starts_at_once_finds_the_folder(client: Client, clock: HandClock) -> None:
    attach(client, f"/capsules/{ids.CAPSULE}", {"id": ids.IRIS})
    run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert run["data_assets"] == [{"id": ids.IRIS, "mount": "iris"}]
    clock.advance(60)
    assert client.ask("GET", f"/computations/{run['id']}")["exit_code"] == 0


@pytest.mark.parametrize("place", PLACES)
def test_an_external_data_asset_that_cannot_be_mounted_is_in_error(start: Callable[..., Server], place: str) -> None:
    server = start()
    with Plane(server.url) as plane, Client(server.url) as client:
        plane.of("default").load(
            "version: 1\nscenarios: [{name: own, kind: attachment, when: {name: Ext*}, failure_reason: access denied}]"
        )
        made = attach(client, place, {"id": ids.IMAGING}, {"id": ids.IRIS})
        error = {"external": True, "id": ids.IMAGING, "job_id": "", "mount": "", "mount_state": "error", "ready": True}
        assert made == [error, MOUNTED]
        if place.startswith("/computations"):
            assert client.ask("GET", place)["data_assets"] == [{"id": ids.IRIS, "mount": "iris"}]
