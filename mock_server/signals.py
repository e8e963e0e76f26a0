"""Signals that end a command: without a traceback, however far it has come.

The command imports this first, so it imports next to nothing itself.
"""

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

INTERRUPTED = 130
"""The exit code of a command that was ended with Ctrl-C, as shells have it."""

WORD = "interrupted"
"""What such a command prints on standard error."""

RAISED: "dict[type, int]" = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}
"""The signals whose handlers raise something here, by what that is."""

IMPORTING = "<frozen importlib._bootstrap>"
"""The file name in the frames of Python's own imports."""


class EndCleanly:
    """A handler that raises `problem`, or while modules load ends the process at once with the exit code `code` and the
    `last_line` on standard error.

    An exception among imports would come out as a traceback, changed into another one, or not at all: modules catch
    what they do not expect. Nothing has to be tidied up while a command loads; one that has something, and may load
    more meanwhile, calls `raise_interrupts` first.
    """

    def __init__(self, code: int, problem: BaseException, last_line: str = "") -> None:
        self._code = code
        self._problem = problem
        self._last_line = last_line

    def __call__(self, _number: int, frame: "FrameType | None") -> None:
        """Handle the signal, which came while `frame` was running."""
        while frame is not None:
            if frame.f_code.co_filename == IMPORTING:
                self._end()
            frame = frame.f_back
        raise self._problem

    def _end(self) -> "NoReturn":
        """End the process at once, with its last line on standard error."""
        try:
            if self._last_line:
                os.write(2, f"{self._last_line}\n".encode())
        finally:
            os._exit(self._code)


def end_on_interrupt() -> None:
    """Let Ctrl-C end the process cleanly, unless whoever started it has Ctrl-C ignored. It ends it too when it comes
    where Python lets no exception out.
    """
    sys.unraisablehook = _send_again
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, EndCleanly(INTERRUPTED, KeyboardInterrupt(), WORD))


def raise_interrupts() -> None:
    """Let Ctrl-C raise `KeyboardInterrupt` from now on, whatever is loading: there is something to tidy up."""
    if isinstance(signal.getsignal(signal.SIGINT), EndCleanly):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def die_of_interrupts() -> None:
    """Let Ctrl-C end the process as the system does, when there is nothing left to do but to end. Python would print
    what it interrupts in its own clearing up.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _send_again(lost: "UnraisableHookArgs") -> None:
    """Send a signal again when what its handler raised was lost, as it is in a finalizer and in what is called when
    garbage is collected. Libraries have both, and a run that has been told to end would go on.
    """
    number = RAISED.get(lost.exc_type)
    if number is None or not callable(signal.getsignal(number)):
        sys.__unraisablehook__(lost)
        return
    from _thread import interrupt_main
    from threading import Timer

    # Not from here: it would be lost with this call.
    again = Timer(0.01, interrupt_main, (number,))
    again.daemon = True
    again.start()
