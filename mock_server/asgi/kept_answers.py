"""Answers that tell of nothing that is not kept: for the parts of the server that read and write any world."""

from collections.abc import MutableMapping
from typing import Any

from mock_server.asgi.context import Send
from mock_server.asgi.responses import failure, send_reply
from mock_server.errors import ApiError
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
            for world, lost in self._lost.items():
                world.db.refuse_lost(lost)
        except ApiError as problem:
            if message["type"] != "http.response.start":
                raise
            self._refused = True
            await send_reply(self._send, failure(problem))
        else:
            await self._send(message)
