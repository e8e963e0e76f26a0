"""What pytest tells of the plugin: last requests of a failing test, a server that is not there, names of objects."""

import socket
from pathlib import Path

import pytest

from mock_server.client import Control
from mock_server.client.handles import CodeOceanServer, CodeOceanWorld
from tests.plugin.sessions import session

FAILING = """
import requests

def ask(world, path):
    requests.get(f"{world.url}/api/v1/{path}", auth=(world.token, ""))

def test_fails(codeocean_world):
    for number in range(12):
        ask(codeocean_world, f"capsules/{number:08}-0000-4000-8000-000000000000?n=1")
    assert False

def test_passes(codeocean_world):
    ask(codeocean_world, "capsules/quiet")

def test_drops_its_world(codeocean_world):
    ask(codeocean_world, "capsules/dropped")
    codeocean_world.control.delete()
    assert False

def test_needs_no_world():
    assert False
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_failing_test_shows_the_last_requests_of_its_world(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = session(tmp_path, FAILING, *workers)
    assert done.outcomes == {"failed": 3, "passed": 1}
    assert done.out.count("codeocean: last requests") == 1
    told = [line for line in done.out.splitlines() if "GET /api/v1/capsules/" in line]
    assert [line.split()[:2] for line in told] == [[str(number), "404"] for number in range(3, 13)]
    assert told[0].endswith("/00000002-0000-4000-8000-000000000000?n=1")


VERDICT = """
import requests

def test_nothing_is_created_twice(codeocean_world):
    for _ in range(2):
        url = f"{codeocean_world.url}/api/v1/computations"
        capsule = {"capsule_id": "1d8288da-0785-4e4f-aa37-2d1db3636bc4"}
        requests.post(url, json=capsule, auth=(codeocean_world.token, "")).raise_for_status()
    verdict = codeocean_world.control.verify({"check": "unique"})
    assert verdict.passed, verdict
"""


def test_a_verdict_that_fails_says_why(tmp_path: Path) -> None:
    done = session(tmp_path, VERDICT)
    assert done.outcomes == {"failed": 1}
    assert "<Verdict: unique: requests 1 and 2 are the same and both took effect>" in done.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_server_that_is_not_there_is_told_once(tmp_path: Path, workers: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = session(tmp_path, "def test_a(codeocean_world): pass\n" * 3, "--codeocean-url", url, *workers)
    assert done.out.count("nothing answers") == 1
    assert f"ERROR: --codeocean-url: nothing answers at {url}" in done.out
    assert "Traceback" not in done.out


def test_objects_say_what_they_are() -> None:
    with Control("http://127.0.0.1:1") as control:
        world = control.world("ci")
        assert repr(control) == "<Control of http://127.0.0.1:1>"
        assert repr(world) == "<WorldControl of ci at http://127.0.0.1:1>"
        assert repr(CodeOceanWorld(control.url, world)) == "<CodeOceanWorld ci at http://127.0.0.1:1>"
        assert repr(CodeOceanServer(control)) == "<CodeOceanServer at http://127.0.0.1:1>"
        assert repr(world.computation("r1")) == "<ComputationControl of r1>"
        assert repr(world.data_asset("d1")) == "<DataAssetControl of d1>"
