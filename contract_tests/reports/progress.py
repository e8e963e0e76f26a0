"""Progress of a run."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Display
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from contract_tests.checks import Progress
from contract_tests.findings import Outcome, Status
from contract_tests.reports.sanitize import plain

_STYLES = {Status.PASSED: "green", Status.FAILED: "bold red", Status.SKIPPED: "dim", Status.ERROR: "bold yellow"}


class Silent:
    """Says nothing."""

    def started(self, layer: str, check: str) -> None:
        """A check begins."""

    def ended(self, outcome: Outcome) -> None:
        """A check has ended."""


class LineProgress:
    """A line for each check that has ended."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, layer: str, check: str) -> None:
        """A check begins."""

    def ended(self, outcome: Outcome) -> None:
        """A check has ended."""
        self._console.print(line(outcome), soft_wrap=True, highlight=False)


class LiveProgress:
    """One line that moves: what is running, and what has come out so far; broken checks stay above it."""

    def __init__(self, display: Display, task: TaskID) -> None:
        self._display, self._task = display, task
        self._counts: Counter[Status] = Counter()

    def started(self, layer: str, check: str) -> None:
        """A check begins."""
        self._display.update(self._task, layer=layer, check=plain(check))

    def ended(self, outcome: Outcome) -> None:
        """A check has ended."""
        self._counts[outcome.status] += 1
        if outcome.status in (Status.FAILED, Status.ERROR):
            self._display.console.print(line(outcome), soft_wrap=True, highlight=False)
        counts = ", ".join(f"{self._counts[status]} {status}" for status in Status if self._counts[status])
        self._display.update(self._task, counts=counts)


@contextmanager
def progress_display(console: Console, quiet: bool = False) -> Iterator[Progress]:
    """A display that fits: one that moves on a terminal, lines elsewhere, nothing when it shall be quiet."""
    if quiet:
        yield Silent()
    elif not console.is_terminal:
        yield LineProgress(console)
    else:
        running = TextColumn("{task.fields[layer]} {task.fields[check]}", markup=False)
        counts = TextColumn("{task.fields[counts]}", markup=False, style="dim")
        with Display(SpinnerColumn(), running, counts, TimeElapsedColumn(), console=console, transient=True) as display:
            yield LiveProgress(display, display.add_task("", total=None, layer="", check="", counts=""))


def line(outcome: Outcome) -> Text:
    """Format the outcome of a check as one line."""
    detail = plain(outcome.detail or next((finding.message for finding in outcome.findings), ""))
    text = f": {' '.join(detail.split())}" if detail else ""
    place = f"{outcome.layer}.{plain(outcome.check)} ({outcome.seconds:.1f} s)"
    return Text.assemble((f"{outcome.status:<8}", _STYLES[outcome.status]), f"{place}{text}")
