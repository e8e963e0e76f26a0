"""Answers that are sent piece by piece."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import NamedTuple

from mock_server import background
from mock_server.asgi.connection import hang_up
from mock_server.asgi.context import Receive, Scope, Send
from mock_server.asgi.responses import Header
from mock_server.errors import ApiError


class Stream(NamedTuple):
    """An answer of any size; `kind` is the content type."""

    kind: bytes
    pieces: AsyncGenerator[bytes]
    extra: tuple[Header, ...] = ()


async def send_stream(stream: Stream, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer as it comes, for as long as the client is there. When it cannot be completed the connection is
    closed: half of an answer must not be taken for all of it.
    """
    headers = [(b"content-type", stream.kind), *stream.extra]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    sending = asyncio.ensure_future(_send_pieces(stream, send))
    leaving = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        [problem, _] = await asyncio.gather(sending, leaving, return_exceptions=True)
    if isinstance(problem, ApiError):
        await hang_up(scope, receive)
    elif isinstance(problem, Exception):
        raise problem


async def _send_pieces(stream: Stream, send: Send) -> None:
    async with aclosing(stream.pieces) as pieces:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def in_threads(pieces: Iterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield pieces that take long to make: each is made in a thread."""
    while (piece := await background.in_thread(next, pieces, None)) is not None:
        yield piece
