"""The largest numbers that a seed file may hold: its world is used, saved, restored and exported."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client, Server
from tests.control.conftest import Plane, World

LAST = 253402300799
CAPSULE = "11111111-1111-4111-8111-111111111111"
RUN = "22222222-2222-4222-8222-222222222222"
ASSET = "33333333-3333-4333-8333-333333333333"
OWNER = "ada@example.org"

SEED: dict[str, Any] = {
    "version": 1,
    "now": LAST,
    "ids_given": 2**52,
    "users": [{"id": "ada", "email": OWNER, "name": "Ada", "admin": True}],
    "tokens": [{"token": "cop_ada", "user": OWNER}],
    "capsules": [
        {
            "id": CAPSULE,
            "slug": "1234567",
            "name": "Largest",
            "owner": OWNER,
            "created": LAST,
            "last_accessed": LAST,
            "results": [{"path": "a", "size": 2**53}, {"path": "b", "files": 2**53, "size": 2**53}],
        }
    ],
    "computations": [{"id": RUN, "capsule": CAPSULE, "owner": OWNER, "created": 0, "run_time": 2**31, "name": "Long"}],
    "data_assets": [
        {
            "id": ASSET,
            "name": "Large",
            "mount": "large",
            "type": "dataset",
            "owner": OWNER,
            "created": LAST,
            "last_used": LAST,
            "last_transferred": LAST,
            "simulated": {"files": 2**53, "size": 2**53},
            "custom_metadata": {"whole": 10**308, "parts": [-(10**308), 2**64, 1.7e308]},
        }
    ],
}


def made(plane: Plane, folder: Path, text: str) -> World:
    (folder / "seed.yaml").write_text(text)
    body = {"name": "largest", "seed": str(folder / "seed.yaml"), "random_seed": 1, "replace": True}
    plane.ask("POST", "/worlds", 201, json=body)
    return plane.of("largest")


def used(server: Server) -> None:
    """Read, run and capture."""
    with Client(server.url, "cop_ada@largest") as client:
        assert client.ask("GET", f"/capsules/{CAPSULE}")["created"] == LAST
        assert client.ask("GET", f"/data_assets/{ASSET}")["size"] == 2**53
        assert client.ask("GET", f"/computations/{RUN}")["run_time"] == 2**31
        assert client.ask("POST", "/data_assets/search", json={"sort_field": "size"})["results"]
        run = client.ask("POST", "/computations", json={"capsule_id": CAPSULE})["id"]
        source = {"source": {"computation": {"id": RUN}}, "name": "x", "mount": "x", "tags": []}
        client.ask("POST", "/data_assets", json=source)
        assert client.ask("GET", f"/computations/{run}")["state"] == "initializing"


def test_a_world_of_the_largest_numbers(server: Server, tmp_path: Path) -> None:
    with Plane(server.url) as plane:
        world = made(plane, tmp_path, json.dumps(SEED))
        used(server)
        world.ask("PUT", "/snapshots/saved", 201)
        world.ask("POST", "/snapshots/saved/load")
        used(server)
        made(plane, tmp_path, plane.get(f"{world.path}/export").text)
        used(server)


@pytest.mark.parametrize(
    ("place", "most"),
    [
        (("now",), LAST),
        (("ids_given",), 2**52),
        (("capsules", 0, "created"), LAST),
        (("capsules", 0, "last_accessed"), LAST),
        (("computations", 0, "created"), LAST),
        (("data_assets", 0, "last_used"), LAST),
        (("data_assets", 0, "last_transferred"), LAST),
        (("data_assets", 0, "simulated", "size"), 2**53),
    ],
)
def test_a_larger_number_is_refused(server: Server, tmp_path: Path, place: tuple[Any, ...], most: int) -> None:
    seed = json.loads(json.dumps(SEED))
    part = seed
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = most + 1
    (tmp_path / "seed.yaml").write_text(json.dumps(seed))
    with Plane(server.url) as plane:
        message = plane.refused("POST", "/worlds", json={"name": "x", "seed": str(tmp_path / "seed.yaml")})
    assert message.endswith(f"{'.'.join(map(str, place))}: must be at most {most}")


@pytest.mark.parametrize("value", [10**390, [1, -(10**390)]])
def test_a_number_that_no_float_holds_is_refused(server: Server, tmp_path: Path, value: Any) -> None:
    seed = json.loads(json.dumps(SEED))
    seed["data_assets"][0]["custom_metadata"] = {"value": value}
    (tmp_path / "seed.yaml").write_text(json.dumps(seed))
    with Plane(server.url) as plane:
        message = plane.refused("POST", "/worlds", json={"name": "x", "seed": str(tmp_path / "seed.yaml")})
    assert message.endswith(": is larger than any number that is kept")
