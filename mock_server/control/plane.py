"""The control plane as an ASGI application: guarded, and built when it is first asked for."""

import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from mock_server.asgi import bodies
from mock_server.asgi.context import Receive, Scope, Send
from mock_server.asgi.responses import Response, failure, send_reply
from mock_server.control.guard import refusal
from mock_server.errors import ApiError, UnavailableError
from mock_server.store import queries
from mock_server.worlds import Worlds

if TYPE_CHECKING:
    from mock_server.control.operation import Answer
    from mock_server.services.driven.leases import LeaseWatch

ROOT = "/_mock"

_FILES = re.compile(r"/_mock/snapshots/[^/]+/file|/_mock/worlds/[^/]+/computations/[^/]+/results(/.*)?")

MAX_STREAM = 2**40
"""The most bytes of a body that is taken in piece by piece."""


class ControlPlane:
    """An ASGI application for everything below `ROOT`."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            receive = await self._admitted(scope, receive)
            answer = await self._answer(scope, receive)
        except ApiError as problem:
            answer = failure(problem)
        except bodies.ClientGoneError:
            return
        if isinstance(answer, Response):
            await send_reply(send, answer)
            return
        from mock_server.asgi.streams import send_stream  # Late: few answers are that long.

        await send_stream(answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> "Answer":
        from mock_server.control import endpoints  # Late: with its models, it takes as long as the rest of the server.

        return await endpoints.answer(self._worlds, self._leases, scope, receive)

    async def _admitted(self, scope: Scope, receive: Receive) -> Receive:
        """Return from where routes receive the body of a request that may steer: it has been read, but for files of any
        size. Raises an `ApiError` for one that may not, or is too large.
        """
        problem = refusal(scope, self._worlds.settings)
        if problem is not None:
            raise problem
        if _takes_file(scope):
            return bodies.limited(scope, receive, MAX_STREAM)
        return bodies.replayed(await bodies.read(scope, receive), receive)

    @cached_property
    def _leases(self) -> "LeaseWatch":
        from mock_server.services.driven.leases import LeaseWatch

        return LeaseWatch(self._worlds)

    def start(self) -> None:
        """Go on with the leases of runs that were given before the server started."""
        with suppress(UnavailableError):
            if queries.next_lapse(self._worlds.default.db) is not None:
                self._leases.resume()

    def stop(self) -> None:
        """Let no lease lapse any more."""
        if "_leases" in vars(self):
            self._leases.stop()


def owns(path: str) -> bool:
    """Whether `path` is served here."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def _takes_file(scope: Scope) -> bool:
    """Return whether a request brings a file of any size, which is taken in piece by piece."""
    return scope["method"] == "PUT" and _FILES.fullmatch(scope["path"]) is not None
