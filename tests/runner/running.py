"""What runs on this machine, and waiting until something is so."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.process import PATIENCE


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    for _ in range(int(PATIENCE * 50)):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came true")


def commands() -> list[bytes]:
    """The command lines of all processes of this machine, those in containers among them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


def running(command: str) -> int:
    """How many processes execute exactly that command."""
    words = command.replace(" ", "\0").encode() + b"\0"
    return commands().count(words)


def gone(name: str) -> bool:
    """Whether no process goes by a name."""
    return not any(line.startswith(name.encode()) for line in commands())
