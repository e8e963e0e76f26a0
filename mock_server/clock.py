"""The one clock. Nothing else in the server reads real time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

LATEST = 253_402_300_799.0
"""The last second of the year 9999, where a clock stops: HTTP dates have no room for more."""

RealTime = Callable[[], float]

real_time: RealTime = time.time
"""Real Unix seconds."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a world's time was tied to real time: at real second `real` it was `virtual`, running `scale` times
    as fast.
    """

    real: float
    virtual: float
    scale: float


class Clock:
    """A world's time in Unix seconds. It may run faster than real time; it never runs backwards."""

    def __init__(self, anchor: Anchor, real: RealTime = real_time) -> None:
        self.anchor = anchor
        self._real = real
        self._latest = anchor.virtual

    @classmethod
    def starting(cls, scale: float, real: RealTime = real_time) -> "Clock":
        """A clock that shows real time now and runs `scale` times as fast from here on."""
        now = real()
        return cls(Anchor(now, now, scale), real)

    def now(self) -> float:
        """The world's time. A real clock that is set back stops it until real time has caught up."""
        return self._at(self._real())

    def follow(self, anchor: Anchor) -> None:
        """Run as `anchor` says, which another process has set."""
        self.anchor = anchor

    def rescale(self, scale: float) -> None:
        """Run `scale` times as fast as real time from now on, without a jump."""
        real = self._real()
        self.anchor = Anchor(real, self._at(real), scale)

    def _at(self, real: float) -> float:
        anchor = self.anchor
        now = min(anchor.virtual + (real - anchor.real) * anchor.scale, LATEST)
        if now > self._latest:
            self._latest = now
        return self._latest
