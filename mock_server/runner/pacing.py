"""Real time, as the runner measures leases, limits and pauses with it."""

import time
from collections.abc import Iterator

LONGEST_PAUSE = 5.0
"""The most seconds between two attempts to reach a server."""


def now() -> float:
    """Seconds since the machine was started, those asleep included where the system can tell: a lease does not wait for
    a laptop that was closed.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def pauses() -> Iterator[float]:
    """How many seconds to wait before each next attempt: longer and longer."""
    pause = 0.1
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
