"""Answers that tell of nothing that is not kept: for the parts of the server that read and write any world."""

from collections.abc import MutableMapping
from typing import Any

from mock_server.asgi.context import Send
from mock_server.asgi.responses import failure
from mock_server.errors import ApiError, UnavailableError
from mock_server.worlds import Worlds


class KeptAnswer:
    """The `send` of one request. Everything is committed before a message goes out; where that fails, or has failed
    since the request came, the answer is a failure, or breaks off when it has begun.
    """

    def __init__(self, worlds: Worlds, send: Send) -> None:
        self._worlds = worlds
        self._send = send
        self._lost = worlds.lost_groups()
        self._refused = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send a message of the application. Raises an `ApiError` when the answer has to break off."""
        if self._refused:
            return
        try:
            self._worlds.flush()
            if any(world.db.lost != lost for world, lost in self._lost.items()):
                raise UnavailableError("the database cannot be used: what was written meanwhile is lost")
        except ApiError as problem:
            if message["type"] != "http.response.start":
                raise
            self._refused = True
            reply = failure(problem)
            await self._send({"type": "http.response.start", "status": reply.status, "headers": reply.headers()})
            await self._send({"type": "http.response.body", "body": reply.body})
        else:
            await self._send(message)
