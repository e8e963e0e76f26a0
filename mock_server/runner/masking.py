"""The values of secret variables: read from a file, and kept out of every log."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from mock_server.runner.failures import RunnerError

MASK = b"***"

SHORTEST = 4
"""How many bytes a value must have to be masked: a shorter one stands in every log by chance."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_env_file(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables in a file as `docker run --env-file` reads it: `NAME=value` a line, taken as it stands; a `NAME`
    alone takes its value from `environment`; `#` begins a comment. Raises `RunnerError`, which never shows a value.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise RunnerError(f"the variables in {path} cannot be read: {reason}") from None
    variables = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, assigned, value = line.partition("=")
        if not NAME.fullmatch(name):
            raise RunnerError(f"{path}: line {number}: not a variable; write NAME=value")
        if "\0" in value:
            raise RunnerError(f"{path}: line {number}: the value of {name} has a NUL character")
        if assigned or name in environment:
            variables[name] = value if assigned else environment[name]
    return variables


def too_short(variables: Mapping[str, str]) -> list[str]:
    """The names of those whose values are too short to be masked."""
    return [name for name, value in variables.items() if 0 < len(value.encode()) < SHORTEST]


class Mask:
    """Replaces values in a stream of bytes, wherever the stream is cut."""

    def __init__(self, values: Iterable[str]) -> None:
        # A longer value may contain a shorter one.
        secret = sorted({value.encode() for value in values}, key=len, reverse=True)
        self._values = [value for value in secret if len(value) >= SHORTEST]
        self._pattern = re.compile(b"|".join(map(re.escape, self._values))) if self._values else None
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """What may be shown by now. An end that a value may begin with is held back."""
        if self._pattern is None:
            return piece
        text = self._held + piece
        cut = self._undecided(text)
        # A value that goes beyond the cut was whole, so the cut is moved behind it.
        shown = []
        at = 0
        for match in self._pattern.finditer(text):
            if match.start() >= cut:
                break
            shown += [text[at : match.start()], MASK]
            at = match.end()
        cut = max(cut, at)
        shown.append(text[at:cut])
        self._held = text[cut:]
        return b"".join(shown)

    def rest(self) -> bytes:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, b""
        return self.all_of(held)

    def all_of(self, text: bytes) -> bytes:
        """A whole text, masked."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def _undecided(self, text: bytes) -> int:
        """Where the first end of the text begins that a value may begin with; its length when there is none."""
        longest = len(self._values[0])
        for at in range(max(0, len(text) - longest + 1), len(text)):
            end = text[at:]
            if any(value.startswith(end) for value in self._values):
                return at
        return len(text)
