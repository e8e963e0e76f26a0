"""A server and its runners as processes of their own, to be killed and started again at will."""

import json
import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from mock_server.client import Control
from tests.process import COMMAND, PATIENCE, Process, environment, started
from tests.runner.running import until

ID = "aaaaaaaa-0000-4000-8000-000000000001"


class Fleet:
    """One server with a capsule's folder, and runners by number."""

    def __init__(self, tmp_path: Path, folder: Path, *options: str) -> None:
        self.tmp_path = tmp_path
        self.work = tmp_path / "work"
        self._folder = folder
        self._options = options
        self._runners: dict[int, subprocess.Popen[str]] = {}
        self._stack = ExitStack()
        self._server: Process | None = None
        self._port = "0"
        self.start_server()

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._runners.values():
            runner.kill()
            runner.communicate()
        self._stack.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return self._server.url

    def start_server(self) -> None:
        """Start it, at its old address when it had one."""
        options = ("--data-dir", str(self.tmp_path / "data"), "--capsule", f"{ID}={self._folder}", "--port", self._port)
        self._server = self._stack.enter_context(started(*options))
        self._port = self.url.rpartition(":")[2]

    def kill_server(self) -> None:
        """kill -9."""
        assert self._server is not None
        self._server.kill()

    def start_runner(self, number: int) -> None:
        """Start one, and wait until it looks for work."""
        command = [COMMAND, "runner", "--url", self.url, "--name", f"runner-{number}", "--work-dir", str(self.work)]
        runner = subprocess.Popen(
            [*command, "--log-format", "json", *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(),
        )
        self._runners[number] = runner
        assert runner.stdout is not None
        assert json.loads(runner.stdout.readline())["message"] == "ready"

    def kill_runner(self, number: int) -> None:
        """kill -9."""
        runner = self._runners.pop(number)
        runner.kill()
        runner.communicate(timeout=PATIENCE)

    def end_runner(self, number: int) -> None:
        """Let one end in order."""
        runner = self._runners.pop(number)
        runner.send_signal(signal.SIGTERM)
        runner.communicate(timeout=PATIENCE)
        assert runner.returncode == 0

    def begin(self, *parameters: str) -> str:
        """Start a run; its id."""
        request = {"capsule_id": ID, "parameters": list(parameters)}
        return str(self._ask("POST", "/computations", json=request)["id"])

    def get(self, key: str) -> dict[str, Any]:
        """A run as the API shows it."""
        return self._ask("GET", f"/computations/{key}")

    def file(self, key: str, path: str) -> bytes | None:
        """A result file; None when there is none."""
        params = {"path": path}
        answer = self._api("GET", f"/computations/{key}/results/urls", params=params)
        if answer.status_code == 404:
            return None
        return httpx.get(answer.json()["download_url"], timeout=PATIENCE, verify=False).content

    def log(self, key: str) -> bytes:
        """The log of a run so far."""
        with Control(self.url, timeout=PATIENCE) as control:
            return control.world().computation(key).log()

    def wait(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """All runs, once they have ended."""
        until(lambda: all(self.get(key)["state"] in ("completed", "failed") for key in keys))
        return {key: self.get(key) for key in keys}

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._api(method, path, **more).raise_for_status().json()
        return answer

    def _api(self, method: str, path: str, **more: Any) -> httpx.Response:
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, auth=("cop_demo_user", ""), timeout=PATIENCE, verify=False, **more)
