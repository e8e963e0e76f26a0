"""Whether the requests of the journal are as they should be."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from mock_server.services.journal.entries import matches, misses
from mock_server.services.journal.waiting import NEAREST
from mock_server.wire.journal import (
    Check,
    CheckResult,
    CountCheck,
    Entry,
    FinalCheck,
    Match,
    OrderCheck,
    RetryAfterCheck,
    SpacingCheck,
    UniqueCheck,
    Verdict,
)

TERMINAL = frozenset(("completed", "failed", "ready", "canceled"))
"""States that nothing follows: of computations, data assets and releases. None of them passes through another's."""

READING = frozenset(
    (
        "search_capsules",
        "search_pipelines",
        "search_data_assets",
        "list_computation_results",
        "list_data_asset_files",
    )
)
"""Operations that are POSTs although they change nothing."""

MEASURING_ERROR = 0.05
"""By how many seconds a client may seem to have come too early, because it and the server measure time on their own."""

Thing = tuple[str, str, str]
"""What is asked: method, path and query."""


def verify(entries: list[Entry], checks: list[Check], dropped: int) -> Verdict:
    """Whether all checks hold. Each looks at the entries in the order in which the requests came."""
    came = sorted(entries, key=_arrival)
    results = [_CHECKS[check.check](came, check) for check in checks]
    return Verdict(passed=all(result.passed for result in results), results=results, dropped=dropped)


def _count(entries: list[Entry], check: CountCheck) -> CheckResult:
    found = _matching(entries, check.match)
    limits = (("exactly", check.exactly), ("at least", check.at_least), ("at most", check.at_most))
    wanted = " and ".join(f"{word} {number}" for word, number in limits if number is not None)
    message = f"{len(found)} {'request matches' if len(found) == 1 else 'requests match'}, wanted {wanted}"
    if len(found) < max(check.exactly or 0, check.at_least or 0):
        return _failed(check, message, _almost(entries, check.match))
    if any(len(found) > number for number in (check.exactly, check.at_most) if number is not None):
        return _failed(check, message, found)
    return _passed(check, message)


def _order(entries: list[Entry], check: OrderCheck) -> CheckResult:
    found: list[Entry] = []
    at = 0
    for step, match in enumerate(check.matches):
        there = next((place for place in range(at, len(entries)) if matches(entries[place], match)), None)
        if there is None:
            reached = f" after request {found[-1].number}" if found else ""
            message = f"came as far as {step} of {len(check.matches)}: no request{reached} matches number {step + 1}"
            near = _matching(entries[: max(0, at - 1)], match) or _almost(entries[at:], match)
            return _failed(check, message, [*found[-1:], *near[1 - NEAREST :]])
        found.append(entries[there])
        at = there + 1
    return _passed(check, f"requests {', '.join(str(entry.number) for entry in found)} came in this order")


def _spacing(entries: list[Entry], check: SpacingCheck) -> CheckResult:
    found = _matching(entries, check.match)
    if not found:
        return _nothing(check, entries, check.match)
    clock = _clock(check.clock)
    pairs = [pair for same in _things(found).values() for pair in pairwise(sorted(same, key=clock))]
    if not pairs:
        return _failed(check, "no two requests for the same thing match", found)
    for earlier, later in pairs:
        # Times are floats: they are not to be taken more exactly than to the millisecond.
        gap = round(clock(later) - clock(earlier), 3)
        words = f"requests {earlier.number} and {later.number} are {_seconds(gap)} apart"
        if check.at_least is not None and gap < check.at_least:
            return _failed(check, f"{words}, wanted at least {_seconds(check.at_least)}", [earlier, later])
        if check.at_most is not None and gap > check.at_most:
            return _failed(check, f"{words}, wanted at most {_seconds(check.at_most)}", [earlier, later])
    return _passed(check, f"{_counted(len(pairs), 'pair')} of requests for the same thing, all as far apart as wanted")


def _final(entries: list[Entry], check: FinalCheck) -> CheckResult:
    found = [entry for entry in _matching(entries, check.match) if entry.method == "GET"]
    if not found:
        return _nothing(check, entries, check.match)
    ended = [(entry, again) for entry, again in _with_next(found, entries, check.match) if entry.state in TERMINAL]
    if not ended:
        return _failed(check, "no request that matches was answered with a terminal state", found)
    for entry, again in ended:
        if again is not None:
            words = f"request {again.number} asks again for what request {entry.number} had shown as {entry.state}"
            return _failed(check, words, [entry, again])
    return _passed(check, f"{_counted(len(ended), 'answer')} with a terminal state, and nothing was asked again")


def _retry_after(entries: list[Entry], check: RetryAfterCheck) -> CheckResult:
    found = _matching(entries, check.match)
    if not found:
        return _nothing(check, entries, check.match)
    delayed = [entry for entry in found if entry.retry_after is not None]
    if not delayed:
        return _failed(check, "no request that matches was answered with Retry-After", found)
    for entry, again in _with_next(delayed, entries, check.match):
        if again is None or entry.retry_after is None:
            continue
        # When an answer was given is known in real time only; on the world's clock the request has to do.
        passed = again.real - _answered(entry) if check.clock == "real" else again.time - entry.time
        if passed < entry.retry_after - MEASURING_ERROR:
            words = f"request {again.number} came {_seconds(passed)} after request {entry.number}, which was answered"
            return _failed(check, f"{words} Retry-After: {_seconds(entry.retry_after)}", [entry, again])
    return _passed(check, f"{_counted(len(delayed), 'answer')} with Retry-After, and nothing was asked again too early")


def _unique(entries: list[Entry], check: UniqueCheck) -> CheckResult:
    found = [entry for entry in _matching(entries, check.match) if _changes(entry)]
    if not found:
        return _nothing(check, entries, check.match)
    effective = [entry for entry in found if _took_effect(entry)]
    if not effective:
        return _failed(check, "no request that matches took effect", found)
    first: dict[tuple[Thing, str], Entry] = {}
    for entry in effective:
        before = first.setdefault((_thing(entry), entry.body), entry)
        if before is not entry:
            words = f"requests {before.number} and {entry.number} are the same and both took effect"
            return _failed(check, words, [before, entry])
    return _passed(check, f"{_counted(len(effective), 'request')} took effect, no two of them the same")


_CHECKS: dict[str, Callable[[list[Entry], Any], CheckResult]] = {
    "count": _count,
    "order": _order,
    "spacing": _spacing,
    "final": _final,
    "retry_after": _retry_after,
    "unique": _unique,
}


def _changes(entry: Entry) -> bool:
    return entry.method not in ("GET", "HEAD") and entry.operation not in READING


def _took_effect(entry: Entry) -> bool:
    """Whether the operation succeeded. One that a fault kept from being called did not, whatever the client got."""
    status = entry.status if entry.outcome is None and entry.fault is None else entry.outcome
    return status is not None and 200 <= status < 300


def _with_next(found: list[Entry], entries: list[Entry], match: Match) -> Iterator[tuple[Entry, Entry | None]]:
    """Each request with the first one for the same thing that came once it was answered. What was on its way by then
    had been sent by someone who could not know the answer.

    What the match says of the answer is asked of the earlier one only: after a 429 comes anything.
    """
    asked = match.model_copy(update={"status": None, "fault": None})
    things = _things(_matching(entries, asked))
    for entry in found:
        same = things[_thing(entry)]
        at = bisect_right(same, (_answered(entry), entry.number), key=_arrival)
        yield entry, same[at] if at < len(same) else None


def _arrival(entry: Entry) -> tuple[float, int]:
    return entry.real, entry.number


def _answered(entry: Entry) -> float:
    return entry.real + entry.took


def _matching(entries: list[Entry], match: Match) -> list[Entry]:
    return [entry for entry in entries if matches(entry, match)]


def _almost(entries: list[Entry], match: Match) -> list[Entry]:
    """The requests that meet all conditions but one."""
    return [entry for entry in entries if len(misses(entry, match)) == 1]


def _thing(entry: Entry) -> Thing:
    return entry.method, entry.path, entry.query


def _things(entries: list[Entry]) -> dict[Thing, list[Entry]]:
    """The requests by what they ask for, each in the order in which they came."""
    things: dict[Thing, list[Entry]] = {}
    for entry in entries:
        things.setdefault(_thing(entry), []).append(entry)
    return things


def _clock(name: str) -> Callable[[Entry], float]:
    return (lambda entry: entry.real) if name == "real" else (lambda entry: entry.time)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _seconds(length: float) -> str:
    return f"{length:.3f}".rstrip("0").rstrip(".") + " s"


def _passed(check: Check, message: str) -> CheckResult:
    return CheckResult(check=check.check, passed=True, message=message)


def _failed(check: Check, message: str, near: list[Entry]) -> CheckResult:
    return CheckResult(check=check.check, passed=False, message=message, nearest=near[-NEAREST:])


def _nothing(check: Check, entries: list[Entry], match: Match) -> CheckResult:
    return _failed(check, "no request matches", _almost(entries, match))
