"""Permissions as a request sets them: what is named, what is left out, and what is refused."""

from typing import Any

import pytest

from tests import ids
from tests.conftest import Client

OBJECTS = (f"/capsules/{ids.CAPSULE}", f"/pipelines/{ids.RNA_PIPELINE}", f"/data_assets/{ids.MOUSE}")

OWNER = {"email": "demo-user@example.com", "role": "owner"}
VIEWER = {"email": "demo-viewer@example.com", "role": "viewer"}
LAB = {"group": "demo-lab", "role": "viewer"}
UNKNOWN = {"group": "no-such-group", "role": "viewer"}


def permissions(client: Client, path: str) -> Any:
    return client.ask("GET", f"{path}/permissions")


@pytest.mark.parametrize("path", OBJECTS)
def test_an_unknown_group_in_permissions_is_dropped_without_a_word(client: Client, path: str) -> None:
    body = {"groups": [UNKNOWN], "users": [VIEWER], "everyone": "viewer"}
    client.ask("POST", f"{path}/permissions", 204, json=body)
    assert permissions(client, path) == {"everyone": "viewer", "users": [OWNER, VIEWER]}


@pytest.mark.parametrize("path", OBJECTS)
def test_the_groups_beside_an_unknown_one_are_set(client: Client, path: str) -> None:
    client.ask("POST", f"{path}/permissions", 204, json={"groups": [UNKNOWN, LAB]})
    assert permissions(client, path)["groups"] == [LAB]
    client.ask("POST", f"{path}/permissions", 204, json={"groups": [UNKNOWN]})
    assert "groups" not in permissions(client, path)


def test_an_unknown_group_is_dropped_from_what_is_shared_along(client: Client) -> None:
    body = {"groups": [UNKNOWN, LAB], "share_assets": True}
    client.ask("POST", f"/pipelines/{ids.RNA_PIPELINE}/permissions", 204, json=body)
    assert permissions(client, f"/data_assets/{ids.ATTACHED}")["groups"] == [LAB]


@pytest.mark.parametrize("path", OBJECTS)
def test_an_unknown_user_is_refused_and_nothing_is_set(client: Client, path: str) -> None:
    before = permissions(client, path)
    body = {"groups": [LAB], "users": [VIEWER, {"email": "nobody@example.com", "role": "viewer"}], "everyone": "viewer"}
    refused = client.ask("POST", f"{path}/permissions", 400, json=body)
    assert refused == {"message": "no user has the address nobody@example.com"}
    assert permissions(client, path) == before


def test_a_group_without_members_keeps_the_role_that_it_holds(start: Any, tmp_path: Any) -> None:
    seed = tmp_path / "own.yaml"
    seed.write_text("""
version: 1
users: [{id: u1, email: a@example.com, name: A}]
groups: [{name: empty}]
tokens: [{token: cop_mine, user: a@example.com}]
capsules:
  - id: c1
    slug: "1000001"
    name: C
    owner: a@example.com
    created: 1
    permissions: [{group: empty, role: viewer}]
""")
    with Client(start(seed=str(seed)).url, "cop_mine") as client:
        body = permissions(client, "/capsules/c1") | {"everyone": "viewer"}
        client.ask("POST", "/capsules/c1/permissions", 204, json=body)
        assert permissions(client, "/capsules/c1") == body
