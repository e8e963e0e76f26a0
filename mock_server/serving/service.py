"""What the connections of a server have in common."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from mock_server.serving.limits import Limits

ASGIApplication = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

C = TypeVar("C")


class Service(Generic[C]):
    """An application that is served to connections of the type `C`, under the `scheme` of URLs that begin with it.

    `proxied` serves what a proxy has sent on: `app` behind a reader of `X-Forwarded-Proto` and `X-Forwarded-For`.
    """

    def __init__(
        self, app: ASGIApplication, proxied: ASGIApplication, limits: Limits, is_loopback: bool, scheme: str
    ) -> None:
        self.app = app
        self.proxied = proxied
        self.limits = limits
        self.is_loopback = is_loopback
        self.scheme = scheme
        self.stopping = asyncio.Event()
        self.connections: set[C] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        """Requests that the application is at work on, those of clients that are gone among them."""
