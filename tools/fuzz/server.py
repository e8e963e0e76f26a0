"""The server that is fuzzed: started as users start it, its memory and its log watched from outside."""

import json
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.process import COMMAND, PATIENCE, environment
from tools.processes import end

MAX_WORLDS = 24
"""Enough that worlds are made and dropped, and few enough that all are there after the warm-up."""
MOST_MEMORY = 8 << 30
"""Bytes of address space; one that takes more fails by itself, and not the machine."""


class Server:
    """A running server."""

    def __init__(self, popen: "subprocess.Popen[str]", folder: Path) -> None:
        self._popen = popen
        self._log = folder / "log"
        self.folder = folder
        assert popen.stdout is not None
        line = popen.stdout.readline()
        assert line, self.log()
        self.url: str = json.loads(line)["url"]
        parts = urlsplit(self.url)
        self.address = (str(parts.hostname), int(parts.port or 0))

    def memory(self) -> int:
        """Bytes that are resident, 0 when it has died."""
        try:
            lines = Path(f"/proc/{self._popen.pid}/status").read_text().splitlines()
        except OSError:
            return 0
        found = [line for line in lines if line.startswith("VmRSS:")]
        return int(found[0].split()[1]) * 1024 if found else 0

    def exit_code(self) -> int | None:
        """What the process ended with by itself; None while it runs."""
        return self._popen.poll()

    def log(self) -> str:
        """What it has written to standard error."""
        return self._log.read_text(errors="replace")


@contextmanager
def running() -> Iterator[Server]:
    """A server with the demo world in a folder of its own, on a free port; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        options = ["--data-dir", str(folder / "data"), "--random-seed", "1", "--log-format", "json"]
        command = [COMMAND, "serve", "--port", "0", *options, "--max-worlds", str(MAX_WORLDS)]
        with (folder / "log").open("w") as log:
            popen = subprocess.Popen(
                command,
                # A pipe that nothing comes from, for whoever takes /dev/stdin for a file.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=folder,
                env=environment(),
                preexec_fn=_limit_memory,
            )
        try:
            yield Server(popen, folder)
        finally:
            end(popen, PATIENCE)
            popen.communicate()


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
