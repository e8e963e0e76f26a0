"""How a client has asked for one thing again and again: when, how far apart, and whether that was as it should be."""

from typing import NamedTuple

from mock_server.domain.journal import Journal
from mock_server.services.journal import entries, verification
from mock_server.wire.journal import (
    Check,
    CheckResult,
    Entry,
    FinalCheck,
    Match,
    RetryAfterCheck,
    SpacingCheck,
)

MOST = 500
"""How many requests are looked at: the newest."""


class Poll(NamedTuple):
    """A request for the thing: seconds `at` which it came on the clock that is looked at, and since the one before it,
    None for the first. `problems` are what is wrong in it, in words.
    """

    entry: Entry
    at: float
    gap: float | None
    problems: list[str]


class Polling(NamedTuple):
    """The requests for a thing in the order in which they came, and the verdicts on them."""

    polls: list[Poll]
    verdicts: list[CheckResult]
    dropped: int


def of(journal: Journal, key: str, spacing: SpacingCheck) -> Polling:
    """How the thing with the id `key` was polled: by GET requests whose path ends with it. `spacing` says on which
    clock gaps are measured, and how long they are to be; its match is not looked at.
    """
    match = Match(entity=key, method="GET")
    asked = entries.entries(journal, match, MOST)
    found = [entry for entry in asked if entry.path.rpartition("/")[2].lower() == key.lower()]
    found.sort(key=lambda entry: (entry.real, entry.number))
    verdicts = verification.verify(found, _checks(found, match, spacing), journal.dropped).results
    times = [entry.real if spacing.clock == "real" else entry.time for entry in found]
    polls = [
        Poll(entry, at, at - times[number - 1] if number else None, [])
        for number, (entry, at) in enumerate(zip(found, times, strict=True))
    ]
    _mark(polls, verdicts, spacing)
    return Polling(polls, verdicts, journal.dropped)


def _mark(polls: list[Poll], verdicts: list[CheckResult], spacing: SpacingCheck) -> None:
    """Say of each request what is wrong in it; the verdicts name the first of a kind alone."""
    over = False
    early = {check.nearest[-1].number for check in verdicts if check.check == "retry_after" and not check.passed}
    for poll in polls:
        if poll.gap is not None and spacing.at_least is not None and round(poll.gap, 3) < spacing.at_least:
            poll.problems.append("too soon")
        if over:
            poll.problems.append("after the end")
        if poll.entry.number in early:
            poll.problems.append("before Retry-After")
        over = over or poll.entry.state in verification.TERMINAL


def _checks(found: list[Entry], match: Match, spacing: SpacingCheck) -> list[Check]:
    """The checks that can say something of these requests: one that finds nothing to judge would fail."""
    checks: list[Check] = []
    if len(found) > 1:
        checks.append(spacing.model_copy(update={"match": match}))
    if any(entry.state in verification.TERMINAL for entry in found):
        checks.append(FinalCheck(check="final", match=match))
    if any(entry.retry_after is not None for entry in found):
        checks.append(RetryAfterCheck(check="retry_after", match=match, clock=spacing.clock))
    return checks
