"""Worlds: made by tokens and by the control plane, kept apart, dropped when nobody uses them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests import ids
from tests.conftest import START, USER, Client, HandClock, Server
from tests.control.conftest import Plane, World, started

IDLE = 3600.0

DEMO = {"capsules": 20, "pipelines": 7, "scenarios": 0, "faults": 0}


def names(plane: Plane) -> list[str]:
    return [world["name"] for world in plane.ask("GET", "/worlds")["worlds"]]


def runs(client: Client) -> list[str]:
    return [run["id"] for run in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")]


def test_a_token_makes_its_world_when_it_first_names_it(client: Client, plane: Plane) -> None:
    assert names(plane) == ["default"]
    there = client.speaking_as(f"{USER}@ci-42")
    before = runs(there)
    assert names(plane) == ["default", "ci-42"]
    run = started(there)
    assert runs(there) == [run, *before]
    assert runs(client) == before
    client.ask("GET", f"/computations/{run}", 404)
    assert names(plane) == ["default", "ci-42"]


def test_worlds_share_nothing(client: Client, plane: Plane) -> None:
    one, two = (client.speaking_as(f"{USER}@{name}") for name in ("one", "two"))
    run = started(one)
    two.ask("GET", f"/computations/{run}", 404)
    plane.ask("PUT", "/worlds/one/clock", json={"mode": "frozen"})
    plane.ask("POST", "/worlds/one/clock/advance", json={"by": "1h"})
    plane.ask("POST", "/worlds/one/faults", 201, json={"status": 503})
    plane.of("one").load("scenarios: [{name: x, when: {name: '*'}}]")
    one.ask("GET", f"/computations/{run}", 503)
    started(two)
    shown = {world["name"]: world for world in plane.ask("GET", "/worlds")["worlds"]}
    assert shown["one"]["clock"]["now"] == START + 3600
    assert shown["two"]["clock"]["now"] == START
    assert [shown[name]["counts"]["faults"] for name in ("default", "one", "two")] == [0, 1, 0]
    assert [shown[name]["counts"]["scenarios"] for name in ("default", "one", "two")] == [0, 1, 0]
    assert [shown[name]["counts"]["requests"] for name in ("default", "one", "two")] == [0, 2, 2]


@pytest.mark.parametrize("token", ["cop_nobody@ci", "@ci", "cop_nobody"])
def test_an_unknown_token_makes_no_world(client: Client, plane: Plane, token: str) -> None:
    assert client.speaking_as(token).ask("GET", f"/capsules/{ids.CAPSULE}", 401)["message"]
    assert names(plane) == ["default"]


@pytest.mark.parametrize("name", ["a b", "-a", ".a", "a/b", "ä", "a" * 65, "a@b"])
def test_a_token_with_a_name_that_is_none_makes_no_world(still: Plane, name: str) -> None:
    with Client(still.url, f"{USER}@{name}") as client:
        answer = client.request("GET", f"/capsules/{ids.CAPSULE}")
    assert answer.status_code in (400, 401)
    assert answer.json()["message"]
    assert names(still) == ["default"]


@pytest.mark.parametrize("name", ["", "a b", "-a", ".a", "a/b", "a:b", "ä", "a" * 65, "a@b", "a\n", None, 7])
def test_a_world_is_not_made_under_a_name_that_is_none(still: Plane, name: object) -> None:
    assert still.refused("POST", "/worlds", json={"name": name}).startswith("name: ")
    assert names(still) == ["default"]


@pytest.mark.parametrize("path", ["a%20b", "-a", "%C3%A4", "a" * 65])
def test_a_path_with_a_name_that_is_none_is_refused(still: Plane, path: str) -> None:
    assert "world" in still.refused("GET", f"/worlds/{path}")


def test_the_longest_name_is_taken(plane: Plane) -> None:
    name = "A" + "9._-" * 15 + "xyz"
    assert plane.ask("POST", "/worlds", 201, json={"name": name})["name"] == name
    assert names(plane) == ["default", name]


def test_what_a_new_world_says_of_itself(plane: Plane, world: World, clock: HandClock) -> None:
    clock.advance(10)
    made = plane.ask("POST", "/worlds", 201, json={"name": "w", "random_seed": 3, "clock": {"mode": "frozen"}})
    assert (made["seed"], made["random_seed"], made["idle"]) == ("demo", 3, 0)
    assert (made["clock"]["mode"], made["clock"]["now"], made["clock"]["next_change"]) == ("frozen", START + 10, None)
    assert {key: made["counts"][key] for key in DEMO} == DEMO
    assert made["counts"]["requests"] == 0
    assert made["tokens"]["cop_demo_admin@w"] == "demo-admin@example.com, admin; all scopes"
    assert made["tokens"]["cop_demo_readonly@w"] == "demo-user@example.com; capsule:read, data_asset:read"
    assert made["tokens"]["cop_demo_noscope@w"] == "demo-user@example.com; no scope"
    assert plane.ask("GET", "/worlds/w") == made
    assert USER in world.ask("GET")["tokens"]


def test_a_world_made_like_another_is_like_it(plane: Plane, client: Client) -> None:
    for name in ("one", "two"):
        plane.ask("POST", "/worlds", 201, json={"name": name, "random_seed": 3})
    plane.ask("POST", "/worlds", 201, json={"name": "other", "random_seed": 4})
    made = [started(client.speaking_as(f"{USER}@{name}")) for name in ("one", "two", "other")]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("given", ["empty", "file"])
def test_a_world_from_a_seed(plane: Plane, client: Client, tmp_path: Path, given: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "version: 1\n"
        "users: [{id: u1, email: a@b, name: A}]\n"
        "tokens: [{token: cop_mine, user: a@b}]\n"
        "scenarios: [{name: x, running: 5}]\n"
    )
    seed = str(own) if given == "file" else given
    made = plane.ask("POST", "/worlds", 201, json={"name": "w", "seed": seed})
    assert made["seed"] == seed
    assert made["counts"]["capsules"] == 0
    assert made["counts"]["scenarios"] == (1 if given == "file" else 0)
    if given == "file":
        assert made["tokens"] == {"cop_mine@w": "a@b; all scopes"}
        client.speaking_as("cop_mine@w").ask("POST", "/data_assets/search", json={})
        client.speaking_as(f"{USER}@w").ask("POST", "/data_assets/search", 401, json={})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("users: [", "line 2: is not YAML"),
        ("version: 1\ntokens: []\nusers:\n  - {id: u1}\n", "line 4: users.0.email: is missing (and 1 more)"),
    ],
)
def test_a_seed_that_cannot_be_used_makes_no_world(
    plane: Plane, tmp_path: Path, text: str | None, message: str
) -> None:
    file = tmp_path / "own.yaml"
    if text is not None:
        file.write_text(text)
    assert message in plane.refused("POST", "/worlds", json={"name": "w", "seed": str(file)})
    assert names(plane) == ["default"]


def test_a_name_that_is_taken(plane: Plane, client: Client) -> None:
    plane.ask("POST", "/worlds", 201, json={"name": "w", "random_seed": 1})
    there = client.speaking_as(f"{USER}@w")
    run = started(there)
    assert plane.refused("POST", "/worlds", 409, json={"name": "w"}) == "there is a world called w"
    assert plane.refused("POST", "/worlds", 409, json={"name": "default"}) == "there is a world called default"
    there.ask("GET", f"/computations/{run}")
    plane.ask("POST", "/worlds", 201, json={"name": "w", "random_seed": 2, "replace": True})
    there.ask("GET", f"/computations/{run}", 404)
    assert plane.ask("GET", "/worlds/w")["random_seed"] == 2
    assert "reset it" in plane.refused("POST", "/worlds", json={"name": "default", "replace": True})


@pytest.mark.parametrize(
    "wish",
    [
        {"seed": "/nowhere/at/all.yaml"},
        {"snapshot": "none"},
        {"snapshot": "s", "clock": {"mode": "frozen", "at": 1}},
        {"clock": {"mode": "frozen", "at": 1e15}},
    ],
)
def test_a_replacement_that_cannot_be_made_leaves_the_old_world(
    plane: Plane, client: Client, wish: dict[str, Any]
) -> None:
    plane.ask("PUT", "/worlds/default/snapshots/s", 201)
    there = client.speaking_as(f"{USER}@w")
    run = started(there)
    assert plane.request("POST", "/worlds", json={"name": "w", "replace": True} | wish).status_code in (400, 404)
    there.ask("GET", f"/computations/{run}")
    assert plane.request("POST", "/worlds", json={"name": "new"} | wish).status_code in (400, 404)
    assert names(plane) == ["default", "w"]


def test_dropping(plane: Plane, client: Client) -> None:
    there = client.speaking_as(f"{USER}@w")
    run = started(there)
    plane.ask("DELETE", "/worlds/w", 204)
    assert names(plane) == ["default"]
    assert plane.refused("GET", "/worlds/w", 404) == "there is no world called w"
    assert plane.refused("DELETE", "/worlds/w", 404) == "there is no world called w"
    assert "reset it" in plane.refused("DELETE", "/worlds/default")
    there.ask("GET", f"/computations/{run}", 404)
    assert names(plane) == ["default", "w"]


def test_a_world_that_is_dropped_while_a_request_is_on_its_way(plane: Plane, client: Client) -> None:
    there = client.speaking_as(f"{USER}@w")
    runs(there)
    plane.ask("POST", "/worlds/w/faults", 201, json={"operation": "run_capsule", "latency": 1})
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(there.post, "/computations", json={"capsule_id": ids.CAPSULE})
        while not plane.ask("GET", "/worlds/w/faults")["faults"][0]["seen"]:
            assert not late.done()
        plane.ask("DELETE", "/worlds/w", 204)
    assert late.result().status_code == 404
    assert late.result().json() == {"message": "the world w was dropped while the request was on its way"}


def test_a_world_that_nobody_uses_is_dropped(plane: Plane, client: Client, clock: HandClock) -> None:
    used, asked, idle = (client.speaking_as(f"{USER}@{name}") for name in ("used", "asked", "idle"))
    run = started(idle)
    for _ in range(4):
        runs(used)
        plane.ask("GET", "/worlds/asked/clock", 404 if _ == 0 else 200)
        runs(asked)
        clock.advance(IDLE / 2 - 1)
        for shown in plane.ask("GET", "/worlds")["worlds"]:
            assert shown["name"] == "default" or shown["idle"] <= IDLE
    assert names(plane) == ["default", "asked", "used"]
    assert plane.refused("GET", "/worlds/idle", 404)
    idle.ask("GET", f"/computations/{run}", 404)


def test_a_world_that_is_asked_for_too_late_is_a_new_one(plane: Plane, client: Client, clock: HandClock) -> None:
    there = client.speaking_as(f"{USER}@w")
    run = started(there)
    clock.advance(IDLE)
    there.ask("GET", f"/computations/{run}")
    clock.advance(IDLE + 1)
    there.ask("GET", f"/computations/{run}", 404)
    assert plane.ask("GET", "/worlds/w")["clock"]["now"] == clock.now


def test_worlds_can_be_kept_for_ever(start: Callable[..., Server], clock: HandClock) -> None:
    url = start(world_idle=0.0).url
    with Client(url, f"{USER}@w") as there:
        run = started(there)
        clock.advance(1e9)
        there.ask("GET", f"/computations/{run}")


def test_there_are_no_more_worlds_than_allowed(start: Callable[..., Server], clock: HandClock) -> None:
    url = start(max_worlds=2).url
    with Client(url) as client, Plane(url) as plane:
        for name in ("one", "two"):
            runs(client.speaking_as(f"{USER}@{name}"))
        clock.advance(IDLE / 2)
        runs(client.speaking_as(f"{USER}@two"))
        third = client.speaking_as(f"{USER}@three")
        refused = third.request("GET", f"/capsules/{ids.CAPSULE}")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert refused.json()["message"] == (
            "there are 2 worlds, and no more are allowed; drop some, or set --max-worlds"
        )
        assert plane.refused("POST", "/worlds", 429, json={"name": "three"}) == refused.json()["message"]
        plane.ask("PUT", "/worlds/default/snapshots/s", 201)
        plane.refused("POST", "/worlds", 429, json={"name": "three", "snapshot": "s"})
        plane.ask("POST", "/worlds", 201, json={"name": "two", "replace": True})
        assert names(plane) == ["default", "one", "two"]
        clock.advance(IDLE / 2 + 1)
        third.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert names(plane) == ["default", "three", "two"]


def test_a_seed_that_is_gone_makes_no_more_worlds_and_stops_none(start: Callable[..., Server], tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("version: 1\nusers: [{id: u1, email: a@b, name: A}]\ntokens: [{token: cop_mine, user: a@b}]\n")
    url = start(seed=str(file)).url
    with Client(url, "cop_mine") as client, Plane(url) as plane:
        client.ask("POST", "/data_assets/search", json={})
        file.unlink()
        there = client.speaking_as("cop_mine@w")
        assert "cannot be read" in there.ask("POST", "/data_assets/search", 400, json={})["message"]
        assert "cannot be read" in plane.refused("POST", "/worlds/default/reset")
        client.ask("POST", "/data_assets/search", json={})
        assert names(plane) == ["default"]
