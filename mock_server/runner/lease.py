"""Holding on to a run: renewing its lease, and noticing when it is not to go on."""

from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import TypeVar

from mock_server.client import ComputationControl, ControlError
from mock_server.runner.failures import BrokenOffError, Reason
from mock_server.runner.pacing import now, pauses

Result = TypeVar("Result")

PARTS = 3
"""How often a lease is renewed at least in the time that it lasts."""

LONGEST_PAUSE = 3.0
"""After how many seconds it is renewed at the latest: a stop is noticed then."""

HTTP_SERVER_ERROR = 500


class Lease:
    """The lease of one run, renewed by a thread of its own from `start` to `end`. `held_since` is when it was asked
    for: it may have begun at any time after that, so it is taken to have begun then.

    `break_off` says that the run is not to go on; the first reason counts, and calls `on_break`.
    """

    def __init__(
        self, control: ComputationControl, seconds: float, held_since: float, on_break: Callable[[], None]
    ) -> None:
        self.reason: Reason | None = None
        self._control = control
        self._seconds = seconds
        self._lapses = held_since + seconds
        self._pause = min(seconds / PARTS, LONGEST_PAUSE)
        self._on_break = on_break
        self._ended = Event()
        self._due = Event()
        self._lock = Lock()
        self._thread = Thread(target=self._renew, name=f"lease of {control.id}", daemon=True)

    def start(self) -> None:
        """Begin to renew it."""
        self._thread.start()

    def end(self) -> None:
        """Renew it no more."""
        self._ended.set()
        self._due.set()
        self._thread.join()

    def renew_now(self) -> None:
        """Renew it at once: the run may have been stopped."""
        self._due.set()

    def break_off(self, reason: Reason) -> None:
        """The run is not to go on."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
        self._on_break()

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can be said of the run: it is somebody else's, or over, or gone."""
        return self.reason in ("finished", "deleted", "lost") or now() >= self._lapses

    def check(self) -> None:
        """Raise `BrokenOffError` when the run is not to go on."""
        if self.reason is not None:
            raise BrokenOffError(self.reason)

    def check_held(self) -> None:
        """Raise `BrokenOffError` when nothing more can be said of the run."""
        if self.is_lost:
            raise BrokenOffError(self.reason or "lost")

    def insist(self, ask: Callable[[], Result], failing: Callable[[ControlError], None] | None = None) -> Result:
        """What the server answers, asked again and again while it is not there. Raises `BrokenOffError` when the lease
        is over, and `ControlError` when the server refuses, or is not there and the runner ends. `failing` is called
        once, when the server is there and yet fails, as with a full disk.
        """
        for pause in pauses():
            self.check_held()
            try:
                return ask()
            except ControlError as problem:
                # A runner that ends does not wait for a server that may have ended as well.
                if is_refusal(problem) or self.reason == "runner stopped":
                    raise
                if failing is not None and problem.status is not None:
                    failing(problem)
                    failing = None
            self._ended.wait(pause)
        raise AssertionError("there is always a next attempt")

    def _renew(self) -> None:
        attempts = pauses()
        pause = self._pause
        while self._is_due(pause):
            asked = now()
            if asked >= self._lapses:
                return self.break_off("lost")
            try:
                renewed = self._control.renew(self._seconds)
            except ControlError as problem:
                if is_refusal(problem):
                    return self.break_off("lost")
                pause = min(next(attempts), self._pause)
                continue
            attempts = pauses()
            pause = self._pause
            self._lapses = asked + self._seconds
            if not renewed.go_on:
                # One that has ended needs no lease any more.
                return self.break_off(renewed.reason or "lost")
        return None

    def _is_due(self, pause: float) -> bool:
        """Wait until it is to be renewed, or has lapsed; False when it has ended."""
        self._due.wait(max(0.0, min(pause, self._lapses - now())))
        self._due.clear()
        return not self._ended.is_set()


def is_refusal(problem: ControlError) -> bool:
    """Whether the server has refused: asked again, it would refuse again."""
    return problem.status is not None and problem.status < HTTP_SERVER_ERROR and problem.status not in (408, 429)
