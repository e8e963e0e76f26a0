"""Runs that are interrupted, or lose the deployment: they end with what is true, and tidy up as far as they can."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from contract_tests.checks import check, run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Status
from contract_tests.reports.progress import Silent
from contract_tests.transport.budgets import Budgets, Meter
from contract_tests.transport.gate import Gate
from contract_tests.transport.ledger import mark_of, read
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target
from mock_server.client import Control
from tests.cli.conftest import Done, command
from tests.contract.stand_in import OTHER_TOKEN, TOKEN, StandIn, run_stand_in
from tests.process import COMMAND, PATIENCE, environment, started

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
CONTROL_TOKEN = "only-for-this-test"
LOST = ({"intent": 1, "operation": "create_data_asset"}, {"intent": 2, "operation": "run_capsule"})


def start_contract(folder: Path, url: str, *options: str) -> "subprocess.Popen[str]":
    """The harness at work in an empty folder."""
    folder.mkdir()
    return subprocess.Popen(
        [COMMAND, "contract", "--url", url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for_requests(url: str, count: int) -> None:
    """Until the world of the run has seen as many."""
    end = time.monotonic() + PATIENCE
    with Control(url) as control:
        while time.monotonic() < end:
            if any(world.counts.requests >= count for world in control.worlds() if world.name != "default"):
                return
            time.sleep(0.02)
    raise AssertionError(f"there were no {count} requests")


def worlds_of(url: str) -> list[str]:
    with Control(url) as control:
        return [world.name for world in control.worlds()]


@pytest.mark.slow
def test_ctrl_c_among_generated_requests_is_no_pass(tmp_path: Path) -> None:
    with started("--in-memory") as server:
        process = start_contract(tmp_path / "here", server.url, "--layer", "spec", "--quiet")
        wait_for_requests(server.url, 60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")
        assert list((tmp_path / "here").iterdir()) == []
        assert worlds_of(server.url) == ["default"]


@pytest.mark.slow
def test_a_fake_that_dies_meanwhile(tmp_path: Path) -> None:
    with started("--in-memory") as server:
        process = start_contract(tmp_path / "here", server.url, "--layer", "scenarios", "--layer", "spec", "--quiet")
        wait_for_requests(server.url, 60)
        server.kill()
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode in (1, 2)
        assert "PASSED" not in out
        assert "Traceback" not in err
        assert "stopped" in out + err or "lost control of the fake" in err


def test_nobody_to_connect_to_is_no_finding() -> None:
    def reads(deployment: Deployment) -> None:
        deployment.http().ask("GET", "/custom_metadata")

    target = Target.of("http://127.0.0.1:1")
    gate = Gate(target, Rules(Profile.FULL, target, tag="t"), Meter(Budgets()))
    with gate.installed():
        deployment = Deployment(gate, {"owner": TOKEN}, "t")
        only = check("get_custom_metadata")(reads)
        [outcome] = run_checks(deployment, "probes", [only], Silent())
        deployment.close()
    assert (outcome.status, outcome.findings) == (Status.ERROR, [])
    assert outcome.detail == "http://127.0.0.1:1 stopped answering"


@pytest.mark.slow
def test_a_deployment_that_dies_before_what_was_made_is_deleted(tmp_path: Path) -> None:
    with run_stand_in(tmp_path) as real:
        options = ("--profile", "sandboxed", "--capsule", CAPSULE, "--token", TOKEN, "--rate", "500", "--quiet")
        process = start_contract(tmp_path / "here", real.url, *options, "--layer", "scenarios")
        ledger = tmp_path / "here" / "codeocean-contract-ledger.jsonl"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not (ledger.exists() and '"made"' in ledger.read_text()):
            time.sleep(0.01)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (1, "")
    assert "left behind: run_capsule" in out


def ledger_of(folder: Path, real: StandIn, token: str, *lines: dict[str, Any]) -> Path:
    place = folder / "ledger"
    about: dict[str, Any] = {"tag": "t", "url": real.url, "capsule": CAPSULE, "before": [], "mark": mark_of("t", token)}
    place.write_text("".join(json.dumps({"of": "t"} | line) + "\n" for line in ({"run": about}, *lines)))
    return place


def sweep(ledger: Path, token: str, *options: str) -> Done:
    return command("contract", "sweep", "--ledger", str(ledger), "--token", token, *options)


@pytest.mark.parametrize("token", ["cop_nobody_at_all", OTHER_TOKEN])
def test_sweeping_with_another_token_forgets_nothing(tmp_path: Path, token: str) -> None:
    with run_stand_in(tmp_path) as real:
        before = real.counts()
        created = real.post("/computations", {"capsule_id": CAPSULE})
        known = ({"intent": 1, "operation": "run_capsule"}, {"made": 1, "id": created})
        for lines in (known, LOST):
            ledger = ledger_of(tmp_path, real, TOKEN, *lines)
            done = sweep(ledger, token)
            if token == OTHER_TOKEN:
                assert (done.code, "left behind" in done.out) == (1, True)
            else:
                assert (done.code, "rejected the token" in done.err) == (2, True)
            assert len(read(ledger)[0].left) == len([line for line in lines if "intent" in line])
        ledger = ledger_of(tmp_path, real, TOKEN, *known)
        assert "deleted 1, left 0" in sweep(ledger, TOKEN).out
        assert real.counts() == before
        done = sweep(ledger, TOKEN, "--tag", "of-nobody")
        assert (done.code, "no run with the tag of-nobody" in done.err) == (2, True)


def test_runs_that_left_nothing_need_no_consent(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    about: dict[str, Any] = {"tag": "t", "url": "https://codeocean.example.org", "capsule": None, "before": []}
    ledger.write_text(json.dumps({"of": "t", "run": about}) + "\n")
    assert "deleted 0, left 0" in sweep(ledger, TOKEN).out


@pytest.mark.slow
def test_a_fake_with_a_control_token_is_not_worked_on_in_its_default_world(tmp_path: Path) -> None:
    with started("--in-memory", "--control-token", CONTROL_TOKEN) as server:
        for credentials in ((), ("--control-token", "not-the-right-one")):
            done = command("contract", "--url", server.url, "--layer", "probes", *credentials)
            assert done.code == 2
            assert "--control-token" in done.err
        options = ("--layer", "oracles", "--quiet", "--control-token", CONTROL_TOKEN)
        done = command("contract", "--url", server.url, *options)
        assert done.code == 0, done.out
