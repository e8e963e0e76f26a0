"""A server with an imported seed: users' programs run on it, and runs go as they went in the deployment."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from codeocean import CodeOcean
from codeocean.computation import NamedRunParam, RunParams

from mock_server.documents.seed_file import read
from tests.cli.conftest import command
from tests.conftest import Client, HandClock, Server
from tests.contract.stand_in import StandIn
from tests.importing.conftest import CAPSULE, importing
from tests.process import PATIENCE, started

PAST = [*range(100, 300, 10)]
"""Seconds that runs of a capsule took."""

OWNER = "cop_owner"


def seed_with_a_history(folder: Path) -> Path:
    """A capsule with runs that took from 100 to 290 seconds; of ten two failed and one was stopped."""
    ends: list[dict[str, Any]] = [{"end_status": "succeeded", "exit_code": 0, "has_results": True}] * 7
    ends += [{"end_status": "failed", "exit_code": 3}] * 2 + [{"end_status": "stopped"}]
    runs = [
        {
            "id": f"5f9c5d9e-0000-4000-8000-{number:012}",
            "capsule": CAPSULE,
            "owner": "ada@example.com",
            "created": 1_700_000_000 + number,
            "plan": {"stages": {"initializing": 0, "running": seconds}, **ends[number % len(ends)]},
            "files": [{"path": "output", "text": "done\n"}, {"path": "table.csv", "text": "a,b\n"}],
        }
        for number, seconds in enumerate(PAST)
    ]
    capsule = {"id": CAPSULE, "slug": "1234567", "name": "Slow", "owner": "ada@example.com", "created": 1}
    content = {
        "version": 1,
        "users": [{"id": "ada", "email": "ada@example.com", "name": "Ada"}],
        "tokens": [{"token": OWNER, "user": "ada@example.com"}],
        "capsules": [capsule],
        "computations": runs,
    }
    path = folder / "history.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def history(start: Callable[..., Server], tmp_path: Path) -> Server:
    return start(seed=str(seed_with_a_history(tmp_path)))


def ended_runs(client: Client, clock: HandClock, number: int) -> Iterator[dict[str, Any]]:
    ids = [client.ask("POST", "/computations", json={"capsule_id": CAPSULE})["id"] for _ in range(number)]
    clock.advance(10_000)
    for id_ in ids:
        yield client.ask("GET", f"/computations/{id_}")


def test_new_runs_take_as_long_and_end_as_those_of_the_deployment(
    history: Server, start: Callable[..., Server], clock: HandClock, tmp_path: Path
) -> None:
    out = tmp_path / "world.yaml"
    done = importing(history.url, "--capsule", CAPSULE, "--computations", "5", "--out", out, token=OWNER)
    assert done.code == 0, done.err
    seed = read(str(out))
    assert len(seed.computations) == 5
    with Client(start(seed=str(out)).url, "cop_demo_user") as client:
        runs = list(ended_runs(client, clock, 200))
        succeeded = next(run for run in runs if run["end_status"] == "succeeded")
        listing = client.ask("POST", f"/computations/{succeeded['id']}/results", json={})
    assert {item["name"] for item in listing["items"]} == {"output", "table.csv"}
    shares = Counter((run["end_status"], run.get("exit_code")) for run in runs)
    assert shares.keys() == {("succeeded", 0), ("failed", 3), ("stopped", 0)}
    assert 110 < shares["succeeded", 0] < 170
    assert 20 < shares["failed", 3] < 65
    # From the tenth to the ninetieth percentile of 14 runs, from 100 to 260 seconds.
    assert {100 <= run["run_time"] <= 260 for run in runs if run["end_status"] == "succeeded"} == {True}
    assert len({run["run_time"] for run in runs}) > 50
    comment = "# From 20 past runs: 14 succeeded (exit code 0) after 110 to 250 s"
    assert comment in out.read_text()


def test_for_a_demo_runs_take_seconds(
    history: Server, start: Callable[..., Server], clock: HandClock, tmp_path: Path
) -> None:
    out = tmp_path / "world.yaml"
    options = ("--capsule", CAPSULE, "--durations", "demo", "--out", out)
    assert importing(history.url, *options, token=OWNER).code == 0
    with Client(start(seed=str(out)).url, "cop_demo_user") as client:
        runs = list(ended_runs(client, clock, 50))
    assert max(run["run_time"] for run in runs) < 10
    assert {run["end_status"] for run in runs} == {"succeeded", "failed", "stopped"}


def test_the_script_of_the_readme_runs_on_an_imported_world(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    options = ("--capsule", CAPSULE, "--files", "small", "--follow", "--out", out)
    assert importing(real.url, *options).code == 0
    with started("--in-memory", "--seed", str(out), "--time-scale", "600") as server:
        client = CodeOcean(domain=server.url, token="cop_demo_user")
        params = [NamedRunParam(param_name="rows", value="3")]
        run = client.computations.run_capsule(RunParams(capsule_id=CAPSULE, named_parameters=params))
        run = client.computations.wait_until_completed(run)
        listed = [item.name for item in client.computations.list_computation_results(run.id).items]
        url = client.computations.get_result_file_urls(run.id, "table.csv").download_url
        text = requests.get(url, timeout=PATIENCE).text
        client.session.close()
    assert (run.state.value, run.exit_code) == ("completed", 0)
    assert "table.csv" in listed
    assert text == "row,value\n1,0.25\n2,0.5\n3,0.75\n"


@pytest.mark.slow
def test_commands_take_the_file_as_any_seed(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    assert importing(real.url, "--capsules", "", "--data-assets", "", "--out", out).code == 0
    assert "fine" in command("seed", "check", str(out)).out
    with started("--in-memory") as server:
        made = command("worlds", "create", "imported", "--seed", str(out), "--url", server.url)
        assert made.code == 0, made.err
        with Client(server.url, "cop_demo_user@imported") as client:
            assert client.ask("GET", f"/capsules/{CAPSULE}")["id"] == CAPSULE


@pytest.mark.slow
def test_the_contract_is_kept_on_an_imported_world(real: StandIn, tmp_path: Path) -> None:
    """By the layer that observes all uses; the others take a minute, and do not depend on what the world holds."""
    out = tmp_path / "world.yaml"
    options = ("--capsules", "", "--data-assets", "", "--files", "small", "--follow", "--out", out)
    assert importing(real.url, *options).code == 0
    with started("--in-memory", "--seed", str(out)) as server:
        done = command("contract", "--url", server.url, "--quick", "--quiet", "--layer", "oracles")
    assert done.code == 0, done.out
    assert "conforms to the contract" in done.out
