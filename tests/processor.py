"""Processor time in which a slow machine, or one that is slow for a while, does not show."""

import textwrap
import time
from collections.abc import Callable

_TEXT = "a word or two " * 1500

_SECONDS = 0.005
"""What wrapping it takes on the machine for which the tests state seconds."""


def seconds(call: Callable[[], object], *, enough: float = 0.0) -> float:
    """The processor time that a call takes, whatever else runs meanwhile, in seconds of the machine for which the tests
    state them. It is measured against the same piece of work everywhere, unless it is `enough` as it is.
    """
    taken = _of(call)
    return taken if taken <= enough else taken * min(1.0, _SECONDS / _of(_work))


def _of(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return time.process_time() - begun


def _work() -> None:
    textwrap.wrap(_TEXT)
