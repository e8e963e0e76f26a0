"""A reset puts back everything: data, files, ids, clock, scenarios, faults and the journal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import ids
from tests.conftest import START, USER, Client, HandClock, Server
from tests.control.changing import Doings, steer
from tests.control.conftest import Plane, World, asset_of, started
from tests.control.dumping import control, dump


@pytest.mark.slow
def test_everything_is_as_it_was(client: Client, world: World) -> None:
    before, steered = dump(client), control(world)
    steer(world)
    Doings(client, world).all()
    changed = control(world)
    assert dump(client) != before
    assert all(changed[part] != steered[part] for part in ("info", "scenarios", "faults"))
    shown = world.ask("POST", "/reset")
    assert shown["counts"] == steered["info"]["counts"] | {"requests": 0}
    assert world.ask("GET", "/journal") == {"requests": [], "dropped": 0, "last": 0}
    assert control(world) == steered
    assert dump(client) == before


def test_the_same_ids_come_again(client: Client, world: World) -> None:
    first = [started(client), asset_of(client)]
    assert len({*first, started(client)}) == 3
    world.ask("POST", "/reset")
    assert [started(client), asset_of(client)] == first


def test_the_clock_begins_anew_with_real_time(client: Client, world: World, clock: HandClock) -> None:
    world.ask("PUT", "/clock", json={"mode": "scaled", "scale": 1000})
    clock.advance(60)
    assert world.ask("POST", "/reset")["clock"]["now"] == START + 60
    shown = world.ask("GET", "/clock")
    assert (shown["mode"], shown["ahead"]) == ("wall", 0)
    assert client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["created"] == START + 60


@pytest.mark.parametrize(
    ("wish", "begin"),
    [
        ({"mode": "frozen", "at": "2020-01-01"}, 1_577_836_800),
        ({"mode": "frozen"}, START + 60),
        ({"mode": "offset", "offset": "1h"}, START + 3660),
        ({"mode": "scaled", "scale": 60, "at": 1000}, 1000),
        ({"mode": "skipping", "at": 1000}, 1000),
    ],
    ids=str,
)
def test_a_clock_that_the_world_was_made_with(
    plane: Plane, clock: HandClock, wish: dict[str, Any], begin: float
) -> None:
    """Even one in the past: what is put back has no time yet that could run backwards."""
    plane.ask("POST", "/worlds", 201, json={"name": "w", "clock": wish})
    plane.of("w").advance(by="10h")
    clock.advance(60)
    shown = plane.ask("POST", "/worlds/w/reset")["clock"]
    assert (shown["mode"], shown["now"], shown["scale"]) == (wish["mode"], begin, wish.get("scale", shown["scale"]))


def test_the_seed_of_the_world_is_put_back(plane: Plane, client: Client) -> None:
    made = plane.ask("POST", "/worlds", 201, json={"name": "w", "seed": "empty", "random_seed": 3})
    there = client.speaking_as(f"{USER}@w")
    asset = asset_of(there)
    reset = plane.ask("POST", "/worlds/w/reset")
    assert (reset["seed"], reset["random_seed"], reset["counts"]) == ("empty", 3, made["counts"])
    there.ask("GET", f"/data_assets/{asset}", 404)
    assert asset_of(there) == asset


def test_other_worlds_are_left_alone(plane: Plane, client: Client, world: World) -> None:
    there = client.speaking_as(f"{USER}@w")
    run = started(there)
    before = plane.ask("GET", "/worlds/w")
    world.ask("POST", "/reset")
    assert plane.ask("GET", "/worlds/w") == before
    there.ask("GET", f"/computations/{run}")


def test_a_seed_that_cannot_be_read_any_more_costs_nothing(plane: Plane, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("version: 1\nusers: [{id: u1, email: a@b, name: A}]\ntokens: [{token: cop_mine, user: a@b}]\n")
    plane.ask("POST", "/worlds", 201, json={"name": "w", "seed": str(file)})
    there = client.speaking_as("cop_mine@w")
    asset = asset_of(there)
    file.write_text("version: 1\nusers: [")
    assert "is not YAML" in plane.refused("POST", "/worlds/w/reset")
    there.ask("GET", f"/data_assets/{asset}")
    file.unlink()
    assert "cannot be read" in plane.refused("POST", "/worlds/w/reset")
    there.ask("GET", f"/data_assets/{asset}")


def test_a_reset_is_kept(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start(data_dir=tmp_path)
    with Plane(server.url) as plane, Client(server.url) as client:
        before = started(client)
        plane.ask("POST", "/worlds/default/reset")
        after = asset_of(client)
    server.app.worlds.close()
    again = start(data_dir=tmp_path)
    with Client(again.url) as client:
        client.ask("GET", f"/computations/{before}", 404)
        client.ask("GET", f"/data_assets/{after}")


@pytest.mark.parametrize("how", ["/reset", "/snapshots/s/load"])
def test_another_server_on_the_same_data_sees_it(start: Callable[..., Server], tmp_path: Path, how: str) -> None:
    one, other = start(data_dir=tmp_path), start(data_dir=tmp_path)
    with Plane(one.url) as plane, Client(one.url) as client, Plane(other.url) as planes, Client(other.url) as clients:
        plane.ask("PUT", "/worlds/default/snapshots/s", 201)
        run = started(client)
        clients.ask("GET", f"/computations/{run}")
        started(clients)
        planes.ask("POST", "/worlds/default/faults", 201, json={"operation": "get_capsule", "status": 500})
        client.ask("GET", f"/capsules/{ids.CAPSULE}", 500)
        plane.ask("PUT", "/worlds/default/clock", json={"mode": "frozen", "at": START + 500})
        assert planes.ask("GET", "/worlds/default/clock")["now"] == START + 500
        plane.ask("POST", f"/worlds/default{how}")
        assert control(planes.of("default")) == control(plane.of("default"))
        assert planes.ask("GET", "/worlds/default/faults")["faults"] == []
        assert planes.ask("GET", "/worlds/default/clock")["now"] == START
        clients.ask("GET", f"/computations/{run}", 404)
        made = [started(client), started(clients), started(client), started(clients)]
        assert len(set(made)) == 4
        assert len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")) == 2 + 4
