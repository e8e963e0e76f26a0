"""The examples in the documentation run."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.documents.scenario_file import read
from tests.conftest import Client, HandClock, Server
from tests.docs.pages import blocks
from tests.docs.shell import run_in_shell
from tests.plugin.sessions import session
from tests.process import COMMAND, PATIENCE, environment, started
from tests.run_templates.conftest import Runs

SERVER = "http://127.0.0.1:8000"


def python(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client() -> None:
    [code] = blocks("client.md", "python")
    with started("--in-memory") as server:
        printed = python(code.replace(SERVER, server.url)).splitlines()
    assert printed == ["503", "200", "['running', 'finalizing', 'completed']", "True"]


@pytest.mark.slow
def test_s3() -> None:
    [code] = blocks("s3.md", "python")
    with started("--in-memory", "--s3", "embedded") as server:
        exported = subprocess.run(
            [COMMAND, "env", "--json", "--url", server.url], capture_output=True, timeout=PATIENCE, check=True
        )
        printed = python(code.replace(SERVER, server.url), **json.loads(exported.stdout))
    assert printed == "1 15\nb'{\"subject\": 17}'\n"


def test_a_server_in_a_process() -> None:
    [code] = blocks("embedding.md", "python")
    assert python(code) == "completed\n"


@pytest.mark.slow
def test_https(tmp_path: Path) -> None:
    [code] = blocks("https.md", "python")
    assert python(code) == "1576467\n200\n"
    [commands] = [block for block in blocks("https.md", "sh") if block.startswith("eval")]
    with started("--data-dir", str(tmp_path / ".codeocean-mock"), "--tls", "self-signed") as server:
        done = run_in_shell(commands.replace("https://127.0.0.1:8000", server.url), tmp_path)
    assert (done.returncode, "is ready" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.slow
def test_the_test_of_the_readme(tmp_path: Path) -> None:
    [test, _] = blocks("../README.md", "python")
    done = session(tmp_path, test)
    assert done.outcomes == {"passed": 1}, done.out


@pytest.mark.slow
@pytest.mark.parametrize(("number", "tests"), [(0, 1), (1, 1), (2, 2)])
def test_the_plugin(tmp_path: Path, number: int, tests: int) -> None:
    done = session(tmp_path, blocks("pytest.md", "python")[number])
    assert done.outcomes == {"passed": tests}, done.out


def test_a_scenario_file(tmp_path: Path) -> None:
    example, by_parameter = blocks("scenarios.md", "yaml")
    (tmp_path / "scenarios.yaml").write_text(example)
    names = [prepared.spec.name for prepared in read(str(tmp_path / "scenarios.yaml"))]
    assert names == ["gpu-crash", "slow-import", "no-access", "every-third"]
    (tmp_path / "scenarios.yaml").write_text(by_parameter)
    assert [prepared.spec.name for prepared in read(str(tmp_path / "scenarios.yaml"))] == ["too-large", "no-rows"]


def test_templates_of_results(start: Callable[..., Server], clock: HandClock, tmp_path: Path) -> None:
    seed, scenarios = blocks("result-templates.md", "yaml")
    (tmp_path / "seed.yaml").write_text(seed)
    (tmp_path / "scenarios.yaml").write_text(scenarios)
    server = start(seed=str(tmp_path / "seed.yaml"), scenarios=str(tmp_path / "scenarios.yaml"))
    capsule = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
    with Client(server.url, "cop_ada") as client:
        runs = Runs(client, clock)
        files = runs.files(runs.ended(capsule, units="5"))
        assert sorted(files) == ["output", "probeA/quality.json", "probeB/quality.json", "report.html", "units.csv"]
        assert len(files["units.csv"].splitlines()) == 6
        drift = json.loads(files["probeA/quality.json"])["drift_um"]
        assert f"<li>probeA: {drift} µm\n" in files["report.html"]
        assert "sorting probeB (2 of 2)\n5 units found\n" in files["output"]
        clock.advance(600)
        too_many = runs.ended(capsule, units="600")
        clock.advance(600)
        assert runs.end(too_many) == ("failed", 137)
        assert "loading 600 units\nKilled\n" in runs.files(too_many)["output"]
