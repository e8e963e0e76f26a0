"""The overview: what a world holds, what runs in it, what was asked last, and the lines to paste."""

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.services import journal, runs, steering
from mock_server.ui import event_stream
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import Visit
from mock_server.wire.journal import Entry

NEWEST = 8
"""How many runs, requests and errors are shown."""


async def show(visit: Visit) -> Response:
    """The page."""
    base = f"{visit.request.url.scheme}://{visit.request.url.netloc}"
    return visit.show("overview.html", parts=await parts(visit), base=base)


async def parts(visit: Visit) -> dict[str, str]:
    """What changes while one looks."""
    world = visit.world
    going = runs.unfinished(world, visit.caller, NEWEST) if visit.caller.scopes.issuperset(READ_CAPSULES) else []
    requests = journal.entries(world.journal, limit=NEWEST)[::-1]
    errors = journal.newest(world.journal, lambda record: not 200 <= record.status < 400, NEWEST)
    return {
        "counts": visit.fragment("parts/counts.html", counts=steering.counts(world)),
        "running": visit.fragment("parts/running.html", going=going),
        "requests": _requests(visit, "request", requests, "No request has come yet."),
        "errors": _requests(visit, "error", errors, "No request has failed."),
    }


def _requests(visit: Visit, prefix: str, requests: list[Entry], empty: str) -> str:
    return visit.fragment("parts/requests.html", prefix=prefix, requests=requests, empty=empty)


def stream(visit: Visit) -> Response:
    """The page as it changes."""
    return event_stream.stream(visit, parts)


def act_as(visit: Visit) -> Response:
    """Act as another user from now on."""
    token = visit.form.text("token")
    response = visit.leave(visit.came_from(), f"You now act as {visit.tokens.get(token, 'the same user')}.")
    if token in visit.tokens:
        visit.remember(token, response)
    return response


PAGES = (Page("", show), Page("/live", stream), action("/user", act_as))
