"""The engine `bubblewrap`: the script as a process of this machine, which sees the machine's system read-only, its own
folders where the platform has them, and no other process. It needs no root.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mock_server.runner.capsules import Machine
from mock_server.runner.engines import local
from mock_server.runner.engines.engine import PLACES, Task
from mock_server.runner.failures import EngineUnavailableError
from mock_server.runner.options import EngineOptions

OWN = ("dev", "proc", "tmp", "run", "root", *PLACES)
"""What a script has of its own at the root, whatever this machine has there."""

ISOLATED = (
    "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
    "--hostname", "capsule", "--cap-drop", "ALL", "--new-session", "--die-with-parent",
)  # fmt: skip
CHECK_SECONDS = 30.0


class BubblewrapEngine:
    """Runs scripts as whoever runs it, in namespaces of their own."""

    name = "bubblewrap"
    note = "scripts run as you: they cannot write to this machine's files, but read all that you can read"

    def __init__(self, options: EngineOptions, folder: Path) -> None:
        self._folder = folder
        self._network = options.network

    def machine(self) -> Machine:
        """This machine, when bubblewrap works on it."""
        if shutil.which("bwrap") is None:
            raise EngineUnavailableError("bwrap is not installed; Debian and Ubuntu have it as the package bubblewrap")
        command = [*_system(self._network), "--", "true"]
        tried = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)  # noqa: S603
        if tried.returncode != 0:
            reason = " ".join(tried.stderr.split())[:300]
            raise EngineUnavailableError(f"bwrap cannot make namespaces here: {reason}")
        return local.machine()

    def remove_dead(self) -> None:
        """Nothing: a script does not outlive its runner, and its folder is in the runner's."""

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def execution(self, task: Task, check: Callable[[], None]) -> Iterator["_Execution"]:  # noqa: ARG002 - nothing is waited for
        """A run in namespaces of its own."""
        execution = _Execution(self._folder / task.name, task, self._network)
        try:
            yield execution
        finally:
            execution.close()


class _Execution(local.LocalExecution):
    def __init__(self, root: Path, task: Task, network: bool) -> None:
        super().__init__(root, task.resources.memory)
        self._task = task
        self._network = network

    def start(self) -> None:
        """Start the script."""
        options = _system(self._network)
        for place in PLACES:
            options += [
                "--bind",
                str(self.root / place),
                f"/{place}",
                "--symlink",
                f"/{place}",
                f"/root/capsule/{place}",
            ]
        for mount in sorted(self.mounts):
            options += ["--ro-bind", str(self.asset(mount)), f"/data/{mount}"]
        command = [*options, "--chdir", "/code", "--", "bash", "run", *self._task.arguments]
        # The script's own PATH may lead elsewhere.
        command[0] = shutil.which(command[0]) or command[0]
        self.launch(command, local.variables(self._task.variables, "/root"), self.root)


def _system(network: bool) -> list[str]:
    """The command with what every run has: this machine's system, read-only, and a network or none."""
    options = ["bwrap", *ISOLATED, *([] if network else ["--unshare-net"])]
    options += [*_host(Path("/"), OWN), "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108
    options += ["--dir", "/root", *_host(Path("/root"), ("capsule",)), *_resolver()]
    return options


def _host(folder: Path, hidden: Iterable[str]) -> Iterator[str]:
    """Options that bring in what is in a folder of this machine, as far as it can be read."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for path in found:
        if path.name in hidden:
            continue
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif os.access(path, os.R_OK):
            yield from ("--ro-bind", str(path), str(path))


def _resolver() -> Iterator[str]:
    """Options that bring in the file which says how names are looked up, where it is in /run."""
    resolver = Path("/etc/resolv.conf").resolve()
    if resolver.is_relative_to("/run") and resolver.is_file():
        yield from ("--ro-bind", str(resolver), str(resolver))
