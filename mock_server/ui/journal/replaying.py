"""Sending a request of the journal once more: through the server itself, as a client's request is."""

import asyncio
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response

from mock_server.asgi.connection import CONNECTION, stopping
from mock_server.asgi.context import Scope, host_of
from mock_server.services.journal import replaying
from mock_server.services.journal.replaying import Replay
from mock_server.ui.journal.requests import record_of
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext

MOST_BYTES = 16 * 1024 * 1024
"""How much of an answer is taken: a client that has seen enough of a file hangs up, too."""


class _Own:
    """The connection of a request that comes from nowhere: it stops with the server, and closing it closes nothing."""

    is_loopback = True

    def __init__(self, stops: asyncio.Event) -> None:
        self.stopping = stops

    def hang_up(self) -> None:
        """Do nothing."""


class _EnoughError(Exception):
    """The client has seen enough of an answer."""


async def replay(context: PageContext) -> Response:
    """Send a request again, as the user that the dashboard acts as; whatever may change something is asked first."""
    number, record = record_of(context)
    request = replaying.of(record, context.token, host_of(dict(context.request.scope)).encode())
    asked = None
    if record.method not in ("GET", "HEAD"):
        question = f"Send request {number} again?"
        sent = f"{record.method} {record.operation.name if record.operation else 'to an unknown path'}"
        asked = context.ask_first(
            question, f"{sent} is sent as it was recorded, as {context.token or 'nobody'}.", "Send it again"
        )
    if asked:
        return asked
    await send(context, request)
    # The journal keeps the very list of headers, by which the request is found among others that came meanwhile.
    newest = reversed(context.world.journal.records())
    came = next((key for key, one in newest if one.headers is request.headers), None)
    if came is None:
        return context.go("journal", note="The request was sent again; it is not in this world's journal.")
    return context.go("journal", str(came), note=f"Request {number} was sent again; this is the new request.")


async def send(context: PageContext, request: Replay) -> None:
    """Send a request to the server that this is, and take its answer without looking at it."""
    size = 0
    given = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def take(message: MutableMapping[str, Any]) -> None:
        nonlocal size
        size += len(message.get("body", b""))
        if size > MOST_BYTES:
            raise _EnoughError

    try:
        await context.serve(_scope(context, request), receive, take)
    except _EnoughError:
        return


def _scope(context: PageContext, request: Replay) -> Scope:
    """The request as the server's own protocol would hand it on."""
    here = context.request.scope
    kept = {name: here[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client") if name in here}
    return kept | {
        "method": request.method,
        "path": unquote(request.path.decode("latin-1")),
        "raw_path": request.path,
        "query_string": request.query,
        "root_path": "",
        "headers": request.headers,
        "state": {CONNECTION: _Own(stopping(here))},
    }


PAGES = (
    action("/journal/{key}/replay", replay),
    Page("/journal/{key}/replay", lambda context: context.go("journal", context.key)),
)
