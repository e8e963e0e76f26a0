"""`python -m mock_server` and the command `codeocean-mock`."""

import os
import sys

from mock_server import signals


def main() -> None:
    """Run the command line."""
    signals.end_on_interrupt()
    _open_what_is_closed()
    try:
        _run()
    except KeyboardInterrupt:
        # It came while the commands were put together, before any of them could handle it.
        print(signals.WORD, file=sys.stderr)  # noqa: T201
        sys.exit(signals.INTERRUPTED)
    except OSError as problem:
        # Commands say what cannot be read or written. Help has no command.
        print(f"the output cannot be written: {problem.strerror}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    finally:
        signals.die_of_interrupts()


def _run() -> None:
    # Late, both: Ctrl-C is to be heard while they load.
    if len(sys.argv) == 2:
        from mock_server import quick_help

        answer = quick_help.answer(sys.argv[1])
        if answer is not None:
            sys.stdout.write(answer)
            sys.stdout.flush()
            return
    from mock_server.cli import app

    app(prog_name="codeocean-mock")


def _open_what_is_closed() -> None:
    """A standard stream that was closed by whoever started this is empty and takes everything. Otherwise the next file
    or socket would get its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, closefd=False))


if __name__ == "__main__":
    main()
