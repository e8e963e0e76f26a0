"""The differences as a table on a terminal, as Markdown, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from contract_tests.drift.difference import RULES, Difference, Drift, Severity
from contract_tests.reports.report import pluralize

VERSION = 1
"""Of the JSON; grows when a field goes or changes its meaning."""

WIDEST = 100_000
"""The columns of a table that goes into a pipe: a difference is one line there."""

_INDENT = max(map(len, Severity)) + 2
_STYLES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "dim"}
_HEADING = ("severity", "what", "status", "where", "detail", "seen")


def write_table(drift: Drift, console: Console) -> None:
    """Print the differences of each operation: as a table, or below each other where the console is too narrow."""
    for line in _head(drift):
        console.print(Text(line), highlight=False)
    for operation, differences in _by_operation(drift).items():
        console.print()
        console.print(Text(operation, style="bold"), soft_wrap=True, highlight=False)
        table = _table(differences)
        if Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum <= console.width:
            console.print(table)
            continue
        for difference in differences:
            for text in _lines(difference):
                console.print(text, highlight=False)


def _table(differences: Sequence[Difference]) -> Table:
    table = Table(*_HEADING[:-1], box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(_HEADING[-1], justify="right")
    for difference in differences:
        cells = map(Text, _cells(difference)[1:])
        table.add_row(Text(difference.severity, style=_STYLES[difference.severity]), *cells)
    return table


def _lines(difference: Difference) -> Iterator[Padding | Text]:
    """What the row of a table holds, below each other."""
    severity, kind, status, path, detail, seen = _cells(difference)
    facts = ", ".join(filter(None, (kind, status and f"status {status}", seen and f"seen in {seen}")))
    yield Text.assemble((f"{severity:<{_INDENT}}", _STYLES[difference.severity]), facts)
    for text in filter(None, (path, detail)):
        yield Padding(Text(text, overflow="fold"), (0, 0, 0, _INDENT))


def markdown(drift: Drift) -> str:
    """A page that can be put into an issue."""
    lines = ["# Drift", "", *_head(drift)]
    for operation, differences in _by_operation(drift).items():
        lines += ["", f"## {_escaped(operation)}", "", f"| {' | '.join(_HEADING)} |", "|---" * len(_HEADING) + "|"]
        lines += [f"| {' | '.join(map(_escaped, _cells(difference)))} |" for difference in differences]
    return "\n".join(lines) + "\n"


def json_text(drift: Drift) -> str:
    """The fields of `Drift` and of each `Difference`, with its severity and why it has that one."""
    content = {"version": VERSION} | asdict(drift)
    for fields, difference in zip(content["differences"], drift.differences, strict=True):
        fields |= {"severity": difference.severity, "why": RULES[difference.kind][1]}
    return json.dumps(content, indent=2, ensure_ascii=False)


def _head(drift: Drift) -> Iterator[str]:
    number = len(drift.differences)
    each = ", ".join(f"{drift.count(severity)} {severity}" for severity in Severity if drift.count(severity))
    total = pluralize(number, "difference") + (f" ({each})" if each else "")
    answers = f"{pluralize(sum(drift.seen.values()), 'response')} of {pluralize(len(drift.seen), 'operation')}"
    yield f"{drift.url} against spec {drift.spec_version}: {total} in {answers}."
    if drift.is_unhurried:
        yield "The target is the fake on this machine: it was asked at full speed (--rate asks more slowly)."
    if drift.unseen:
        yield f"Not called: {', '.join(drift.unseen)}."


def _by_operation(drift: Drift) -> dict[str, list[Difference]]:
    groups: dict[str, list[Difference]] = {}
    for difference in drift.differences:
        groups.setdefault(difference.operation, []).append(difference)
    return groups


def _cells(difference: Difference) -> tuple[str, ...]:
    seen = f"{difference.times} of {difference.of}" if difference.of else ""
    return (
        difference.severity,
        difference.kind,
        str(difference.status or ""),
        difference.path,
        difference.detail,
        seen,
    )


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]|<>#" else char for char in text).replace("\n", " ")
