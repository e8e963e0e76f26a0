"""Clients that keep a connection waiting. They are looked for now and then, so that a request costs nothing."""

from enum import Enum, auto
from typing import NamedTuple

from mock_server.serving.limits import Limits


class Phase(Enum):
    """What a connection waits for."""

    ANSWER = auto()
    """For the application: for as long as that takes."""
    REQUEST = auto()
    """For the next request, or the first."""
    HEAD = auto()
    """For the rest of a request's head."""
    BODY = auto()
    """For the rest of a request's body."""
    REMAINDER = auto()
    """For the rest of a body whose request has been answered."""
    READER = auto()
    """For the client to read what it was sent."""
    CLOSE = auto()
    """For the client to read that the connection ends, and to close it."""


class Moment(NamedTuple):
    """What a connection waits for, in which request, and what tells one moment of that from the next."""

    phase: Phase
    request: int
    progress: int = 0

    def continues(self, before: "Moment") -> bool:
        """Whether nothing has come about since an earlier moment."""
        return self.phase is before.phase and self.request == before.request and self.progress == before.progress


class Deadline:
    """How long one connection has waited for the same thing.

    Time is counted by the looks that are taken: while the server itself is too busy to look, nobody's time passes.
    """

    __slots__ = ("_before", "_limits", "_received", "_since", "_state")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._state: Moment | None = None
        self._since = 0.0
        self._received = 0
        self._before = 0

    def has_passed(self, state: Moment, received: int, now: float) -> bool:
        """Whether it has waited too long, at a look at the time `now`, having `received` so many bytes in all."""
        if self._state is None or not state.continues(self._state):
            self._state, self._since, self._before = state, now, self._received
        self._received = received
        return now - self._since >= self._seconds(state.phase, received - self._before)

    def _seconds(self, phase: Phase, received: int) -> float:
        limits = self._limits
        if phase is Phase.BODY:
            return limits.body_seconds + received / limits.body_rate
        seconds = {
            Phase.REQUEST: limits.idle_seconds,
            Phase.HEAD: limits.head_seconds,
            Phase.REMAINDER: limits.body_seconds,
            Phase.READER: limits.unread_seconds,
            Phase.CLOSE: limits.lingering_seconds,
        }
        return seconds.get(phase, float("inf"))
