"""The engine `process`: the script as a process of this machine, in folders beside each other. The last resort: a
script that says `../data` and `../results` finds them, one that says `/data` does not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mock_server.runner.capsules import Machine
from mock_server.runner.engines import local
from mock_server.runner.engines.engine import Task
from mock_server.runner.failures import EngineUnavailableError
from mock_server.runner.options import EngineOptions


class ProcessEngine:
    """Runs scripts as whoever runs it, with nothing between them and this machine."""

    name = "process"
    note = "scripts run as you, with all that you may do, and find ../data and ../results but not /data and /results"

    def __init__(self, options: EngineOptions, folder: Path) -> None:
        if not options.network:
            raise EngineUnavailableError(
                "the engine process cannot keep a script from the network: leave out --no-network"
            )
        self._folder = folder

    def machine(self) -> Machine:
        """This machine."""
        return local.machine()

    def remove_dead(self) -> None:
        """Nothing: a script does not outlive its runner, and its folder is in the runner's."""

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def execution(self, task: Task, check: Callable[[], None]) -> Iterator["_Execution"]:  # noqa: ARG002 - nothing is waited for
        """A run in a folder of its own."""
        execution = _Execution(self._folder / task.name, task)
        try:
            yield execution
        finally:
            execution.close()


class _Execution(local.LocalExecution):
    def __init__(self, root: Path, task: Task) -> None:
        super().__init__(root, task.resources.memory)
        self._task = task

    def asset(self, mount: str) -> Path:
        """Where the script looks for it."""
        return self.root / "data" / mount

    def start(self) -> None:
        """Start the script. That data assets are read-only, say their modes alone, which root does not heed."""
        variables = local.variables(self._task.variables, str(self.root))
        self.launch(["bash", "run", *self._task.arguments], variables, self.root / "code")
