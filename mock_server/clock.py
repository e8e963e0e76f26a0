"""The one clock. Nothing else in the server reads real time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

LATEST = 253_402_300_799.0
"""The last second of the year 9999, where a clock stops: HTTP dates have no room for more."""

RealTime = Callable[[], float]

real_time: RealTime = time.time
"""Real Unix seconds."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a world's time was tied to real time: at real second `real` it was `virtual`, running `scale` times
    as fast; 0 is frozen. `skipping` says that polls move it.
    """

    real: float
    virtual: float
    scale: float
    skipping: bool = False

    @property
    def mode(self) -> str:
        """The name of this way to run: wall, frozen, offset, scaled or skipping."""
        if self.skipping:
            return "skipping"
        if self.scale == 1:
            return "wall" if self.virtual == self.real else "offset"
        return "scaled" if self.scale else "frozen"

    @property
    def is_possible(self) -> bool:
        """Whether a clock can have stood so."""
        return 0 <= self.virtual <= LATEST and self.scale >= 0

    def at(self, real: float) -> float:
        """The time that it shows at real second `real`."""
        return min(self.virtual + (real - self.real) * self.scale, LATEST)


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a clock is wanted to run: one of the modes of `Anchor.mode`, from the time `at` or from `offset` seconds
    ahead of real time on, or from where it stands; `scale` times as fast when the mode is scaled.
    """

    mode: str
    at: float | None = None
    offset: float | None = None
    scale: float | None = None

    def anchor(self, real: float, now: float) -> Anchor:
        """The anchor of a clock that showed `now` at real second `real` and is to run like this from there on."""
        if self.mode == "wall":
            return Anchor(real, real, 1.0)
        start = now if self.offset is None else real + self.offset
        start = start if self.at is None else self.at
        scales = {"frozen": 0.0, "skipping": 0.0, "offset": 1.0, "scaled": self.scale or 1.0}
        return Anchor(real, start, scales[self.mode], self.mode == "skipping")


class Clock:
    """A world's time in Unix seconds. It may stand, jump forwards and run faster than real time; it never runs
    backwards.
    """

    def __init__(self, anchor: Anchor, real: RealTime = real_time) -> None:
        self.anchor = anchor
        self._real = real
        self._latest = anchor.virtual

    @classmethod
    def starting(cls, scale: float, real: RealTime = real_time) -> "Clock":
        """A clock that shows real time now and runs `scale` times as fast from here on."""
        now = real()
        return cls(Anchor(now, now, scale), real)

    @property
    def standing(self) -> tuple[Anchor, float]:
        """How it runs and the latest that it has shown. To set it takes back what nobody has been told of."""
        return self.anchor, self._latest

    @standing.setter
    def standing(self, before: tuple[Anchor, float]) -> None:
        self.anchor, self._latest = before

    @property
    def skipping(self) -> bool:
        """Whether polls move it."""
        return self.anchor.skipping

    def now(self) -> float:
        """The world's time. A real clock that is set back stops it until real time has caught up."""
        return self.at(self._real())

    def at(self, real: float) -> float:
        """The world's time at real second `real`, but never before what was shown already."""
        now = self.anchor.at(real)
        if now > self._latest:
            self._latest = now
        return self._latest

    def follow(self, anchor: Anchor) -> None:
        """Run as `anchor` says, which another process has set."""
        self.anchor = anchor

    def rescale(self, scale: float) -> None:
        """Run `scale` times as fast as real time from now on, without a jump."""
        self.run(ClockSetting("scaled", scale=scale))

    def run(self, pace: ClockSetting) -> None:
        """Run like that from now on. Raises as `move_to` does."""
        real = self._real()
        in_real_time = pace.mode in ("wall", "offset")
        otherwise = "; scaled with scale 1 runs in real time from where it is" if in_real_time else ""
        self._tie(real, pace.anchor(real, self.at(real)), otherwise)

    def move_to(self, virtual: float) -> None:
        """Jump to `virtual` and run on as before. Raises `ValueError` when that would be backwards, or after the last
        time there is.
        """
        real = self._real()
        self._tie(real, replace(self.anchor, real=real, virtual=virtual))

    def move_past(self, virtual: float) -> None:
        """Jump to `virtual` unless it is over already. Raises `ValueError` when that is after the last time."""
        real = self._real()
        self._tie(real, replace(self.anchor, real=real, virtual=max(virtual, self.at(real))))

    def _tie(self, real: float, anchor: Anchor, otherwise: str = "") -> None:
        behind = self.at(real) - anchor.virtual
        if behind > 0:
            raise ValueError(f"the clock would run backwards by {behind:.3f} seconds{otherwise}")
        if anchor.virtual > LATEST:
            raise ValueError("the clock stops at the end of the year 9999")
        self.anchor = anchor

    def pinned(self) -> Anchor:
        """The anchor that shows the present time now: what a saved world goes on from."""
        real = self._real()
        return replace(self.anchor, real=real, virtual=self.at(real))

    @property
    def ahead(self) -> float:
        """By how many seconds it is ahead of real time."""
        real = self._real()
        return self.at(real) - real
