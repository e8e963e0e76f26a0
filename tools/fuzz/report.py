"""What a run has found, as tables; failures with what is needed to repeat them."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.fuzz.run import Failure, Results

MOST_SHOWN = 40
MOST_BYTES = 300
MEGABYTE = 1 << 20
MOMENTS = (0.1, 0.5, 1.0)
LONG = 100_000
"""From so many requests on memory has to be level; shorter runs are still warming up in the middle."""


def memory_at(results: Results, share: float) -> int:
    """The median of the resident bytes around that share of the requests."""
    whole = max(results.requests, 1)
    near = [size for done, size in results.memory if abs(done / whole - share) <= 0.05]
    return int(statistics.median(near)) if near else 0


def memory_grew(results: Results) -> str:
    """By how much memory grew in the second half, when that is too much; nothing otherwise."""
    middle, end = memory_at(results, 0.5), memory_at(results, 1.0)
    allowed = max(24 * MEGABYTE, middle // 10) if results.requests >= LONG else max(64 * MEGABYTE, middle // 3)
    grown = (end - middle) / MEGABYTE
    return f"memory grew by {grown:.0f} MB in the second half" if end - middle > allowed else ""


def logged_lines(results: Results) -> list[tuple[int, str]]:
    """What was logged, each with the number of cases that had begun by then."""
    return [(case, line) for case, text in results.logged for line in text.splitlines() if line.strip()]


def failed(results: Results) -> bool:
    """Whether anything is as it must not be."""
    return bool(results.failures or results.logged or results.exit_code is not None or memory_grew(results))


def lines(results: Results, seconds: float, folder: Path) -> Iterator[str]:
    """The whole report."""
    rate = results.requests / seconds
    yield f"{results.requests} requests in {results.cases} cases, {seconds:.0f} s, {rate:.0f} a second"
    yield ""
    yield from _statuses(results.statuses)
    yield ""
    for message, times in results.unavailable.most_common(8):
        yield f"503  {times:6}  {message}"
    for taken, case, where in results.slowest:
        yield f"slowest  {taken:7.3f} s  case {case:<7} {where}"
    moments = ", ".join(f"{memory_at(results, share) / MEGABYTE:.0f} MB at {share:.0%}" for share in MOMENTS)
    yield f"memory  {moments}, {max((size for _, size in results.memory), default=0) / MEGABYTE:.0f} MB at most"
    yield from _failures(results, folder)


def _statuses(statuses: dict[str, Counter[str]]) -> Iterator[str]:
    columns = sorted({status for found in statuses.values() for status in found})
    yield f"{'area':10}{'requests':>9}" + "".join(f"{status:>8}" for status in columns)
    for area, found in sorted(statuses.items()):
        yield f"{area:10}{found.total():>9}" + "".join(f"{found[status] or '':>8}" for status in columns)


def _failures(results: Results, folder: Path) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for failure in results.failures:
        groups[failure.reason, failure.place].append(failure)
    for (reason, where), found in sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_SHOWN]:
        yield f"FAILED  {len(found)} times: {reason}: {where}"
        yield from _details(found[0], folder)
    if len(groups) > MOST_SHOWN:
        yield f"FAILED  and {len(groups) - MOST_SHOWN} others"
    yield from _logged(results)
    if results.exit_code is not None:
        yield f"FAILED  the server ended by itself, with {results.exit_code}, after {results.cases} cases"
    if grew := memory_grew(results):
        yield f"FAILED  {grew}"


def _details(failure: Failure, folder: Path) -> Iterator[str]:
    cut = len(failure.sent) > MOST_BYTES
    shown = ("… " if cut else "") + repr(failure.sent[-MOST_BYTES:])
    path = folder / f"case-{failure.case}.http"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(failure.sent)
    yield f"    case {failure.case}, the bytes are in {path}: {shown}"
    yield f"    answered: {failure.answered}"


def _logged(results: Results) -> Iterator[str]:
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for case, line in logged_lines(results):
        message, where = _parts(line)
        groups[where or message].append((case, message))
    for where, found in sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_SHOWN]:
        case, message = found[0]
        yield f"FAILED  {len(found)} times: logged: {where}"
        yield f"    first about case {case}: {message}"


def _parts(line: str) -> tuple[str, str]:
    """The message of a line of the log, and where its traceback ends."""
    try:
        record = json.loads(line)
    except ValueError:
        return line[:300], ""
    trace = str(record.get("traceback", "")).strip().splitlines()
    places = [text.strip() for text in trace if text.strip().startswith("File") and "mock_server" in text]
    return str(record.get("message"))[:300], "; ".join((*places[-1:], *trace[-1:]))[:400]
