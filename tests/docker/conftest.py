"""The engine of this machine, and the image under test, built once from a clean checkout."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docker.buildah_engine import BuildahEngine
from tests.docker.docker_engine import DockerEngine
from tests.docker.engine import Engine, NoEngineError, run

ROOT = Path(__file__).parents[2]
IMAGE = "codeocean-mock-under-test"


@pytest.fixture(scope="session")
def engine() -> Engine:
    reasons = []
    for kind in (DockerEngine, BuildahEngine):
        try:
            return kind()
        except NoEngineError as problem:
            reasons.append(str(problem))
    pytest.exit(f"nothing here can build and run an image: {'; '.join(reasons)}", returncode=1)


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
def image(engine: Engine, checkout: Path, base_image: str | None) -> str:
    engine.build(checkout, "docker/Dockerfile", IMAGE, base_image)
    return IMAGE
