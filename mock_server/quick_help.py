"""What the command says of itself without a command: its help and its version. Both are known beforehand, and to load
the commands takes several times as long as everything else.
"""

import os
import sys
from pathlib import Path

from mock_server.version import __version__

TEXT = Path(__file__).with_name("cli") / "help.txt"
"""What the commands print for `--help`, `WIDTH` columns wide. Written by `make cli-help`."""

WIDTH = 80
"""The columns of a terminal from which on help looks the same."""


def answer(argument: str) -> str | None:
    """The answer to the one `argument` that was given; None where the commands have to be asked."""
    if argument == "--version":
        return f"codeocean-mock {__version__}\n"
    if argument in ("--help", "-h") and _columns() >= WIDTH:
        return TEXT.read_text("utf-8")
    return None


def _columns() -> int:
    """The width that the commands would write for; `shutil`, which they ask, takes a while to import."""
    try:
        return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH
