"""`codeocean-mock contract` as users run it: how it ends, and what it says when it cannot run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process import Process, run, run_long, started


@pytest.fixture(scope="module")
def fake() -> Iterator[Process]:
    with started("--in-memory") as server:
        yield server


def test_the_short_form_of_the_whole_suite(tmp_path: Path) -> None:
    """Every layer against a fake of its own: this is `make contract-quick`."""
    done = run_long("contract", "--quick", "--seed", "1", "--quiet", "--report", str(tmp_path / "report"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("PASSED")
    assert "Traceback" not in done.stderr
    told = json.loads((tmp_path / "report/report.json").read_text())
    assert {check["layer"] for check in told["checks"]} == {"spec", "oracles", "scenarios", "probes"}
    assert all(check["status"] == "passed" for check in told["checks"])
    assert all(row["ok"] for row in told["operations"])
    assert {"report.html", "junit.xml"} <= {file.name for file in (tmp_path / "report").iterdir()}


@pytest.mark.parametrize("layer", ["oracles", "scenarios", "probes"])
def test_each_layer_alone_in_a_world_of_its_own(fake: Process, layer: str) -> None:
    done = run_long("contract", "--url", fake.url, "--layer", layer, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"], told["profile"]) == (0, "passed", "full")
    assert {check["name"] for check in told["checks"] if check["layer"] == layer and check["status"] == "passed"}
    worlds = json.loads(run("worlds", "list", "--url", fake.url, "--json").stdout)
    assert [world["name"] for world in worlds["worlds"]] == ["default"]


def test_a_token_that_names_a_world(fake: Process) -> None:
    options = ("--layer", "probes", "--token", "cop_demo_user@ci-42", "--json")
    told = json.loads(run_long("contract", "--url", fake.url, *options).stdout)
    assert told["verdict"] == "passed"


def refused(*arguments: str) -> str:
    """The one line of a run that could not be done."""
    done = run("contract", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("codeocean-mock: ")
    return done.stderr


def test_a_token_that_nobody_was_given(fake: Process) -> None:
    line = refused("--url", fake.url, "--token", "cop_nobody_at_all")
    assert "refused the token" in line
    assert "cop_nobody" not in line


def test_a_host_that_is_not_there() -> None:
    assert "connection refused" in refused("--url", "http://127.0.0.1:1", "--token", "cop_x", "--profile", "observe")


def test_another_server(fake: Process) -> None:
    assert "is no Code Ocean" in refused("--url", f"{fake.url}/docs", "--token", "cop_x")


def test_an_empty_world() -> None:
    with started("--in-memory", "--seed", "empty") as server:
        assert "there is nothing to work on" in refused("--url", server.url)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"openapi": "3.1.0", "paths": {}}', "declares no operation"),
        ('{"openapi": "3.1.0"}', "declares no operation"),
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
        (("--url", "ftp://x", "--token", "x"), "is not the address"),
        (("--url", "http://[::1", "--token", "x"), "is not the address"),
        (("--profile", "anything"), "no profile called anything"),
        (("--layer", "fuzz"), "no layer called fuzz"),
        (("--allow-operation", "drop_tables"), "no operation called drop_tables"),
        (("--profile", "sandboxed"), "--capsule"),
    ],
)
def test_what_cannot_be_asked_for(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


def test_no_token(tmp_path: Path) -> None:
    assert "no token was given" in refused("--url", "http://127.0.0.1:1")
    assert "no token was given" in refused("sweep", "--ledger", str(tmp_path / "none"))


def test_a_budget_that_is_spent(fake: Process) -> None:
    done = run("contract", "--url", fake.url, "--layer", "probes", "--max-requests", "40", "--quiet")
    assert done.returncode == 2
    assert "the budget of 40 requests is spent" in done.stdout


def test_known_differences(fake: Process, tmp_path: Path) -> None:
    baseline = tmp_path / "known.yaml"
    entry = "{check: unknown_ids, reason: it is different there, expires: %s}"
    baseline.write_text(f"version: 1\nknown_differences: [{entry % '2020-01-31'}]\n")
    options = ("--url", fake.url, "--layer", "scenarios", "--baseline", str(baseline), "--json")
    done = run_long("contract", *options)
    assert done.returncode == 1
    assert "expired on 2020-01-31" in json.loads(done.stdout)["complaints"][0]
    baseline.write_text("version: 2\n")
    assert "line 1" in refused("--baseline", str(baseline))


def test_the_plan_sends_nothing() -> None:
    done = run("contract", "plan", "--url", "http://127.0.0.1:1", "--profile", "observe", "--json")
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert {row["layer"] for row in rows} == {"spec", "oracles", "scenarios", "probes"}
    assert all(row["effects"] == ["read"] for row in rows if row["runs"] and row["operations"])
    assert {row["reason"] is None for row in rows} == {True, False}


def test_drift_of_the_fake(fake: Process) -> None:
    done = run_long("contract", "drift", "--url", fake.url, "--rate", "500", "--format", "json")
    told = json.loads(done.stdout)
    assert told["differences"] == []
    assert len(told["seen"]) > 15
    assert done.returncode == 0
