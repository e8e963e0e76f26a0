"""The overview: what needs attention, what a world holds and runs, what was asked last, and the lines to paste."""

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.services import runs, world_info
from mock_server.services.dashboard import attention
from mock_server.services.journal import entries
from mock_server.ui import event_stream, tour
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext

NEWEST = 8
NEWEST_RUNS = 5
"""How many requests, runs that go on, and runs at all are shown."""

LOOKED_AT = 50
"""How many runs that go on are looked at for those that hang."""


async def show(context: PageContext) -> Response:
    """The page."""
    base = f"{context.request.url.scheme}://{context.request.url.netloc}"
    return context.show("overview.html", parts=await parts(context), base=base, tour=tour.of(context))


async def parts(context: PageContext) -> dict[str, str]:
    """What changes while one looks."""
    world = context.world
    may_see = context.caller.scopes.issuperset(READ_CAPSULES)
    unfinished = runs.unfinished(world, context.caller, LOOKED_AT) if may_see else []
    newest = runs.listed(world, context.caller, runs.RunQuery(limit=NEWEST_RUNS)) if may_see else []
    found = attention.of(world, context.caller, unfinished)
    requests = entries.newest(world.journal, NEWEST)
    return {
        "attention": context.fragment("parts/attention.html", attention=found),
        "counts": context.fragment("parts/counts.html", counts=world_info.counts(world)),
        "running": context.fragment("parts/running.html", going=unfinished[:NEWEST]),
        "runs": context.fragment("parts/newest_runs.html", newest=newest),
        "requests": context.fragment(
            "parts/requests.html", prefix="request", requests=requests, empty="No requests yet."
        ),
    }


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
