"""Images and containers of a Docker engine."""

import gzip
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.process import PATIENCE, until

PORT = 8000
"""What the image listens on."""
STOP_SECONDS = 10
"""How long a container that is told to stop may take before it is killed."""
BUILD_SECONDS = 900
QUOTED = 3000
"""How much of what a failed command wrote is repeated."""


@dataclass(frozen=True)
class ContainerOptions:
    """How a container is to be run: always with a root file system that is read-only."""

    image: str
    command: Sequence[str] = ("serve",)
    env: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    """The directory of this machine that is its /data; None for a new volume."""
    disk: int | None = None
    """Bytes of a small disk in memory that is its /data instead."""
    options: Sequence[str] = ()
    """Further options of `docker run`."""


class Container:
    """A container that runs, by its id."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.place = run("docker", "port", key, str(PORT)).splitlines()[0]
        self.url = f"http://{self.place}"

    def wait_until_healthy(self) -> None:
        """Wait until the engine, which runs the health check of the image, calls it healthy."""
        until(lambda: self._state()["Health"]["Status"] == "healthy" or not self._state()["Running"])
        assert self._state()["Running"], self.logs()

    def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run("docker", "inspect", "--format", "{{json .State}}", self.key))
        return found

    def exec(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in it, as its user."""
        return subprocess.run(
            ["docker", "exec", self.key, *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def stop(self) -> int:
        """Send it its stop signal, and wait; its exit code."""
        run("docker", "stop", "-t", str(STOP_SECONDS), self.key)
        return int(run("docker", "inspect", "--format", "{{.State.ExitCode}}", self.key))

    def logs(self) -> str:
        """What it has written, standard output and standard error."""
        done = subprocess.run(
            ["docker", "logs", self.key],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout


def build(folder: Path, dockerfile: str, image: str, base_image: str | None) -> None:
    """Build `dockerfile` of the project in `folder` as `image`, on `base_image` when there is one."""
    arguments = ["--build-arg", f"BASE_IMAGE={base_image}"] if base_image else []
    command = ["docker", "build", "--file", str(folder / dockerfile), "--tag", image, *arguments, str(folder)]
    run(*command, seconds=BUILD_SECONDS)


def config(image: str) -> dict[str, Any]:
    """The configuration of an image: `User`, `Env`, `Healthcheck`, …"""
    found: dict[str, Any] = json.loads(run("docker", "image", "inspect", image))[0]["Config"]
    return found


def size(image: str) -> int:
    """The bytes of an image as a registry keeps it."""
    return _compressed(["docker", "save", image])


@contextmanager
def running(chosen: ContainerOptions) -> Iterator[Container]:
    """A container that is gone afterwards, with its volume."""
    options = [f"--env={name}={value}" for name, value in chosen.env.items()]
    if chosen.data is not None:
        options.append(f"--volume={chosen.data}:/data")
    if chosen.disk is not None:
        options.append(f"--tmpfs=/data:size={chosen.disk},uid=10001,gid=10001")
    options += chosen.options
    publish = f"--publish=127.0.0.1::{PORT}"
    key = run("docker", "run", "--detach", "--read-only", publish, *options, chosen.image, *chosen.command).strip()
    try:
        yield Container(key)
    finally:
        run("docker", "rm", "--force", "--volumes", key)


def run(*command: str, seconds: float = PATIENCE, **more: Any) -> str:
    """A command that must succeed; what it wrote to standard output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-QUOTED:]}"
    written: str = done.stdout
    return written


def _compressed(command: Sequence[str]) -> int:
    """The size of what a command writes to standard output, compressed as registries keep it."""
    counted = _Counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as popen:
        assert popen.stdout is not None
        with gzip.GzipFile(fileobj=counted, mode="wb", compresslevel=1) as squeezed:
            while chunk := popen.stdout.read(1 << 20):
                squeezed.write(chunk)
        assert popen.wait(PATIENCE) == 0, command
    return counted.size


class _Counter:
    """A file that keeps nothing but its size."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, content: bytes) -> int:
        self.size += len(content)
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""
