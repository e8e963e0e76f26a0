"""What ends a run other than its own code, or keeps the runner from starting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Reason = Literal["stopped", "finished", "deleted", "lost", "time limit", "runner stopped"]
"""Why a run was broken off: what a renewal of its lease says, `--max-run-time`, or the end of the runner itself."""


class RunnerError(Exception):
    """The runner cannot start; the text says why in one line."""


class EngineUnavailableError(RunnerError):
    """An engine is not to be had here; the text says why."""


class CannotRunError(Exception):
    """A run cannot be started: its capsule, environment or input is not fit for it. The text goes into its log."""


class BrokenOffError(Exception):
    """A run is not to go on, for a `reason`."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


@contextmanager
def files_of(what: str) -> Iterator[None]:
    """Raise `CannotRunError` when the files of something cannot be read or copied."""
    try:
        yield
    except OSError as problem:
        name = f" ({problem.filename})" if problem.filename else ""
        raise CannotRunError(f"{what} cannot be copied: {problem.strerror or problem}{name}") from None
