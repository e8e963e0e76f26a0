"""A server that is killed while runs are driven: no byte of a log and no file that was acknowledged is lost, none is
there by half, and nothing stays that no run refers to.

`KILL_ROUNDS=200 python -m pytest tests/test_killed_drivers.py` kills that often.
"""

import io
import os
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from mock_server.domain.content import SMALL
from tests import ids
from tests.conftest import Client
from tests.process import PATIENCE, started

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("KILL_ROUNDS", "20"))
WRITERS = 4
MOST = 25
"""The server is killed after at most so many acknowledgements, at a moment that is drawn."""

SIZES = (10, 65_536, 65_536, 200_000, 1024**2, 4 * 1024**2)
BYTES = Random(3).randbytes(max(SIZES))

WORLD = "/_mock/worlds/default"
SCENARIOS = {"version": 1, "scenarios": [{"name": "by-hand", "like": "driven", "when": {"capsule": ids.CAPSULE}}]}

names = count()


@dataclass
class Run:
    """What was acknowledged of a run, and what was on its way when the server was killed."""

    id: str
    log: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    log_sent: bytes = b""
    files_sent: dict[str, bytes] = field(default_factory=dict)
    ending: bool = False
    ended: bool = False
    deleting: bool = False


class Driver:
    """Starts runs and drives them, until the server is gone."""

    def __init__(self, client: Client, number: int, acknowledged: Callable[[], None]) -> None:
        self.runs: list[Run] = []
        self._client = client
        self._draws = Random(number)
        self._acknowledged = acknowledged

    def drive(self) -> None:
        try:
            while True:
                self._one()
        except httpx.TransportError:
            return

    def _one(self) -> None:
        run = Run(self._client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"])
        self.runs.append(run)
        self._ask(run, "POST", "progress", json={"state": "running"})
        for tell in self._draws.choices([self._append, self._put, self._put_tar], k=self._draws.randint(1, 8)):
            tell(run)
        run.ending = True
        self._ask(run, "POST", "finish", json={"exit_code": 0})
        run.ended = True
        if self._draws.random() < 0.3:
            run.deleting = True
            self._client.ask("DELETE", f"/computations/{run.id}", 204)
            self.runs.remove(run)

    def _append(self, run: Run) -> None:
        run.log_sent = f"line {next(names)}\n".encode() * self._draws.randint(1, 10_000)
        self._ask(run, "POST", "log", content=run.log_sent)
        run.log, run.log_sent = run.log + run.log_sent, b""

    def _put(self, run: Run) -> None:
        [(path, content)] = self._files(1)
        run.files_sent = {path: content}
        self._ask(run, "PUT", f"results/{path}", content=content)
        run.files, run.files_sent = run.files | run.files_sent, {}

    def _put_tar(self, run: Run) -> None:
        run.files_sent = dict(self._files(3))
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path, content in run.files_sent.items():
                entry = tarfile.TarInfo(path)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        self._ask(run, "PUT", "results", content=packed.getvalue())
        run.files, run.files_sent = run.files | run.files_sent, {}

    def _files(self, number: int) -> list[tuple[str, bytes]]:
        """New files, some of them with the same content as others."""
        drawn = [(f"f{next(names)}", self._draws.choice(SIZES), self._draws.random() < 0.3) for _ in range(number)]
        return [(name, BYTES[:size] if common else name.encode() + BYTES[:size]) for name, size, common in drawn]

    def _ask(self, run: Run, method: str, what: str, **sent: Any) -> None:
        self._client.ask(method, f"{self._client.url}{WORLD}/computations/{run.id}/{what}", **sent)
        self._acknowledged()


def drive_until_killed(url: str, kill: Callable[[], None], draws: Random) -> list[Run]:
    """Have runs driven on a server, and kill it at a moment that is drawn."""
    left = count(draws.randint(WRITERS, MOST), -1)
    enough = threading.Event()

    def acknowledged() -> None:
        if next(left) <= 0:
            enough.set()

    clients = [Client(url) for _ in range(WRITERS)]
    drivers = [Driver(client, draws.getrandbits(32), acknowledged) for client in clients]
    threads = [threading.Thread(target=driver.drive) for driver in drivers]
    for thread in threads:
        thread.start()
    assert enough.wait(PATIENCE)
    time.sleep(draws.uniform(0, 0.03))
    kill()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return [run for driver in drivers for run in driver.runs]


def check(client: Client, runs: list[Run], folder: Path) -> int:
    """Check that all is there, whole, and nothing else; how many files there were. The runs are gone afterwards."""
    there = {entry["id"] for entry in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")}
    assert {run.id for run in runs if not run.deleting} <= there
    left = [run for run in runs if run.id in there]
    files = [content for run in left for content in check_run(client, run).values()]
    stored = {sha256(content).hexdigest() for content in files if len(content) > SMALL}
    assert {path.name for path in folder.iterdir()} == stored
    for key in there:
        client.request("DELETE", f"/computations/{key}")
    assert list(folder.iterdir()) == []
    return len(files)


def check_run(client: Client, run: Run) -> dict[str, bytes]:
    """Check one run, and end it if it has not; its files."""
    path = f"{client.url}{WORLD}/computations/{run.id}"
    state = client.ask("GET", f"/computations/{run.id}")["state"]
    assert (state == "completed") in {run.ended, run.ending}
    if run.log_sent:
        # What was perhaps added before is not added again.
        length = client.ask("POST", f"{path}/log", params={"offset": len(run.log)}, content=run.log_sent)["length"]
        assert length == len(run.log + run.log_sent)
    client.ask("POST", f"{path}/finish", json={"exit_code": 0})
    assert client.get(f"{path}/log").content == run.log + run.log_sent
    listed = client.ask("POST", f"/computations/{run.id}/results", json={"path": ""})["items"]
    names = {item["name"] for item in listed} - {"output"}
    assert names in (run.files.keys(), run.files.keys() | run.files_sent.keys())
    files = {name: content for name, content in (run.files | run.files_sent).items() if name in names}
    for name, content in files.items():
        url = client.ask("GET", f"/computations/{run.id}/results/urls", params={"path": name})["download_url"]
        assert httpx.get(url).content == content
    return files


def test_kill_while_runs_are_driven(tmp_path: Path) -> None:
    draws, files = Random(5), 0
    runs: list[Run] = []
    for _ in range(ROUNDS):
        with started("--data-dir", str(tmp_path)) as server, Client(server.url) as client:
            client.ask("PUT", f"{server.url}{WORLD}/scenarios", json=SCENARIOS)
            (tmp_path / "files").mkdir(exist_ok=True)
            files += check(client, runs, tmp_path / "files")
            runs = drive_until_killed(server.url, server.kill, draws)
    with started("--data-dir", str(tmp_path)) as server, Client(server.url) as client:
        files += check(client, runs, tmp_path / "files")
        assert server.stop()[0] == 0
    assert files > ROUNDS
