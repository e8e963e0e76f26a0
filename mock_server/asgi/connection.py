"""What the server offers a request about its connection: closing it, and word that the server stops."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from mock_server.asgi.context import Receive
from mock_server.errors import UnavailableError

T = TypeVar("T")

CONNECTION = "codeocean_mock.connection"
"""The key under which a server keeps a request's `Connection` in the state of its scope."""


class Connection(Protocol):
    """The connection on which a request came."""

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the server stops."""

    @property
    def is_loopback(self) -> bool:
        """Whether the server listens for this machine alone."""

    def hang_up(self) -> None:
        """Close it without another byte."""


def connection_of(scope: Mapping[str, Any]) -> Connection | None:
    """The connection of a request, or None where the server offers none."""
    found: Connection | None = scope.get("state", {}).get(CONNECTION)
    return found


async def hang_up(scope: Mapping[str, Any], receive: Receive) -> None:
    """Close the connection, and return when it is closed. Where that cannot be done the server answers 500."""
    connection = connection_of(scope)
    if connection is None:
        return
    connection.hang_up()
    while (await receive())["type"] != "http.disconnect":
        pass


def stopping(scope: Mapping[str, Any]) -> asyncio.Event:
    """An event that is set when the server stops."""
    connection = connection_of(scope)
    return asyncio.Event() if connection is None else connection.stopping


async def pause(scope: Mapping[str, Any], seconds: float) -> None:
    """Wait for some seconds, or until the server stops: then answers are given at once."""
    if seconds <= 0:
        return
    try:
        async with asyncio.timeout(seconds):
            await stopping(scope).wait()
    except TimeoutError:
        pass


async def while_connected(scope: Mapping[str, Any], receive: Receive, waiting: Coroutine[Any, Any, T]) -> T:
    """Wait for something, but not longer than the client does. Raises `UnavailableError` when the server stops, or the
    client is gone, before it has come. The body of the request has been read.
    """
    wait = asyncio.ensure_future(waiting)
    ends = (asyncio.ensure_future(stopping(scope).wait()), asyncio.ensure_future(receive()))
    try:
        done, _ = await asyncio.wait((wait, *ends), return_when=asyncio.FIRST_COMPLETED)
        if wait in done:
            return wait.result()
    finally:
        for future in (wait, *ends):
            future.cancel()
    raise UnavailableError("the server is stopping")
