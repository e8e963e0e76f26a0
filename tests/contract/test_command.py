"""`codeocean-mock contract` as users run it: how it ends, and what it says when it cannot run. The whole suite and a
refusal run in a process of their own, the rest in this one, which has imported the suite already.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.estimates import Cost, of_check
from tests.cli.conftest import command
from tests.contract.stand_in import run_stand_in
from tests.process import Process, run, run_long, started


@pytest.fixture(scope="module")
def fake() -> Iterator[Process]:
    with started("--in-memory") as server:
        yield server


@pytest.mark.slow
def test_the_short_form_of_the_whole_suite(tmp_path: Path) -> None:
    """Every layer against a fake of its own: this is `make contract-quick`. All that is served fits the spec."""
    done = run_long("contract", "--quick", "--seed", "1", "--quiet", "--report", str(tmp_path / "report"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("PASSED")
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert {check["layer"] for check in report["checks"]} == {"spec", "oracles", "scenarios", "probes"}
    assert all(check["status"] == "passed" for check in report["checks"])
    assert all(row["ok"] for row in report["operations"])
    assert not wrong_estimates(report), "run `make contract-estimates`"
    assert {"report.html", "junit.xml"} <= {file.name for file in (tmp_path / "report").iterdir()}


def wrong_estimates(report: Any) -> list[tuple[str, Cost, dict[str, int]]]:
    """The checks whose estimates are less than what they use, or far more: each with both."""
    measured = [(check["name"], of_check(check["name"]), check["used"]) for check in report["checks"] if check["used"]]
    assert measured
    return [
        (name, cost, used)
        for name, cost, used in measured
        if cost.requests > 2 * used["requests"] + 10 or any(getattr(cost, budget) < used[budget] for budget in used)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["oracles", "probes"])
def test_each_layer_alone_in_a_world_of_its_own(fake: Process, layer: str) -> None:
    done = command("contract", "--url", fake.url, "--layer", layer, "--json")
    report = done.json
    assert (done.code, report["verdict"], report["profile"]) == (0, "passed", "full")
    assert {check["name"] for check in report["checks"] if check["layer"] == layer and check["status"] == "passed"}
    worlds = command("worlds", "list", "--url", fake.url, "--json").json
    assert [world["name"] for world in worlds["worlds"]] == ["default"]


@pytest.mark.slow
def test_a_token_that_names_a_world(fake: Process) -> None:
    options = ("--layer", "probes", "--token", "cop_demo_user@ci-42", "--json")
    report = command("contract", "--url", fake.url, *options).json
    assert report["verdict"] == "passed"


def refused(*arguments: str) -> str:
    """The one line of a run that could not be done."""
    done = command("contract", *arguments)
    assert done.code == 2, done
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("codeocean-mock: ")
    return done.err


def test_a_process_that_cannot_run_ends_with_one_line() -> None:
    done = run("contract", "--url", "http://127.0.0.1:1", "--token", "cop_x", "--profile", "observe")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert "connection refused" in done.stderr


def test_a_token_that_nobody_was_given(fake: Process) -> None:
    line = refused("--url", fake.url, "--token", "cop_nobody_at_all")
    assert "rejected the token" in line
    assert "cop_nobody" not in line


def test_a_host_that_is_not_there() -> None:
    assert "connection refused" in refused("--url", "http://127.0.0.1:1", "--token", "cop_x", "--profile", "observe")


def test_another_server(fake: Process) -> None:
    assert "is not a Code Ocean deployment" in refused("--url", f"{fake.url}/docs", "--token", "cop_x")


def test_an_empty_world() -> None:
    with started("--in-memory", "--seed", "empty") as server:
        assert "nothing to test" in refused("--url", server.url)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"openapi": "3.1.0", "paths": {}}', "declares no operations"),
        ('{"openapi": "3.1.0"}', "declares no operations"),
        ('{"swagger": 1}', "is not an OpenAPI document"),
        ("{", "neither JSON nor YAML"),
        ("a: [", "neither JSON nor YAML"),
    ],
)
def test_a_spec_that_is_none(tmp_path: Path, content: str, words: str) -> None:
    spec = tmp_path / "spec"
    spec.write_text(content)
    assert words in refused("--spec", str(spec))


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refused("--spec", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--url", "https://codeocean.example.org", "--token", "x"), "--profile"),
        (("--url", "https://codeocean.example.org", "--token", "x", "--profile", "observe"), "--allow-host"),
        (
            (
                "--url",
                "https://codeocean.example.org",
                "--token",
                "x",
                "--profile",
                "full",
                "--allow-host",
                "other.org",
            ),
            "--allow-host codeocean.example.org",
        ),
        (("--url", "ftp://x", "--token", "x"), "not a deployment URL"),
        (("--url", "http://[::1", "--token", "x"), "not a deployment URL"),
        (("--profile", "anything"), "unknown profile: anything"),
        (("--layer", "fuzz"), "unknown layer: fuzz; choose from oracles, scenarios, probes, spec"),
        (("--allow-operation", "drop_tables"), "unknown operation: drop_tables"),
        (("--profile", "sandboxed"), "--capsule"),
    ],
)
def test_what_cannot_be_asked_for(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


@pytest.mark.parametrize("seconds", ["inf", "1e10", "86401", "nan", "0"])
@pytest.mark.parametrize("asked", [("contract",), ("import", "--url", "http://127.0.0.1:1", "--capsules", "")])
def test_a_timeout_that_no_socket_takes(asked: tuple[str, ...], seconds: str) -> None:
    done = command(*asked, "--timeout", seconds)
    assert (done.code, done.out) == (2, "")
    assert "Invalid value for '--timeout': must be at " in done.err


def test_no_token(tmp_path: Path) -> None:
    with run_stand_in(tmp_path) as real:
        assert "requires a token: pass --token" in refused("--url", real.url)
    (tmp_path / "ledger").touch()
    assert "no token: pass --token" in refused("sweep", "--ledger", str(tmp_path / "ledger"))


def test_a_budget_that_leaves_room_for_next_to_nothing(fake: Process) -> None:
    done = command("contract", "--url", fake.url, "--layer", "probes", "--max-requests", "40", "--quiet")
    assert done.code == 2
    assert "checks are too little to say anything" in done.out


def test_a_budget_that_is_spent(fake: Process) -> None:
    """Time cannot be planned where no rate is given."""
    done = command("contract", "--url", fake.url, "--layer", "probes", "--max-seconds", "1", "--json")
    report = done.json
    enough = 2 * report["carried_out"]["done"] >= report["carried_out"]["possible"]
    assert (report["stopped"], report["is_spent"]) == ("budget exhausted: 1 seconds", True)
    assert (done.code, report["verdict"]) == ((0, "passed") if enough else (2, "could not run"))
    assert not [check for check in report["checks"] if check["status"] == "error"]


def test_known_differences(fake: Process, tmp_path: Path) -> None:
    baseline = tmp_path / "known.yaml"
    entry = "{check: unknown_ids, reason: it is different there, expires: %s}"
    baseline.write_text(f"version: 1\nknown_differences: [{entry % '2020-01-31'}]\n")
    # A few requests are enough: an outdated baseline fails also a run that was stopped.
    options = ("--layer", "scenarios", "--max-requests", "60", "--baseline", str(baseline), "--json")
    done = command("contract", "--url", fake.url, *options)
    assert done.code == 1
    assert "expired on 2020-01-31" in done.json["complaints"][0]
    baseline.write_text("version: 2\n")
    assert "line 1" in refused("--baseline", str(baseline))


def test_the_plan_sends_nothing() -> None:
    done = command("contract", "plan", "--url", "http://127.0.0.1:1", "--profile", "observe", "--json")
    rows: list[dict[str, Any]] = done.json
    assert {row["layer"] for row in rows} == {"spec", "oracles", "scenarios", "probes"}
    assert all(row["effects"] == ["read"] for row in rows if row["runs"] and row["operations"])
    assert {row["reason"] is None for row in rows} == {True, False}


@pytest.mark.slow
def test_drift_of_the_fake(fake: Process) -> None:
    done = command("contract", "drift", "--url", fake.url, "--max-requests", "400", "--format", "json")
    assert done.json["differences"] == []
    assert len(done.json["seen"]) > 15
    assert done.json["is_unhurried"]
    assert done.code == 0


@pytest.mark.slow
def test_drift_says_that_the_fake_is_asked_at_full_speed(fake: Process) -> None:
    unhurried = "The target is the fake on this machine: it was asked at full speed (--rate asks more slowly).\n"
    options = ("contract", "drift", "--url", fake.url, "--layer", "oracles", "--max-requests", "40")
    assert unhurried in command(*options).out
    assert unhurried in command(*options, "--format", "markdown").out
    assert unhurried not in command(*options, "--rate", "1000").out
