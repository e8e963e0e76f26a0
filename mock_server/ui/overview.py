"""The overview: what a world holds, what runs in it, what was asked last, and the lines to paste."""

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.services import runs, world_info
from mock_server.services.journal import entries
from mock_server.ui import event_stream
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext
from mock_server.wire.journal import Entry

NEWEST = 8
"""How many runs, requests and errors are shown."""


async def show(context: PageContext) -> Response:
    """The page."""
    base = f"{context.request.url.scheme}://{context.request.url.netloc}"
    return context.show("overview.html", parts=await parts(context), base=base)


async def parts(context: PageContext) -> dict[str, str]:
    """What changes while one looks."""
    world = context.world
    going = runs.unfinished(world, context.caller, NEWEST) if context.caller.scopes.issuperset(READ_CAPSULES) else []
    requests = entries.entries(world.journal, limit=NEWEST)[::-1]
    errors = entries.newest(world.journal, lambda record: not 200 <= record.status < 400, NEWEST)
    return {
        "counts": context.fragment("parts/counts.html", counts=world_info.counts(world)),
        "running": context.fragment("parts/running.html", going=going),
        "requests": _requests(context, "request", requests, "No request has come yet."),
        "errors": _requests(context, "error", errors, "No request has failed."),
    }


def _requests(context: PageContext, prefix: str, requests: list[Entry], empty: str) -> str:
    return context.fragment("parts/requests.html", prefix=prefix, requests=requests, empty=empty)


def stream(context: PageContext) -> Response:
    """The page as it changes."""
    return event_stream.stream(context, parts)


def act_as(context: PageContext) -> Response:
    """Act as another user from now on."""
    token = context.form.text("token")
    response = context.leave(context.came_from(), f"You now act as {context.tokens.get(token, 'the same user')}.")
    if token in context.tokens:
        context.remember(token, response)
    return response


PAGES = (Page("", show), Page("/live", stream), action("/user", act_as))
