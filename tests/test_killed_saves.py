"""A server that is killed while it saves a snapshot leaves the old one or the new one, whole."""

import base64
import os
import random
import time
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from tests import ids
from tests.conftest import Client
from tests.process import PATIENCE, Process, started

pytestmark = pytest.mark.slow

KILLS = 4

WEIGHT = 6
"""How many incompressible files of 700 kB make the snapshot heavy, so that writing it takes a while."""

SAVE = "/_mock/worlds/default/snapshots/s"


def heavy() -> str:
    """A scenario file that makes snapshots large."""
    draws = random.Random(7)
    files = [f"{{path: f{at}, base64: {base64.b64encode(draws.randbytes(700_000)).decode()}}}" for at in range(WEIGHT)]
    return f"version: 1\nscenarios:\n  - {{name: heavy, results: [{', '.join(files)}]}}\n"


def runs_of(client: Client) -> int:
    return len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations"))


def save(url: str) -> float:
    """Save once; the seconds that it took."""
    begun = time.monotonic()
    assert httpx.put(url + SAVE, timeout=PATIENCE).status_code == 201
    return time.monotonic() - begun


class Saver(Thread):
    """Starts a run and saves, again and again, until the server is gone; `acknowledged` are the runs of each whole
    save.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.acknowledged: list[int] = []
        self.begun = Event()

    def run(self) -> None:
        with Client(self.url) as client:
            try:
                while True:
                    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
                    there = runs_of(client)
                    self.begun.set()
                    save(self.url)
                    self.acknowledged.append(there)
            except httpx.TransportError:
                return


def test_kill_in_the_middle_of_saves(tmp_path: Path) -> None:
    options = ("--data-dir", str(tmp_path))
    with started(*options) as server, Client(server.url) as client:
        client.ask("PUT", f"{server.url}/_mock/worlds/default/scenarios", content=heavy())
        save(server.url)
        expected = {runs_of(client)}
        took = save(server.url)
        server.kill()
    for number in range(KILLS):
        with started(*options) as server:
            there = check(server.url, expected)
            # Some at any time of a save, some as soon as something has been written.
            delay = took * 1.5 * number / KILLS if number % 2 else None
            expected = killed_while_saving(server, tmp_path / "snapshots", there, delay)
    with started(*options) as server:
        check(server.url, expected)
    assert {path.suffix for path in (tmp_path / "snapshots").iterdir()} == {".snapshot"}


def killed_while_saving(server: Process, folder: Path, there: int, delay: float | None) -> set[int]:
    """Kill a server so long after it began to save, or when it writes; the runs that the snapshot may hold then."""
    before = seen(folder)
    saver = Saver(server.url)
    saver.start()
    assert saver.begun.wait(PATIENCE)
    if delay is not None:
        time.sleep(delay)
    while delay is None and seen(folder) == before:
        pass
    server.kill()
    saver.join()
    last = saver.acknowledged[-1] if saver.acknowledged else there
    return {last, last + 1}


def seen(folder: Path) -> list[tuple[str, int]]:
    """What is in a folder, and how large it is."""
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.stat().st_size) for entry in entries)


def check(url: str, expected: set[int]) -> int:
    """Check that there is one whole snapshot, one of those that are expected; how many runs it holds."""
    listed = httpx.get(f"{url}/_mock/snapshots").json()["snapshots"]
    assert [snapshot["name"] for snapshot in listed] == ["s"]
    loaded = httpx.post(f"{url}{SAVE}/load", timeout=PATIENCE)
    assert loaded.status_code == 200, loaded.text
    with Client(url) as client:
        there = runs_of(client)
    assert there in expected
    return there
