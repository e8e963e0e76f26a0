"""Attaching and detaching, and runs that name what is attached."""

import pytest

from tests import ids
from tests.conftest import Client

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
