"""`python -m benchmarks against DIR`: this checkout beside another one, in turn, with ratios paired round by round."""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.measuring import Sample, measure
from benchmarks.operations import operations

ROUNDS = 16
SECONDS = 2.0


def against(console: Console, checkout: Path) -> None:
    """Compare with `checkout`, where `make run` or `make test` has been, and print paired ratios."""
    table = Table("operation", "server", "req/s", "CPU µs/req", "ours / this (quartiles)", "CPU, ours / this")
    with ExitStack() as stack:
        this = stack.enter_context(servers.fake())
        other = stack.enter_context(servers.fake(str(checkout), checkout / ".venv/bin/codeocean-mock"))
        for operation in operations(b""):
            name, requests = operation.name, operation.sent_to(servers.FAKE)
            _round(this, other, requests, 0)  # Warms up.
            pairs = [_round(this, other, requests, number) for number in range(ROUNDS)]
            ours, theirs = zip(*pairs, strict=True)
            low, middle, high = statistics.quantiles((a.per_second / b.per_second for a, b in pairs), n=4)
            cost = statistics.median(a.cpu_us / b.cpu_us for a, b in pairs)
            table.add_row(name, this.name, *_medians(ours))
            table.add_row(name, other.name, *_medians(theirs), f"{middle:.3f} ({low:.3f}-{high:.3f})", f"{cost:.3f}")
    console.print(table)
    console.print(f"Medians of {ROUNDS} rounds of {SECONDS:g} s on each, one or the other first by turns.")


def _medians(samples: tuple[Sample, ...]) -> tuple[str, str]:
    """Requests a second and microseconds of processor time for a request."""
    speed = statistics.median(sample.per_second for sample in samples)
    cost = statistics.median(sample.cpu_us for sample in samples)
    return f"{speed:,.0f}", f"{cost:,.0f}"


def _round(
    this: servers.Server, other: servers.Server, requests: Sequence[bytes], number: int
) -> tuple[Sample, Sample]:
    """Both under the same load, one after the other; who is first changes with `number`."""
    if number % 2:
        theirs = measure(other, requests, SECONDS)
        return measure(this, requests, SECONDS), theirs
    mine = measure(this, requests, SECONDS)
    return mine, measure(other, requests, SECONDS)
