"""WorldDatabases and containers of a Docker engine."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.docker.engine import (
    BUILD_SECONDS,
    STOP_SECONDS,
    Container,
    NoEngineError,
    Wanted,
    run,
)
from tests.process import PATIENCE

PORT = 8000
"""What the image listens on."""


class DockerContainer:
    """A container of Docker, by its id."""

    def __init__(self, key: str) -> None:
        self.key = key
        place = run("docker", "port", key, str(PORT)).splitlines()[0]
        self.url = f"http://{place}"

    def exec(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["docker", "exec", self.key, *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def stop(self) -> int:
        run("docker", "stop", "-t", str(STOP_SECONDS), self.key)
        return int(run("docker", "inspect", "--format", "{{.State.ExitCode}}", self.key))

    def logs(self) -> str:
        done = subprocess.run(
            ["docker", "logs", self.key],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout


class DockerEngine:
    """A Docker engine that answers. Raises `NoEngineError` when none does."""

    name = "docker"

    def __init__(self) -> None:
        if shutil.which("docker") is None:
            raise NoEngineError("docker is not installed")
        asked = subprocess.run(["docker", "info"], capture_output=True, text=True, timeout=PATIENCE, check=False)
        if asked.returncode != 0:
            raise NoEngineError("no Docker engine answers")

    def build(self, folder: Path, dockerfile: str, image: str, base_image: str | None) -> None:
        arguments = ["--build-arg", f"BASE_IMAGE={base_image}"] if base_image else []
        command = ["docker", "build", "--file", str(folder / dockerfile), "--tag", image, *arguments, str(folder)]
        run(*command, seconds=BUILD_SECONDS)

    def config(self, image: str) -> dict[str, Any]:
        config: dict[str, Any] = json.loads(run("docker", "image", "inspect", image))[0]["Config"]
        return config

    def size(self, image: str) -> int:
        return _compressed(["docker", "save", image])

    @contextmanager
    def run(self, wanted: Wanted) -> Iterator[Container]:
        options = [f"--env={name}={value}" for name, value in wanted.env.items()]
        if wanted.data is not None:
            options.append(f"--volume={wanted.data}:/data")
        if wanted.disk is not None:
            options.append(f"--tmpfs=/data:size={wanted.disk},mode=1777")
        publish = f"--publish=127.0.0.1::{PORT}"
        key = run("docker", "run", "--detach", "--read-only", publish, *options, wanted.image, *wanted.command).strip()
        try:
            yield DockerContainer(key)
        finally:
            run("docker", "rm", "--force", "--volumes", key)

    def run_beside(self, image: str, container: Container, env: Mapping[str, str]) -> str:
        assert isinstance(container, DockerContainer)
        options = [
            f"--env={name}={value}" for name, value in {"CODEOCEAN_DOMAIN": f"http://127.0.0.1:{PORT}", **env}.items()
        ]
        return run("docker", "run", "--rm", "--read-only", f"--network=container:{container.key}", *options, image)


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
