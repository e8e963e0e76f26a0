"""Other clients of the server that is soaked. They break nothing: they change only what they have made themselves."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx

from mock_server.client import Control, ControlError
from tests.process import PATIENCE

TOKEN = "cop_demo_user"

TAG = "contract-"
"""How the names of the worlds begin that the suite makes."""

PAUSE = 0.02
"""Seconds between what a client does."""

JUMPS = (0.001, 0.5, 3.0, 20.0)
"""Seconds by which a clock is moved on."""


@contextmanager
def meanwhile(action: Callable[[], object], pause: float = 0.0) -> Iterator[None]:
    """Do something over and over while the block runs, in a thread, with so many seconds in between."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(pause):
            action()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def working(url: str, control_token: str | None, number: int) -> Iterator[None]:
    """A client that runs capsules, makes data assets, lists, searches and deletes, now in one world, now in another."""
    numbers = itertools.count()
    with (
        Control(url, control_token, timeout=PATIENCE) as control,
        httpx.Client(base_url=f"{url}/api/v1", timeout=PATIENCE, trust_env=False) as http,
    ):

        def work() -> None:
            # The world may be gone at any moment.
            with suppress(httpx.HTTPError, ControlError, KeyError, ValueError):
                tokens = [TOKEN, *(f"{TOKEN}@{name}" for name in _worlds(control))]
                turn = next(numbers)
                http.auth = (tokens[-1 - turn % len(tokens)], "")
                _work(http, f"client {number}, {turn}", turn)

        with meanwhile(work, PAUSE):
            yield


def _work(http: httpx.Client, name: str, turn: int) -> None:
    """One round of everything, with another capsule each turn; what was made is deleted at its end."""
    capsules = http.post("/capsules/search", json={"limit": 100}).json()["results"]
    capsule = capsules[turn % len(capsules)]["id"]
    fields = {"name": name, "mount": "others", "tags": ["others"], "source": {"aws": {"bucket": "any"}}}
    asset = http.post("/data_assets", json=fields).json()["id"]
    run = http.post("/computations", json={"capsule_id": capsule}).json().get("id")
    http.put(f"/data_assets/{asset}", json={"name": f"{name}, renamed", "description": "of another client"})
    http.patch(f"/data_assets/{asset}/archive", params={"archive": "true"})
    http.post("/data_assets/search", json={"limit": 20, "query": "tag:others", "archived": True})
    http.post("/data_assets/search", json={"limit": 20, "sort_field": "name", "sort_order": "asc"})
    http.get(f"/capsules/{capsule}/computations")
    http.delete(f"/data_assets/{asset}")
    if run is not None:
        http.get(f"/computations/{run}")
        http.post(f"/computations/{run}/results", json={})
        http.delete(f"/computations/{run}")


@contextmanager
def jumping(url: str) -> Iterator[None]:
    """Somebody who moves the clock of the run's world on, by little and by much, at any moment."""
    draws = random.Random()
    with Control(url, timeout=PATIENCE) as control:

        def jump() -> None:
            with suppress(ControlError):
                for name in _worlds(control):
                    control.world(name).advance(draws.choice(JUMPS))

        with meanwhile(jump, PAUSE):
            yield


def _worlds(control: Control) -> list[str]:
    """The worlds of the suite."""
    return [world.name for world in control.worlds() if world.name.startswith(TAG)]
