"""How fast this machine is at the moment: a virtual one may be several times as slow as an hour ago."""

import statistics
import textwrap
import time

_TEXT = "a word or two " * 1500
_TIMES = 40

CLOSE = 1.25
"""Up to which ratio of their paces the times of two runs are compared."""


def pace() -> float:
    """The milliseconds that a piece of work takes, the same everywhere."""
    taken = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        textwrap.wrap(_TEXT)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def is_close(one: float | None, other: float) -> bool:
    """Whether times measured at two paces can be compared. None is that of results without one."""
    return one is not None and max(one, other) <= CLOSE * min(one, other)
