"""The command against a stand-in for a real deployment, as users run it."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.transport.ledger import read
from tests.cli.conftest import Done, command
from tests.contract.stand_in import OTHER_TOKEN, TOKEN, StandIn, run_stand_in
from tests.process import COMMAND, PATIENCE, environment

pytestmark = pytest.mark.slow

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
QUICKLY = ("--rate", "500", "--quiet")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[StandIn]:
    with run_stand_in(tmp_path) as server:
        yield server


def contract(real: StandIn, *arguments: str) -> Done:
    return command("contract", *arguments, "--url", real.url, "--token", TOKEN, *QUICKLY)


def report(done: Done) -> Any:
    assert done.out.startswith("{"), done.err
    return done.json


def lying(folder: Path) -> Path:
    """A spec that calls what changes something by the names of what reads, and has operations of its own."""
    spec = json.loads((Path(__file__).parents[2] / "openapi/openapi.json").read_text())
    paths = spec["paths"]
    paths["/api/v1/computations"]["post"]["operationId"] = "search_computations"
    paths["/api/v1/data_assets"]["post"]["operationId"] = "get_data_assets"
    delete = paths["/api/v1/data_assets/{data_asset_id}"].pop("delete")
    paths["/api/v1/data_assets/{data_asset_id}/purge"] = {"get": delete | {"operationId": "get_data_asset_purge"}}
    paths["/api/v1/capsules/{capsule_id}"]["delete"] = {**paths["/api/v1/capsules/{capsule_id}"]["get"]}
    place = folder / "lying.json"
    place.write_text(json.dumps(spec))
    return place


@pytest.mark.parametrize("lies", [False, True])
def test_observe_sends_nothing_that_changes_anything(real: StandIn, tmp_path: Path, lies: bool) -> None:
    """Only the spec layer depends on the document, so most requests are generated from the one that lies, boundaries
    among them: it declares every reading operation too.
    """
    before = real.counts()
    real.received.clear()
    options = ("--spec", str(lying(tmp_path)), "--layer", "spec", "--max-requests", "1000") if lies else ("--quick",)
    done = contract(real, "--profile", "observe", "--other-token", OTHER_TOKEN, "--json", *options)
    result = report(done)
    assert real.changes == []
    assert len(real.received) > 100
    assert real.counts() == before
    assert result["verdict"] == "failed", "the fields beyond the spec are reported"
    failed_check = {check["name"] for check in result["checks"] if check["status"] == "failed"}
    assert failed_check == {"response_schema_conformance", "conforms_to_spec"}


def test_sandboxed_leaves_nothing_behind(real: StandIn, tmp_path: Path) -> None:
    before = real.counts()
    ledger = tmp_path / "ledger"
    layers = ("--layer", "oracles", "--layer", "scenarios")
    done = contract(real, "--profile", "sandboxed", "--capsule", CAPSULE, "--ledger", str(ledger), "--json", *layers)
    result = report(done)
    assert result["made"]["created"] > 1
    assert result["made"]["created"] == result["made"]["deleted"]
    assert result["made"]["left"] == []
    assert real.counts() == before
    [written] = read(ledger)
    assert written.left == []
    allowed = {"/api/v1/computations", "/api/v1/data_assets"}
    created = {entry.id for entry in written.entries}
    for method, path in real.changes:
        assert path in allowed or path.split("/")[4] in created, (method, path)


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_is_swept(real: StandIn, tmp_path: Path, seed: int) -> None:
    before = real.counts()
    ledger = tmp_path / "ledger"
    options = ["--profile", "sandboxed", "--capsule", CAPSULE, "--ledger", str(ledger), "--layer", "scenarios"]
    line = [COMMAND, "contract", *options, "--url", real.url, "--token", TOKEN, *QUICKLY]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    entries = random.Random(seed).randint(1, 4)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if len([entry for entry in _entries(ledger) if entry]) >= entries:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    assert real.counts() != before or entries == 1
    done = command("contract", "sweep", "--ledger", str(ledger), "--token", TOKEN)
    assert done.code == 0, done.err
    assert "left 0" in done.out
    assert real.counts() == before
    again = command("contract", "sweep", "--ledger", str(ledger), "--token", TOKEN)
    assert "deleted 0, left 0" in again.out


def _entries(ledger: Path) -> list[object]:
    return [entry for written in read(ledger) for entry in written.entries] if ledger.exists() else []


def test_an_answer_that_was_lost_is_found_again(real: StandIn, tmp_path: Path) -> None:
    """The request was sent, and the ledger does not know what came of it."""
    before = real.counts()
    ledger = tmp_path / "ledger"
    options = ("--profile", "sandboxed", "--capsule", CAPSULE, "--ledger", str(ledger), "--layer", "probes")
    contract(real, *options, "--max-requests", "40")
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    opened = next(line for line in lines if "run" in line)
    lost = [opened, {"of": opened["of"], "intent": 1, "operation": "run_capsule"}]
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lost))
    real.post("/computations", {"capsule_id": CAPSULE})
    assert real.counts() != before
    done = command("contract", "sweep", "--ledger", str(ledger), "--token", TOKEN)
    assert "deleted 1, left 0" in done.out
    assert real.counts() == before
