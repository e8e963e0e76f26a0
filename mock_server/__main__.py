"""`python -m mock_server` and the command `codeocean-mock`."""

import os
import sys

from mock_server.cli import app


def main() -> None:
    """Run the command line."""
    _open_what_is_closed()
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
