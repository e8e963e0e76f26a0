"""What the commands share: options, the way to the server, how answers are written."""

import errno
import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NoReturn, Protocol

import typer

from mock_server.cli import control_token
from mock_server.domain import durations
from mock_server.domain.naming import USUAL_URL, printable
from mock_server.errors import StartError
from mock_server.side_files import SideFile, sweep

if TYPE_CHECKING:
    from mock_server.client import Control

PREFIX = "CODEOCEAN_MOCK_"
TLS = f"{PREFIX}TLS"
TLS_CERT = f"{PREFIX}TLS_CERT"
CA_FILE = f"{PREFIX}CA_FILE"
CONTROL_TOKEN_FILE = f"{PREFIX}CONTROL_TOKEN_FILE"
IN_IMAGE = f"{PREFIX}IN_IMAGE"
"""The variable that the project's image sets: what runs there runs in a container."""
_SPEAKS_TLS = os.environ.get(TLS_CERT) or os.environ.get(TLS) == "self-signed"
DEFAULT_URL = USUAL_URL.replace("http:", "https:") if _SPEAKS_TLS else USUAL_URL
"""Where a server is with the settings that the environment has, as in a container."""
CODES = {"green": 32, "yellow": 33, "red": 31, "cyan": 36}
"""ANSI's colours."""
COLOURS = {
    "green": ("active", "ok", "succeeded", "completed", "ready", "2xx"),
    "yellow": ("paused", "stopped", "warning", "4xx"),
    "red": ("problem", "failed", "closed", "5xx"),
    "cyan": ("initializing", "running", "finalizing", "3xx"),
}
"""What stands out in which colour: verdicts, states, and statuses by their first digit."""
WHOLE = len("1d8288da-0785-4e4f-aa37-2d1db3636bc4")
"""How long the cells of a column may be that is never folded: ids are there to be copied."""
LEAST_FOLDED = 20
"""The narrowest that another column becomes. Where there is no room for it either, the terminal breaks the lines."""
UNFOLDED = 100_000
UNAUTHORIZED = 401
TIMEOUT = 60.0
"""How many seconds an answer may take: a large world takes a while to save."""

UrlOption = Annotated[str, typer.Option("--url", envvar=f"{PREFIX}URL", help="The server's URL.")]


def _else_from_file(token: str | None) -> str | None:
    """The token, or the one in the file that the environment names."""
    file = os.environ.get(CONTROL_TOKEN_FILE)
    if token is not None or not file:
        return token
    try:
        return control_token.read(Path(file))
    except StartError as problem:
        stop(str(problem))


TokenOption = Annotated[
    str | None,
    typer.Option(
        "--control-token",
        envvar=f"{PREFIX}CONTROL_TOKEN",
        callback=_else_from_file,
        help="The server's --control-token.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
WorldOption = Annotated[str, typer.Option("--world", "-w", envvar=f"{PREFIX}WORLD", help="The world to act on.")]


class Problem(Protocol):
    """What is wrong in a file."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""

    @property
    def column(self) -> int:
        """The column inside of a template, counted from 1, or 0."""

    @property
    def field(self) -> str:
        """The field, or nothing."""

    @property
    def message(self) -> str:
        """What is wrong."""


def stop(problem: str, code: int = 1) -> NoReturn:
    """End the command as failed, with one line that says why."""
    complain(problem)
    raise typer.Exit(code)


def complain(problem: str) -> None:
    """Say on stderr what is wrong, in one line."""
    typer.echo(f"codeocean-mock: {printable(problem)}", err=True)


def refuse_file(file: str, problems: Iterable[Problem]) -> NoReturn:
    """End the command as failed: a line for each thing that is wrong in `file`."""
    for problem in problems:
        field = f"{problem.field}: " if problem.field else ""
        column = f", column {problem.column}" if problem.column else ""
        typer.echo(printable(f"{file}: line {problem.line}{column}: {field}{problem.message}"), err=True)
    raise typer.Exit(1)


@contextmanager
def connected(url: str, control_token: str | None, timeout: float = TIMEOUT) -> "Iterator[Control]":
    """The control plane at `url`. What fails inside ends the command: with 2 when nothing was sent, as what was asked
    for cannot be, and else with 1.
    """
    from mock_server.client import Control, ControlError, WrongArgumentError

    try:
        with Control(url, control_token, timeout=timeout) as control:
            yield control
    except WrongArgumentError as problem:
        stop(problem.message, 2)
    except ControlError as problem:
        stop(token_problem(control_token) if problem.status == UNAUTHORIZED else problem.message)


def token_problem(control_token: str | None) -> str:
    """Why a server that has a control token refuses to be steered with this one."""
    ways = f"--control-token or set {PREFIX}CONTROL_TOKEN"
    return f"wrong control token: give {ways}" if control_token else f"this server needs its control token: give {ways}"


def write(text: str) -> None:
    """Print lines."""
    write_bytes((text + "\n").encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def write_bytes(content: bytes) -> None:
    """Write to standard output now. Ends the command as `binary_output` does."""
    with binary_output() as output:
        output.write(content)


@contextmanager
def binary_output() -> Iterator[BinaryIO]:
    """Standard output for bytes. They are written by the end of the block, so that a pipe that is closed or a disk that
    is full is noticed there and not when the process ends.
    """
    try:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as problem:
        # What is still buffered would fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if problem.errno != errno.EPIPE:
            complain(f"standard output cannot be written: {problem.strerror}")
        raise typer.Exit(1) from None


def write_whole(file: Path, write: Callable[[BinaryIO], int]) -> int:
    """Write to the side and rename, so that nobody ever sees half a file; how many bytes. A device or a pipe is written
    as it is. Raises `OSError`.
    """
    if file.exists() and not file.is_file():
        with file.open("wb") as there:
            return write(there)
    name = f".{file.name}"
    sweep(file.parent, f"{name}.")
    with SideFile(file.parent, name) as aside:
        size = write(aside.file)
        aside.move_to(file)
    return size


def write_json(answer: object, exclude_none: bool = False) -> None:
    """Print an answer of the server as JSON."""
    from pydantic import TypeAdapter

    write(TypeAdapter[object](Any).dump_json(answer, indent=2, exclude_none=exclude_none).decode())


def is_coloured() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody minds (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def colour_of(word: str) -> str:
    """The colour of a state, a verdict or a status; empty for one that is nothing special."""
    first = word.partition(" ")[0].lower()
    return next((colour for colour, words in COLOURS.items() if first in words or first[:1] + "xx" in words), "")


def painted(word: str) -> str:
    """The word in its colour, where standard output shows colours."""
    code = CODES.get(colour_of(word.strip())) if is_coloured() else None
    return f"\033[{code}m{word}\033[0m" if code else word


def write_table(heading: Sequence[str], rows: Iterable[Sequence[object]], coloured: Container[str] = ()) -> None:
    """Print rows below each other, their columns aligned. On a terminal, what is longer than an id is folded to its
    width, where that is wide enough, and what columns that are `coloured` hold is in its colour. A row may end before
    the last column.
    """
    from io import StringIO

    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    texts = [list(map(shown, row)) for row in rows]
    widths = [max(map(cell_len, cells)) for cells in zip_longest(heading, *texts, fillvalue="")]
    columns = (Column(name, no_wrap=width <= WHOLE) for name, width in zip(heading, widths, strict=True))
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    paints = is_coloured()
    for row in texts:
        cells = zip(heading, row, strict=False)
        styles = ((cell, colour_of(cell) if paints and name in coloured else "") for name, cell in cells)
        table.add_row(*(Text(cell, style, overflow="fold") for cell, style in styles))
    console = Console(file=StringIO(), force_terminal=paints, color_system="standard" if paints else None)
    least = sum(width if width <= WHOLE else LEAST_FOLDED for width in widths) + 2 * (len(widths) - 1)
    if not sys.stdout.isatty() or console.width < least:
        console.width = UNFOLDED
    with console.capture() as lines:
        console.print(table)
    write("\n".join(line.rstrip() for line in lines.get().splitlines()))


def write_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print names with their values, one a line; what has no value is left out."""
    lines = [(name, painted(shown(value)) if name == "state" else shown(value)) for name, value in facts]
    width = max(len(name) for name, _ in lines)
    write("\n".join(f"{name:{width}}  {value}" for name, value in lines if value))


def shown(value: object) -> str:
    """A value as one cell: nothing for None, no line breaks and no control characters."""
    if isinstance(value, dict):
        return ", ".join(f"{shown(name)}: {shown(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else printable(str(value))


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 user`, `2 users`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def number(written: str | None) -> str | float | None:
    """A duration or a time of the command line: a number means seconds, anything else is left to the model."""
    try:
        return written if written is None else float(written)
    except ValueError:
        return written


def iso(at: float | None) -> str:
    """A point in time as ISO 8601 text."""
    try:
        return "" if at is None else durations.iso(at)
    except (OverflowError, ValueError, OSError):  # After the year 9999 there is no such text.
        return f"{at:g}"


def length(seconds: float) -> str:
    """A duration as people write it: `1h30m`."""
    rest = round(seconds, 3)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if rest >= size:
            parts.append(f"{int(rest // size)}{unit}")
            rest = round(rest % size, 3)
    if rest or not parts:
        parts.append(f"{rest:g}s")
    return "".join(parts)
