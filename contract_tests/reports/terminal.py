"""The summary of a run on a terminal: the verdict, what is broken and how to see it, then counts."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract_tests.findings import Status
from contract_tests.reports.report import BUDGETS, ENDINGS, KNOWN, Report, ReportedFinding, Verdict, pluralize

MOST_FINDINGS = 10
"""How many findings are shown with their requests."""
SHOWN_ANSWER = 300
"""How much of an answer is shown, in characters."""
SHOWN_NAMES = 5

_STYLES = {Verdict.PASSED: "bold green", Verdict.FAILED: "bold red", Verdict.COULD_NOT_RUN: "bold yellow"}


def write_summary(report: Report, console: Console) -> None:
    """Print the summary of a run."""
    verdict = report.verdict
    _line(console, Text.assemble((str(verdict).upper(), _STYLES[verdict]), "  ", report.sentence))
    for number, finding in enumerate(report.findings[:MOST_FINDINGS], 1):
        _line(console)
        for line in _finding(number, finding):
            _line(console, line)
    if report.gone and report.shows_requests:
        _line(console, f"\ncurl: {report.gone}")
    _rest(report, console)
    _reasons(report, console)
    _line(console)
    console.print(_layers(report))
    _line(console)
    for name, value in _facts(report):
        _line(console, Text.assemble((f"{name:<12}", "dim"), value))


def _line(console: Console, text: Text | str = "") -> None:
    # A command must be copied whole, so long lines are left to the terminal.
    console.print(Text(text) if isinstance(text, str) else text, soft_wrap=True, highlight=False)


def _finding(number: int, finding: ReportedFinding) -> Iterator[Text]:
    place = f"{finding.layer}.{finding.check}"
    head = f"{place} ({finding.operation})" if finding.operation else place
    yield Text.assemble((f"{number}. {head}", "bold"))
    for line in finding.message.splitlines():
        yield Text(f"   {line}", style="red")
    if finding.exchanges:
        last = finding.exchanges[-1]
        caller = last.caller or "no token"
        answer = " ".join(last.answer.split())[:SHOWN_ANSWER]
        yield Text(f"   > {last.request}  ({caller})")
        yield Text(f"   < {last.status} {answer}".rstrip() if last.status is not None else "   < no response")
        yield Text(f"   {last.curl}", style="cyan")
    if finding.replay:
        yield Text(f"   rerun: {finding.replay}", style="dim")


def _rest(report: Report, console: Console) -> None:
    """Print what takes one line each."""
    more = report.findings[MOST_FINDINGS:]
    if more:
        places = ", ".join(
            f"{place} ({number})" for place, number in Counter(_place(finding) for finding in more).items()
        )
        _line(console, f"\nand {pluralize(len(more), 'more finding')}: {places}")
    for finding in report.known:
        _line(console, f"known: {_place(finding)}: {finding.known}")
    for complaint in report.complaints:
        _line(console, Text(f"baseline: {complaint}", style="red"))
    for left in report.made.left or ():
        _line(console, Text(f"left behind: {left}", style="red"))


def _reasons(report: Report, console: Console) -> None:
    """Print why some checks have no result."""
    for status, style in ((Status.ERROR, "yellow"), (Status.SKIPPED, "dim")):
        for reason, checks in report.without_answer(status).items():
            named = ", ".join(checks[:SHOWN_NAMES]) + (", …" if len(checks) > SHOWN_NAMES else "")
            _line(console, Text(f"{status}: {reason} ({len(checks)}: {named})", style=style))


def _place(finding: ReportedFinding) -> str:
    return f"{finding.layer}.{finding.check}"


def _layers(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("layer")
    for heading in (*map(str, ENDINGS), "requests", "seconds"):
        table.add_column(heading, justify="right")
    for layer, checks in report.layers.items():
        endings = Counter(check.ending for check in checks)
        counts = [_count(endings[ending], ending) for ending in ENDINGS]
        seconds = sum(check.seconds for check in checks)
        table.add_row(layer, *counts, str(report.requests.get(layer, 0)), f"{seconds:.1f}")
    return table


def _count(number: int, ending: str) -> Text:
    styles = {Status.PASSED: "green", Status.FAILED: "red", Status.ERROR: "yellow"}
    return Text(str(number), style=styles.get(Status(ending), "") if number and ending != KNOWN else "dim")


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    declared = [row for row in report.operations if row.declared]
    never = [row.name for row in declared if not row.ok]
    line = f"{len(declared) - len(never)} of {len(declared)} returned 2xx"
    if never:
        line += f"; never: {', '.join(never[:SHOWN_NAMES])}{', …' if len(never) > SHOWN_NAMES else ''}"
    yield "operations", line
    if report.rules:
        yield "rules", ", ".join(f"{number} {state}" for state, number in report.rule_counts.items())
    yield "resources", str(report.made)
    yield "budgets", ", ".join(f"{BUDGETS[name]} {use}" for name, use in report.budgets.items())
    if report.left_out:
        named = ", ".join(report.left_out[:SHOWN_NAMES]) + (", …" if len(report.left_out) > SHOWN_NAMES else "")
        yield "left out", f"to fit the budgets: {named}"
    if report.stopped is not None:
        yield "stopped", f"{report.stopped}; {report.carried_out} checks were carried out"
    if report.refused:
        yield "refused", f"{pluralize(sum(report.refused.values()), 'request')} not allowed by the profile"
    yield "run", f"{report.tag}, profile {report.profile}, seed {report.seed}, spec {report.spec_version}"
