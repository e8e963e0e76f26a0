"""The server as users start it: a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).parent / "codeocean-mock")
PATIENCE = 120.0
"""Seconds after which something that is waited for does not come any more, on however busy a machine."""


class Process:
    """A started server: what it said when it was ready, and the process."""

    def __init__(self, popen: "subprocess.Popen[str]", ready: dict[str, Any]) -> None:
        self.popen = popen
        self.ready = ready
        self.url: str = ready["url"]

    def kill(self) -> None:
        """kill -9."""
        self.popen.kill()
        self.popen.wait(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Ask it to stop; its exit code and what it wrote to stderr."""
        self.popen.send_signal(number)
        _, err = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, err


def environment(**more: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CODEOCEAN_MOCK_")}
    return kept | more


@contextmanager
def started(*options: str, shell: str = 'exec "$@"', **env: str) -> Iterator[Process]:
    """A server on a free port with `options`; it is gone afterwards, one way or the other. `shell` starts it."""
    command = ["sh", "-c", shell, "sh", COMMAND, "serve", "--port", "0", "--log-format", "json", *options]
    popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**env))
    assert popen.stdout is not None
    line = popen.stdout.readline()
    try:
        assert line, popen.communicate()[1]
        yield Process(popen, json.loads(line))
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.communicate()


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened. Raises `AssertionError` when it does not."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def run(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """The command with `arguments`, to its end."""
    return _ended(arguments, env, PATIENCE)


def run_long(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """As `run`, for what takes minutes on a busy machine."""
    return _ended(arguments, {}, 400)


def _ended(arguments: tuple[str, ...], env: dict[str, str], seconds: float) -> "subprocess.CompletedProcess[str]":
    command = [COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(**env), timeout=seconds, check=False)
