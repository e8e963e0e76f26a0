"""A request, as far as routes of the control plane need it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from mock_server.asgi.context import Receive, Scope
from mock_server.services.driven.leases import LeaseWatch
from mock_server.world import World
from mock_server.worlds import Worlds


@dataclass(frozen=True, slots=True)
class Context:
    """A request to the server as a whole."""

    worlds: Worlds
    leases: LeaseWatch
    scope: Scope
    receive: Receive

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""
        more = True
        while more:
            message = await self.receive()
            yield message.get("body", b"")
            more = message.get("more_body", False)

    async def body(self) -> bytes:
        """Return the whole body."""
        return b"".join([piece async for piece in self.pieces()])


@dataclass(frozen=True, slots=True)
class WorldContext(Context):
    """A request to one world, which is there."""

    world: World
