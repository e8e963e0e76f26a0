"""The engines of this machine, as tests need them."""

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from mock_server.runner.engines.choice import EngineName, engine_of
from mock_server.runner.failures import EngineUnavailableError
from mock_server.runner.leftovers import Workplace
from mock_server.runner.options import EngineOptions
from tests.runner import base_image

ENGINES = [str(name) for name in EngineName]


def require(name: str, tmp_path: Path) -> list[str]:
    """Skip the test when an engine is not there, or fail it when NEEDS_ENGINES says that it must be. Options that a
    runner needs for it.
    """
    try:
        with ExitStack() as made:
            workplace = made.enter_context(Workplace(tmp_path / "probe"))
            made.enter_context(closing(engine_of(EngineName(name), options(tmp_path), workplace))).machine()
    except EngineUnavailableError as problem:
        if os.environ.get("NEEDS_ENGINES"):
            raise
        pytest.skip(str(problem))
    if name != EngineName.DOCKER:
        return []
    from mock_server.runner.engines.docker import connect

    client = connect()
    base_image.make(client)
    client.close()
    return ["--registry-host", base_image.REGISTRY]


def options(tmp_path: Path, **more: Any) -> EngineOptions:
    return EngineOptions(work_dir=tmp_path / "work", registry_host=base_image.REGISTRY, **more)


def left_in_docker(tmp_path: Path) -> list[str]:
    """What runners that worked below a folder have left in the Docker engine, if there is one."""
    from mock_server.runner.engines.docker import LOCK, connect

    try:
        client = connect()
    except EngineUnavailableError:
        return []
    with closing(client):
        found: list[dict[str, Any]] = [
            *client.containers(all=True),
            *(client.volumes()["Volumes"] or []),
            *client.networks(),
        ]
    return [str(one) for one in found if str(tmp_path) in str((one.get("Labels") or {}).get(LOCK))]
