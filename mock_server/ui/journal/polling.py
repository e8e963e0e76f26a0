"""How a client has polled one thing, drawn along time, with gaps and verdicts."""

import statistics
from typing import NamedTuple

from pydantic import ValidationError
from starlette.responses import Response

from mock_server.services.journal import polling
from mock_server.services.journal.polling import Poll
from mock_server.ui import formats
from mock_server.ui.forms import in_one_line
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext
from mock_server.ui.paging import part
from mock_server.wire.journal import SpacingCheck

AT_ONCE = 50

APART = "5s"
"""How far apart polls have to be unless the page is asked otherwise: the SDK polls no faster (SDK computation.py)."""

WIDTH = 1000.0

CLOCKS = {"world": "world time", "real": "real time"}


class Mark(NamedTuple):
    """A request in the picture, and the state that was known from it on, up to the next one."""

    x: float
    width: float
    tone: str
    wrong: bool


class Summary(NamedTuple):
    """How many requests came in how long a time, in seconds, and the gaps between them."""

    many: int
    lasting: float
    shortest: float
    usual: float
    longest: float


def show(context: PageContext) -> Response:
    """The page of one id."""
    key = context.asked("entity")[:200]
    hands = context.asked("clock") if context.asked("clock") in CLOCKS else "world"
    apart = context.asked("at_least") or APART
    problem = ""
    try:
        spacing = SpacingCheck.model_validate({"check": "spacing", "at_least": apart, "clock": hands})
    except ValidationError as wrong:
        problem = in_one_line(wrong)
        spacing = SpacingCheck(check="spacing", at_least=0, clock="real" if hands == "real" else "world")
    found = polling.of(context.world.journal, key, spacing)
    return context.show(
        "journal/polling.html",
        400 if problem else 200,
        key=key,
        apart=apart,
        hands=hands,
        clocks=CLOCKS,
        problem=problem,
        found=found,
        polls=part(found.polls, context.page_number(), AT_ONCE),
        marks=draw(found.polls),
        summary=_summary(found.polls),
    )


def draw(polls: list[Poll]) -> list[Mark]:
    """The picture: requests along time, as wide as all of them took."""
    if not polls:
        return []
    start, lasting = polls[0].at, polls[-1].at - polls[0].at
    places = [(poll.at - start) / lasting * WIDTH if lasting > 0 else 0.0 for poll in polls]
    ends = [*places[1:], WIDTH]
    marks = []
    tone = "plain"
    for poll, x, end in zip(polls, places, ends, strict=True):
        tone = formats.tone(poll.entry.state) if poll.entry.state else tone
        marks.append(Mark(x, max(0.0, end - x), tone, bool(poll.problems) or not 200 <= poll.entry.status < 400))
    return marks


def _summary(polls: list[Poll]) -> Summary | None:
    gaps = [poll.gap for poll in polls if poll.gap is not None]
    if not gaps:
        return None
    return Summary(len(polls), sum(gaps), min(gaps), statistics.median(gaps), max(gaps))


PAGES = (Page("/journal/polling", show),)
