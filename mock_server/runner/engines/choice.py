"""The engines by their names."""

from enum import StrEnum

from mock_server.runner.engines.engine import Engine
from mock_server.runner.failures import EngineUnavailableError
from mock_server.runner.leftovers import Workplace
from mock_server.runner.options import EngineOptions


class EngineName(StrEnum):
    """What a runner can execute runs with."""

    DOCKER = "docker"
    BUBBLEWRAP = "bubblewrap"
    PROCESS = "process"


def engine_of(name: EngineName, options: EngineOptions, workplace: Workplace) -> Engine:
    """The engine of that name. Raises `EngineUnavailableError`."""
    # What the others need is not loaded.
    if name is EngineName.DOCKER:
        from mock_server.runner.engines.docker import DockerEngine

        return DockerEngine(options, workplace)
    if options.image is not None:
        raise EngineUnavailableError(f"the engine {name} has no images: leave out --image")
    if name is EngineName.BUBBLEWRAP:
        from mock_server.runner.engines.bubblewrap import BubblewrapEngine

        return BubblewrapEngine(options, workplace.folder)
    from mock_server.runner.engines.process import ProcessEngine

    return ProcessEngine(options, workplace.folder)
