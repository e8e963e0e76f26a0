"""The client that keeps the demo environment alive, against a server as users start it."""

import subprocess
import sys
from pathlib import Path

import pytest
from codeocean import CodeOcean
from codeocean.data_asset import DataAssetSearchParams

from tests import ids
from tests.process import PATIENCE, environment, started

CLIENT = Path(__file__).parent.parent / "docker" / "demo" / "client.py"


def work(url: str, rounds: int) -> "subprocess.CompletedProcess[str]":
    """The client for some rounds without a pause."""
    more = {"CODEOCEAN_DOMAIN": url, "CODEOCEAN_TOKEN": "cop_demo_user", "DEMO_PAUSE": "0", "DEMO_ROUNDS": str(rounds)}
    command = [sys.executable, str(CLIENT)]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment(**more), timeout=PATIENCE, check=False
    )


@pytest.mark.slow
def test_it_runs_fails_captures_and_tidies_up() -> None:
    # Each run is over before the next round.
    with started("--in-memory", "--time-scale", "100000") as server:
        done = work(server.url, 33)
        client = CodeOcean(domain=server.url, token="cop_demo_user")
        runs = client.capsules.list_computations(ids.SESSION_QC)
        failed = client.capsules.list_computations(ids.FAILS)
        captured = [
            a
            for a in client.data_assets.search_data_assets_iterator(DataAssetSearchParams())
            if "captured by the demo" in a.tags
        ]
        client.session.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 33
    own = [run for run in runs if run.name.startswith("Demo run ")]
    assert len(own) == 20
    # Session after session.
    assert len({run.data_assets[0].id for run in own}) == len({run.name.split(": ")[1] for run in own}) > 10
    assert sum(run.name.startswith("Demo run ") for run in failed) == 11
    assert {run.end_status for run in failed} == {"failed"}
    # What the seed brought along is not touched.
    assert len(runs) > 20
    assert 18 <= len(captured) <= 20
    # Nothing is captured twice.
    assert len({asset.provenance.computation for asset in captured}) == len(captured)


def test_a_server_that_fails_does_not_end_it() -> None:
    done = work("http://127.0.0.1:1", 2)
    assert done.returncode == 0
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["round 1", "round 2"]


def test_it_says_that_there_is_nothing_to_work_with() -> None:
    with started("--in-memory", "--seed", "empty") as server:
        done = work(server.url, 1)
    assert done.returncode == 0
    assert done.stderr == "round 1: the world has no raw sessions: the demo needs the seed demo\n"


def test_it_says_what_the_environment_lacks() -> None:
    done = subprocess.run(
        [sys.executable, str(CLIENT)], capture_output=True, text=True, env={}, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (2, "demo: the environment is not as it should be: 'CODEOCEAN_DOMAIN'\n")
