"""What a runner could execute code with on this machine."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from mock_server.cli.doctor.environment import Finding, ok
from mock_server.runner.engines.choice import EngineName, engine_of
from mock_server.runner.failures import RunnerError
from mock_server.runner.leftovers import Workplace
from mock_server.runner.options import GIB, EngineOptions


def engines() -> Finding:
    """The engines that are there, and why the others are not. Nobody needs any before code is to be executed."""
    return ok("engines", "; ".join(map(_examined, EngineName)))


def _examined(name: EngineName) -> str:
    try:
        with TemporaryDirectory() as folder, Workplace(Path(folder)) as workplace:
            options = EngineOptions(work_dir=Path(folder))
            with closing(engine_of(name, options, workplace)) as engine:
                machine = engine.machine()
    except (RunnerError, OSError) as problem:
        return f"no {name}: {problem}"
    return f"{name} ({machine.cpus} cores, {machine.memory / GIB:.1f} GiB)"
