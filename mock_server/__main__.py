"""`python -m mock_server` and the command `codeocean-mock`."""

import os
import sys

from mock_server import signals


def main() -> None:
    """Run the command line."""
    signals.end_on_interrupt()
    _open_what_is_closed()
    from mock_server.cli import app  # Late: Ctrl-C is to be heard while it loads.

    try:
        app(prog_name="codeocean-mock")
    except KeyboardInterrupt:
        # It came while the commands were put together, before any of them could handle it.
        print(signals.WORD, file=sys.stderr)  # noqa: T201
        sys.exit(signals.INTERRUPTED)
    finally:
        signals.die_of_interrupts()


def _open_what_is_closed() -> None:
    """A standard stream that was closed by whoever started this is empty and takes everything. Otherwise the next file
    or socket would get its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, closefd=False))


if __name__ == "__main__":
    main()
