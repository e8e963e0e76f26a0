"""Pages that stay up to date: a stream of server-sent events, each a part of the page as it is now.

An open page looks once a second whether anything has changed, which costs some microseconds. It is drawn again only
when something has, or while something is on its way and the clock runs; and only the parts that differ are sent.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response, StreamingResponse

from mock_server.asgi.connection import stopping
from mock_server.asgi.events import event
from mock_server.errors import ForbiddenError, NotFoundError, UnavailableError
from mock_server.services import clock
from mock_server.ui.page_context import PageContext
from mock_server.world import World

SECONDS = 1.0

Parts = Callable[[PageContext], Awaitable[dict[str, str]]]
"""The parts of a page by name, as HTML."""


def stream(context: PageContext, parts: Parts) -> Response:
    """Send the parts of a page whenever they have changed, until the world or the server goes."""
    return StreamingResponse(_events(context, parts), media_type="text/event-stream")


def until_gone(parts: Parts) -> Parts:
    """The parts of a page of one thing; once it is gone or hidden, a status that says so."""

    async def guarded(context: PageContext) -> dict[str, str]:
        try:
            return await parts(context)
        except (ForbiddenError, NotFoundError):
            return {"status": context.fragment("parts/gone.html")}

    return guarded


async def _events(context: PageContext, parts: Parts) -> AsyncIterator[bytes]:
    try:
        async for one in _changes(context, parts):
            yield one
    except UnavailableError:
        # The browser asks again, and is told.
        return


async def _changes(context: PageContext, parts: Parts) -> AsyncIterator[bytes]:
    world = context.world
    ending = stopping(context.request.scope)
    sent: dict[str, str] = {}
    seen: object = None
    moving = False
    while not world.closed and not ending.is_set():
        world.refresh()
        mark = _mark(world)
        if moving or mark != seen:
            # Asked before the parts are drawn: what ends meanwhile has to be drawn once more.
            moving = _moves(world)
            for name, html in (await parts(context)).items():
                if sent.get(name) != html:
                    sent[name] = html
                    yield event(name, html)
            seen = mark
        try:
            await asyncio.wait_for(ending.wait(), SECONDS)
        except TimeoutError:
            continue


def _mark(world: World) -> object:
    """What differs when anything in the world does, but for what the clock alone brings about."""
    return (world.journal.last, world.journal.dropped, world.db.changes, world.db.version(), world.clock.anchor)


def _moves(world: World) -> bool:
    """Whether something will change without anybody's doing."""
    return world.clock.anchor.scale > 0 and clock.clock(world).next_change is not None
