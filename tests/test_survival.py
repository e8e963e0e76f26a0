"""What was acknowledged is there after `kill -9` and a restart."""

import threading
import time
from pathlib import Path

import httpx
import pytest

from tests import ids
from tests.conftest import Client
from tests.process import PATIENCE, started

KILLS = 10
WRITERS = 4
BURST = 25


def write_until_killed(url: str, runs: list[str], assets: list[str], enough: threading.Event) -> None:
    with Client(url) as client:
        try:
            while True:
                run = client.post("/computations", json={"capsule_id": ids.CAPSULE})
                if run.status_code == 200:
                    runs.append(run.json()["id"])
                body = {"name": "n", "tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
                asset = client.post("/data_assets", json=body)
                if asset.status_code == 200:
                    assets.append(asset.json()["id"])
                if len(assets) >= BURST:
                    enough.set()
        except httpx.TransportError:
            return


@pytest.mark.slow
def test_kill_in_the_middle_of_writes(tmp_path: Path) -> None:
    runs: list[str] = []
    assets: list[str] = []
    for _ in range(KILLS):
        with started("--data-dir", str(tmp_path / "data")) as server:
            before = len(assets)
            enough = threading.Event()
            writers = [
                threading.Thread(target=write_until_killed, args=(server.url, runs, assets, enough))
                for _ in range(WRITERS)
            ]
            for writer in writers:
                writer.start()
            assert enough.wait(PATIENCE)
            server.kill()
            for writer in writers:
                writer.join()
            assert len(assets) > before
    assert len(set(runs)) == len(runs)
    assert len(set(assets)) == len(assets)
    with started("--data-dir", str(tmp_path / "data")) as server, Client(server.url) as client:
        there = {entry["id"] for entry in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")}
        assert set(runs) <= there
        for key in assets:
            client.ask("GET", f"/data_assets/{key}")


@pytest.mark.slow
def test_a_run_goes_on_while_the_server_is_down(tmp_path: Path) -> None:
    scale = 10
    options = ("--data-dir", str(tmp_path / "data"), "--time-scale", str(scale))
    with started(*options) as server, Client(server.url) as client:
        world = f"{server.url}/_mock/worlds/default"
        # Asked first: the control plane takes a moment to be built, in which the run would end.
        now = httpx.get(f"{world}/clock").json()["now"]
        key = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
        plan = httpx.get(f"{world}/computations/{key}").json()
        ended = time.monotonic() + (plan["stages"][-1]["until"] - now) / scale
        server.kill()
        assert plan["state"] != "completed"
    while time.monotonic() < ended:
        time.sleep(0.01)
    with started(*options) as server, Client(server.url) as client:
        after = client.ask("GET", f"/computations/{key}")
        assert after["state"] == "completed"


def test_another_time_scale_does_not_make_time_jump(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with started("--data-dir", data, "--time-scale", "100000") as server, Client(server.url) as client:
        created = client.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["created"]
        server.stop()
    with started("--data-dir", data) as server, Client(server.url) as client:
        later = client.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["created"]
        assert later >= created


def test_in_memory_keeps_nothing(tmp_path: Path) -> None:
    with started("--in-memory", "--data-dir", str(tmp_path / "data")) as server:
        assert server.ready["data"] == "in memory"
    assert list(tmp_path.iterdir()) == []


def test_two_servers_on_one_database_agree_on_the_time(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with started("--data-dir", data) as one, started("--data-dir", data, "--time-scale", "100") as two:
        with Client(one.url) as first, Client(two.url) as second:
            key = second.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["id"]
            seen = []
            for _ in range(20):
                seen += [client.ask("GET", f"/computations/{key}")["run_time"] for client in (first, second)]
            assert seen == sorted(seen)
        assert one.ready["new"] is True
        assert two.ready["new"] is False
