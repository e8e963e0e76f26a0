"""A server on one socket: it takes connections, looks after them, and stops in order."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import uvicorn

from mock_server.serving.acceptor import Acceptor, new_event_loop
from mock_server.serving.limits import Limits
from mock_server.serving.listening import is_loopback
from mock_server.serving.protocol import Served
from mock_server.serving.service import ASGIApplication, Service

TICKS_PER_SECOND = 10
"""How often uvicorn calls `on_tick` in a second."""

STEP_SECONDS = 0.02
"""How often a stop looks whether everything has been answered."""

DEFAULT_LIMITS = Limits()


class Server(uvicorn.Server):
    """Serves `app` to those who connect to `listener`; `ready` is called when it does, and `leave` is awaited before it
    stops to. With a context for `tls` it speaks HTTPS.

    `run` returns after a signal that stops it, or when `should_exit` has been set.
    """

    def __init__(
        self,
        app: ASGIApplication,
        listener: socket.socket,
        ready: Callable[[], None],
        limits: Limits = DEFAULT_LIMITS,
        leave: Callable[[], Awaitable[None]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(app, http=Served, access_log=False, date_header=False, log_config=None, ws="none")
        )
        self._app = app
        self._listener = listener
        self._ready = ready
        self._limits = limits
        self._leave = leave
        self._tls = tls
        self._looked_for = 0.0

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(self.serve(sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - it has its listener
        """Begin to take connections."""
        await self.lifespan.startup()
        service: Service[Served] = Service(
            self._app,
            self.config.loaded_app,
            self._limits,
            is_loopback=is_loopback(self._listener),
            scheme="http" if self._tls is None else "https",
        )
        self._service = service
        self._acceptor = Acceptor(self._listener, self._opening(service), service.connections)
        self.started = True
        self._ready()

    def _opening(self, service: Service[Served]) -> Callable[[socket.socket], Awaitable[object]]:
        """What serves a connection that was accepted."""
        if self._tls is None:
            return partial(asyncio.get_running_loop().connect_accepted_socket, partial(Served, service))
        from mock_server.serving.handshakes import Handshakes  # Late: plain HTTP needs none of it.

        return Handshakes(self._tls, service).open

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections now and then. Whether it is time to stop."""
        if counter % round(self._limits.look_seconds * TICKS_PER_SECOND) == 0:
            self._looked_for += self._limits.look_seconds
            for connection in self._served():
                connection.check(self._looked_for)
            self._acceptor.resume()
        return self.should_exit

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - it has its listener
        """Answer what has been asked, as far as that takes no longer than the limits allow, and close everything."""
        if self._leave is not None:
            await self._left(self._leave)
        self._acceptor.close()
        for connection in self._served():
            if connection.is_busy:
                connection.shutdown()
        self._service.stopping.set()
        # What has arrived by now is read, before connections on which nothing was asked are closed.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for connection in self._served():
            connection.shutdown()
        limits = self._limits
        await self._until_closed(limits.grace_seconds)
        await self._until_closed(limits.stop_seconds - limits.grace_seconds, lambda one: one.owes_answer)
        for task in list(self._service.tasks):
            task.cancel()
        await asyncio.sleep(0)
        for connection in self._served():
            connection.transport.close()
        await self._until_closed(STEP_SECONDS)
        for connection in self._served():
            connection.transport.abort()
        await self.lifespan.shutdown()

    async def _left(self, leave: Callable[[], Awaitable[None]]) -> None:
        """Wait until what comes before a stop is done, or a second signal has come."""
        leaving = asyncio.ensure_future(leave())
        while not leaving.done() and not self.force_exit:
            await asyncio.wait([leaving], timeout=STEP_SECONDS)
        leaving.cancel()
        await asyncio.wait([leaving])

    def _served(self) -> Iterable[Served]:
        return list(self._service.connections)

    async def _until_closed(self, seconds: float, which: Callable[[Served], bool] = lambda _: True) -> None:
        """Wait until all connections are closed, or those that are meant, or a second signal has come."""
        end = asyncio.get_running_loop().time() + seconds
        while any(map(which, self._served())) and not self.force_exit:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await asyncio.sleep(min(STEP_SECONDS, left))
