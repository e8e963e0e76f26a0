"""Results of a soak as tables."""

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table

from tools.soak.conditions import CONDITIONS
from tools.soak.run import Result


def write(results: Sequence[Result], console: Console) -> None:
    """Print how many runs there were under which conditions, and everything that failed."""
    for part in _parts(sorted(results, key=lambda result: result.seed)):
        console.print(part)


def _parts(results: list[Result]) -> Iterator[RenderableType]:
    yield _summary(results)
    failed = [result for result in results if result.failures]
    for result in failed:
        yield f"\nseed {result.seed}, {result.conditions.name}; reports in {result.folder}"
        for failure in result.failures:
            yield f"  {failure.check}: {failure.message[:400]}"
    seeds = f"seeds {results[0].seed} to {results[-1].seed}" if results else "no run has ended"
    yield f"\n{len(results) - len(failed)} of {len(results)} runs without a failure, {seeds}"


def _summary(results: list[Result]) -> Table:
    table = Table("conditions", "what that is", box=None, pad_edge=False)
    for column in ("runs", "failed", "seconds", "longest", "requests"):
        table.add_column(column, justify="right")
    for conditions in CONDITIONS:
        rows = [result for result in results if result.conditions is conditions]
        table.add_row(conditions.name, conditions.summary, *_figures(rows))
    table.add_section()
    table.add_row("all", "", *_figures(results))
    return table


def _figures(rows: list[Result]) -> list[str]:
    if not rows:
        return ["0", "", "", "", ""]
    seconds = [row.seconds for row in rows]
    mean, longest = sum(seconds) / len(rows), max(seconds)
    failed, requests = sum(bool(row.failures) for row in rows), sum(row.requests for row in rows)
    return [str(len(rows)), str(failed), f"{mean:.0f}", f"{longest:.0f}", str(requests)]
