"""What is exported of a world makes the same world: every read operation answers the same, for every token and object,
now and later.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from mock_server.settings import UnknownBuckets
from tests.conftest import Client
from tests.control.conftest import Plane, World, serving
from tests.round_trips.reading import KINDS, Known, Reading, differences, read_operations
from tests.round_trips.using import Use, speaking
from tests.round_trips.worlds import USERS, random_world
from tools.replay.spec import operations

pytestmark = pytest.mark.slow

ROOT = "cop_root"
TOKENS = (ROOT, *(f"cop_{email.partition('@')[0]}" for email in USERS[:3]), "cop_reader")
BEGINNING = 1_800_000_000
LATER: tuple[dict[str, Any], ...] = ({"by": 2.5}, {"next_change": True}, {"by": "10h"})


@pytest.fixture(scope="module")
def plane() -> Iterator[Plane]:
    yield from serving(unknown_buckets=UnknownBuckets.FAIL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seeds")


@given(seed=st.integers(0, 2**32), steps=st.integers(0, 80))
@example(seed=1, steps=150)
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # Of other numbers there is no simpler world.
def test_an_exported_world_is_the_same_world(plane: Plane, folder: Path, seed: int, steps: int) -> None:
    random = Random(seed)
    (folder / "first.yaml").write_text(json.dumps(random_world(random)))
    first = made(plane, "first", folder, BEGINNING)
    with ExitStack() as stack:
        clients = speaking(plane.url, [f"{token}@first" for token in TOKENS], stack)
        use = Use(random, clients, first, all_there(clients[f"{ROOT}@first"]))
        use.do(steps)
        text = exported(first)
        (folder / "second.yaml").write_bytes(text)
        second = made(plane, "second", folder, first.ask("GET", "/clock")["now"])
        others = speaking(plane.url, [f"{token}@second" for token in TOKENS], stack)
        assert_same(clients, others, use.known)
        assert exported(second) == text.replace(b"The world first", b"The world second")
        for move in LATER:
            for world in (first, second):
                world.advance(**move)
            admin = {name: client for name, client in clients.items() if name.startswith(ROOT)}
            assert_same(admin, {name: others[name.replace("@first", "@second")] for name in admin}, use.known)


def made(plane: Plane, name: str, folder: Path, now: float) -> World:
    """A world of the seed of its name, whose clock stands."""
    clock = {"mode": "frozen", "at": now}
    body = {"name": name, "seed": str(folder / f"{name}.yaml"), "random_seed": 7, "clock": clock, "replace": True}
    plane.ask("POST", "/worlds", 201, json=body)
    return plane.of(name)


def exported(world: World) -> bytes:
    answer = world.plane.get(f"{world.path}/export")
    assert answer.status_code == 200, answer.text
    return answer.content


def all_there(client: Client) -> Known:
    """The ids of all that there is."""
    keys: dict[str, set[str]] = {kind: set() for kind in KINDS}
    runs: set[str] = set()
    for kind in KINDS:
        for archived in (False, True):
            search = {"limit": 1000, "archived": archived}
            keys[kind] |= {one["id"] for one in client.ask("POST", f"/{kind}/search", json=search)["results"]}
    for kind in KINDS[:2]:
        for key in keys[kind]:
            runs |= {run["id"] for run in client.ask("GET", f"/{kind}/{key}/computations")}
    return Known(keys["capsules"] | keys["pipelines"], runs, keys["data_assets"], set())


def assert_same(clients: dict[str, Client], others: dict[str, Client], known: Known) -> None:
    for client, other in zip(clients.values(), others.values(), strict=True):
        one, two = Reading(client).read(known), Reading(other).read(known)
        assert list(differences(one.answers, two.answers)) == []


def test_all_read_operations_are_compared(plane: Plane, folder: Path) -> None:
    (folder / "first.yaml").write_text(json.dumps(random_world(Random(3))))
    world = made(plane, "first", folder, BEGINNING)
    with Client(plane.url, f"{ROOT}@first") as client:
        known = all_there(client)
        known.release_jobs.add((min(known.capsules), "none"))
        read = Reading(client).read(known).operations
    assert read_operations(operations()) == read
    world.ask("DELETE", status=204)
