"""The journal: the requests as they come, and each with all that is known of it."""

import json
import shlex
from collections.abc import Sequence

from starlette.responses import Response

from mock_server.domain.faults import KNOWN_OPERATIONS
from mock_server.domain.journal import Record
from mock_server.domain.redaction import MASK
from mock_server.errors import NotFoundError
from mock_server.services.journal import entries
from mock_server.ui import event_stream
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext
from mock_server.wire.journal import Entry, Match

AT_ONCE = 100

CONDITIONS = ("operation", "entity", "status", "user", "fault")
"""What the list can be filtered by."""

NOT_SENT = {"host", "content-length", "connection", "accept", "accept-encoding", "user-agent", "authorization"}
"""Headers that curl has of its own, or that are given in another way."""


async def listing(context: PageContext) -> Response:
    """The newest requests that fit."""
    wanted = {name: context.asked(name) for name in CONDITIONS}
    return context.show(
        "journal/requests.html", wanted=wanted, operations=sorted(KNOWN_OPERATIONS), parts=await parts(context)
    )


async def parts(context: PageContext) -> dict[str, str]:
    """What changes while one looks."""
    kept = context.world.journal
    given = {name: context.asked(name) or None for name in CONDITIONS}
    requests: Sequence[Entry | entries.Brief]
    if any(given.values()):
        requests = entries.entries(kept, Match.model_validate(given), AT_ONCE)[::-1]
    else:
        requests = entries.newest(kept, AT_ONCE)
    total = {"last": kept.last, "dropped": kept.dropped, "keeps": kept.keeps}
    return {
        "total": context.fragment("parts/journal_total.html", shown=len(requests), **total),
        "requests": context.fragment(
            "parts/requests.html", prefix="request", requests=requests, empty="No matching requests."
        ),
    }


def stream(context: PageContext) -> Response:
    """The page as it changes."""
    return event_stream.stream(context, parts)


def record_of(context: PageContext) -> tuple[int, Record]:
    """The request that a path names, with its number. Raises `NotFoundError`."""
    key = context.key
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 12 else 0
    kept = context.world.journal.records(number - 1)
    if number < 1 or not kept or kept[0][0] != number:
        raise NotFoundError(f"the journal has no request {key[:20]} (any more)")
    return kept[0]


def detail(context: PageContext) -> Response:
    """One request."""
    entry = entries.entry(*record_of(context))
    last = context.world.journal.last
    return context.show(
        "journal/request.html",
        entry=entry,
        body=_pretty(entry.body),
        answer=_pretty(entry.answer),
        curl=_curl(context, entry),
        last=last,
        first=context.world.journal.dropped + 1,
    )


def clear(context: PageContext) -> Response:
    """Delete all requests."""
    asked = context.ask_first("Clear the journal?", "All its requests are deleted.", "Clear the journal")
    if asked:
        return asked
    context.world.journal.clear()
    return context.go("journal", note="The journal is empty.")


def _pretty(text: str) -> str:
    """JSON with line breaks; any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _curl(context: PageContext, entry: Entry) -> str:
    """The request as a line for a shell. Secrets are not known here: they stand as `***`, and the token is the one
    that the dashboard acts with.
    """
    base = f"{context.request.url.scheme}://{context.request.url.netloc}"
    words = ["curl", "-X", entry.method, f"{base}{entry.path}{'?' if entry.query else ''}{entry.query}"]
    if "authorization" in {name.lower() for name in entry.headers}:
        words += ["-u", f"{context.token}:"]
    for name, value in entry.headers.items():
        if name.lower() not in NOT_SENT and value != MASK:
            words += ["-H", f"{name}: {value}"]
    if entry.body:
        words += ["-d", entry.body]
    return " ".join(shlex.quote(word) for word in words)


PAGES = (
    Page("/journal", listing),
    Page("/journal/live", stream),
    Page("/journal/{key}", detail),
    action("/journal/clear", clear),
)
