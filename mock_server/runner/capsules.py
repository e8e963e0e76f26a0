"""The folder of a capsule, as its Git repository or an export has it: what a run needs of it."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from mock_server.runner.failures import CannotRunError
from mock_server.runner.options import GIB, EngineOptions

CORES = {"xsmall": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64}
"""Cores of a resource class. Deployments define them; public folders hold no more than the names, so each is twice the
one before.
"""

MEMORY_OF_CORE = 8 * GIB
"""Memory that goes with a core, as in machines of the memory-optimized families."""


class Machine(NamedTuple):
    """How many cores and how many bytes of memory there are where runs are executed."""

    cpus: int
    memory: int


class Resources(NamedTuple):
    """What a run may use: cores, and bytes of memory."""

    cpus: float
    memory: int


class CapsuleFolder:
    """A capsule's folder on this machine. Raises `CannotRunError` when it, or a part of it, is not there."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise CannotRunError(f"the capsule's folder is not on this machine: {path}")
        self.code = self.path / "code"
        self.environment = self.path / "environment"
        self.data = self.path / "data"
        for part in (self.code, self.environment, self.data):
            self._require_inside(part)

    @property
    def has_script(self) -> bool:
        """Whether there is anything to run."""
        return (self.code / "run").is_file()

    def environment_hash(self, *more: str) -> str:
        """A hash of all files in `environment`, and of what else makes its image."""
        digest = sha256("\0".join(more).encode())
        for path in self.environment_files():
            executable = os.access(path, os.X_OK)
            name = os.fsencode(path.relative_to(self.environment))
            content = sha256(path.read_bytes()).digest()
            digest.update(b"\0".join((name, b"x" if executable else b"-", content)))
        return digest.hexdigest()

    def environment_files(self) -> list[Path]:
        """All files in `environment`, which an image may hold. Raises `CannotRunError` for a link that leads out of the
        capsule's folder: an image is not to hold files that are nobody's business there.
        """
        files = [path for path in sorted(self.environment.rglob("*")) if path.is_file()]
        for path in files:
            self._require_inside(path)
        return files

    def _require_inside(self, path: Path) -> None:
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise CannotRunError(f"{path.relative_to(self.path)} is a link that leads out of {self.path}")

    def resources(self, options: EngineOptions, machine: Machine) -> Resources:
        """What a run may use: as the options say, else `.codeocean/resources.json`, never more than the machine has."""
        cores = CORES.get(self._resource_class(), 0)
        cpus = options.cpus or cores or machine.cpus
        memory = options.memory or cores * MEMORY_OF_CORE or machine.memory
        return Resources(min(cpus, machine.cpus), min(memory, machine.memory))

    def _resource_class(self) -> str:
        try:
            content = json.loads((self.path / ".codeocean/resources.json").read_bytes())
        except (OSError, ValueError):
            return ""
        found = content.get("resource_class") if isinstance(content, dict) else None
        return found if isinstance(found, str) else ""
