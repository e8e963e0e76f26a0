"""A dry run of what the CI of users calls: the steps of action.yml, and the job of .gitlab, on this machine."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml

from tests.process import environment

ROOT = Path(__file__).parents[1]
SECONDS = 600


def try_all(wheel: Path) -> None:
    """Run the action and the GitLab job with `wheel`.

    Raises `AssertionError` when a step fails, or what they export does not lead to a Code Ocean.
    """
    with TemporaryDirectory() as folder:
        _try_action(wheel, Path(folder))
        _try_gitlab_job(wheel, Path(folder))
    print("action.yml and .gitlab/codeocean-mock.yml: started a Code Ocean, and exported where it is")


def _try_action(wheel: Path, folder: Path) -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs = {name: str(given["default"]) for name, given in action["inputs"].items()}
    inputs |= {"package": str(wheel), "port": str(_free_port())}
    files = {name: folder / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH")}
    runner = {name: str(path) for name, path in files.items()} | {"RUNNER_TEMP": str(folder)}
    with _process_group() as run:
        for step in action["runs"]["steps"]:
            run(step["run"], runner | {name: _filled_in(value, inputs) for name, value in step["env"].items()})
        exported = dict(line.split("=", 1) for line in files["GITHUB_ENV"].read_text().splitlines())
        _require_code_ocean(exported["CODEOCEAN_DOMAIN"], exported["CODEOCEAN_TOKEN"])


def _filled_in(value: str, inputs: dict[str, str]) -> str:
    """The value of an expression such as `${{ inputs.package || github.action_path }}`: of its first input."""
    return re.sub(r"\$\{\{ inputs\.(\w+)[^}]*}}", lambda found: inputs[found[1]], value)


def _try_gitlab_job(wheel: Path, folder: Path) -> None:
    job: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab" / "codeocean-mock.yml").read_text())[".codeocean-mock"]
    url = f"http://127.0.0.1:{_free_port()}"
    variables = job["variables"] | {"CODEOCEAN_MOCK_PACKAGE": str(wheel), "CODEOCEAN_MOCK_PORT": url.rpartition(":")[2]}
    variables |= dict.fromkeys(("CODEOCEAN_MOCK_URL", "CODEOCEAN_DOMAIN"), url)
    script = "\n".join(job["before_script"]).replace("/tmp/codeocean-mock", str(folder / "gitlab"))
    with _process_group() as run:
        run(f"cd {folder}\n{script}", variables)
        _require_code_ocean(url, variables["CODEOCEAN_TOKEN"])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _process_group() -> Iterator[Any]:
    """A function that runs a script with variables as CI does; what scripts leave running is ended afterwards."""
    groups: list[int] = []

    def run(script: str, variables: dict[str, str]) -> None:
        # CI takes the newest releases; here one of today must not fail the run.
        env = environment(**variables, PIP_CONSTRAINT=str(ROOT / "constraints.txt"), PIP_QUIET="2")
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        with subprocess.Popen(shell, env=env, start_new_session=True) as process:
            groups.append(process.pid)
            assert process.wait(SECONDS) == 0, script

    try:
        yield run
    finally:
        for group in groups:
            try:
                os.killpg(group, signal.SIGTERM)
            except ProcessLookupError:
                continue


def _require_code_ocean(domain: str, token: str) -> None:
    answer = httpx.post(f"{domain}/api/v1/capsules/search", json={}, auth=(token, ""), timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"]
