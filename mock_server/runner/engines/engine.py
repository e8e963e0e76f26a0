"""What an engine does: prepare a run, start it, kill it, hand out its results, and clean up after it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from mock_server.runner.capsules import CapsuleFolder, Machine, Resources
from mock_server.runner.results import Entry

PLACES = ("code", "data", "results", "scratch")
"""The folders of a run, at the root and in `/root/capsule`."""


class Ended(NamedTuple):
    """How a script ended: its exit code, 128 and a signal's number when one killed it; whether memory ran out."""

    exit_code: int
    out_of_memory: bool = False


class Task(NamedTuple):
    """A run to be executed: a `name` that no other has here, its capsule, the script's `arguments`, its variables, and
    what it may use.
    """

    name: str
    capsule: CapsuleFolder
    arguments: Sequence[str]
    variables: Mapping[str, str]
    resources: Resources


class Execution(Protocol):
    """One run: prepared by `copy` and `unpack`, then started once. `kill` may come at any time, from any thread."""

    @property
    def build_log(self) -> bytes | None:
        """What building the environment wrote, when it was built for this run."""

    def copy(self, folder: Path, place: str, skip: Collection[str] = ()) -> None:
        """Copy a folder's content to one of the `PLACES`, but for what stands directly in it under a name to `skip`.
        Raises `OSError`.
        """

    def unpack(self, tar: BinaryIO, mount: str) -> None:
        """Unpack a data asset, read-only, as `/data/<mount>`. Raises `OSError`, `tarfile.TarError`."""

    def start(self) -> None:
        """Start the script. Raises `CannotRunError`."""

    def output(self) -> Iterator[bytes]:
        """What it writes to stdout and stderr, until it and all that it started have ended."""

    def ended(self) -> Ended:
        """How it ended, once the output has."""

    def kill(self) -> None:
        """Kill it, and all that it has started; nothing when it has ended or was not started."""

    def results(self) -> Iterator[Entry]:
        """All that is in `/results`, once it has ended."""

    def result(self, path: str) -> AbstractContextManager[Entry | None]:
        """One plain file in `/results`."""


class Engine(Protocol):
    """A way to execute runs."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def note(self) -> str | None:
        """What an operator should know of it at the start."""

    def machine(self) -> Machine:
        """What there is where it executes runs. Raises `EngineUnavailableError` when it cannot be used at all."""

    def remove_dead(self) -> None:
        """Remove what runners that are dead have left behind."""

    def execution(self, task: Task, check: Callable[[], None]) -> AbstractContextManager[Execution]:
        """A run, gone without a trace afterwards. `check` is called while it is prepared, and may raise. Raises
        `CannotRunError`.
        """

    def close(self) -> None:
        """Let go of what it has open."""
