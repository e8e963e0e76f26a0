"""A runner beside a server: a process of its own, which ends with the server, whatever ends that."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from threading import Thread

from mock_server.cli.common import complain
from mock_server.settings import LogFormat

SECONDS_TO_END = 20.0
"""How long a runner may take to give back what it executes."""

LOOK_SECONDS = 0.02


class RunnerProcess:
    """The command `runner`, with an engine and with what the environment sets. It is told the control token through its
    standard input, where no list of processes shows it, and ends when that is closed.
    """

    def __init__(self, engine: str, log_format: LogFormat) -> None:
        self._engine = engine
        self._log_format = log_format
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def start(self, url: str, control_token: str | None, variables: dict[str, str]) -> None:
        """Start it for the server at `url`, with these variables in its environment."""
        options = ["--url", url, "--engine", self._engine, "--log-format", self._log_format, "--attached"]
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "mock_server", "runner", *options],
            stdin=subprocess.PIPE,
            # The server's own lines alone go to standard output.
            stdout=sys.stderr.fileno(),
            # Ctrl-C is for the server, which ends this one first.
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.endswith("_CONTROL_TOKEN")} | variables,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{control_token or ''}\n".encode())
            self._process.stdin.flush()
        Thread(target=self._watch, args=(self._process,), name="runner", daemon=True).start()

    async def stop(self) -> None:
        """End it in order; at once when that takes too long."""
        process = self._process
        if process is None:
            return
        self._stopping = True
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(SECONDS_TO_END):
                while process.poll() is None:
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            complain("the runner did not end in time, and was killed")
        finally:
            process.kill()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        code = process.wait()
        if not self._stopping:
            complain(f"the runner has ended with exit code {code}; nothing is executed any more")
