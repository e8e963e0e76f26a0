"""What builds and runs images: a Docker engine where there is one, else buildah."""

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.process import PATIENCE

STOP_SECONDS = 10
"""How long a container that is told to stop may take before it is killed, as with Docker."""
BUILD_SECONDS = 900
TOLD = 3000
"""How much of what a failed command wrote is told."""


class NoEngineError(Exception):
    """There is nothing that builds images here; the text says what is missing."""


@dataclass(frozen=True)
class Wanted:
    """How a container is to be run: always with a root file system that is read-only."""

    image: str
    command: Sequence[str] = ("serve",)
    env: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    """The directory of this machine that is its /data; None for a new volume."""
    disk: int | None = None
    """Bytes of a small disk in memory that is its /data instead."""


class Container(Protocol):
    """A container that runs."""

    url: str

    def exec(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in it, as its user."""

    def stop(self) -> int:
        """Send it its stop signal, and wait; its exit code."""

    def logs(self) -> str:
        """What it has written, standard output and standard error."""


class Engine(Protocol):
    """Builds and runs images."""

    name: str

    def build(self, folder: Path, dockerfile: str, image: str, base_image: str | None) -> None:
        """Build `dockerfile` of the project in `folder` as `image`."""

    def config(self, image: str) -> dict[str, Any]:
        """The configuration of an image, as Docker has it: `User`, `Env`, `Healthcheck`, …"""

    def size(self, image: str) -> int:
        """The bytes of an image as a compressed archive."""

    def run(self, wanted: Wanted) -> AbstractContextManager[Container]:
        """A running container, gone afterwards with its volume."""

    def run_beside(self, image: str, container: Container, env: Mapping[str, str]) -> str:
        """Run an image to its end where `CODEOCEAN_DOMAIN` leads to `container`; what it wrote to standard output."""


def run(*command: str, seconds: float = PATIENCE, **more: Any) -> str:
    """A command that must succeed; what it wrote to standard output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-TOLD:]}"
    written: str = done.stdout
    return written
