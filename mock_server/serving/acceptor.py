"""Taking connections: all that wait, in one turn of the event loop.

uvloop's own servers seem to take one a turn, and a turn serves every connection that is open. So the last
of many that come at once would wait for most of what the others ask (docs/decisions/0013-connections.md).
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable

if sys.platform != "win32":
    import resource

from mock_server.serving.protocol import Served

UNLIMITED = 2**31

RESERVED_FILES = 64
"""How many files the process may have open beside its connections."""

log = logging.getLogger("codeocean_mock")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop, or where there is none a loop that can watch a socket, too."""
    try:
        import uvloop
    except ImportError:
        return asyncio.SelectorEventLoop()
    return uvloop.new_event_loop()


class Acceptor:
    """Takes the connections that come to `listener`, and has each served by `serve`, which raises `OSError` for one
    that is gone.
    """

    def __init__(
        self, listener: socket.socket, serve: Callable[[socket.socket], Awaitable[object]], connections: set[Served]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._serve = serve
        self._connections = connections
        self._most = _most_connections()
        self._opening: set[asyncio.Task[None]] = set()
        self._waits = True
        self._said_so = False
        listener.setblocking(False)
        self.resume()

    def resume(self) -> None:
        """Take connections, again if there were too many. Called now and then."""
        if self._waits:
            self._waits = False
            self._loop.add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Take no more connections."""
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        while len(self._connections) + len(self._opening) < self._most:
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as problem:
                self._wait(str(problem.strerror))
                return
            opening = self._loop.create_task(self._open(connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)
        self._wait(f"{self._most} are open")

    def _wait(self, reason: str) -> None:
        """Leave the others waiting until `resume` is called."""
        if not self._said_so:
            log.warning("new connections have to wait: %s", reason)
            self._said_so = True
        self._waits = True
        self._loop.remove_reader(self._listener)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await self._serve(connection)
        except OSError:
            # The client is gone already.
            connection.close()


def raise_file_limit() -> None:
    """Let this process have as many files open as it may, which is often many times what it has to begin with."""
    if sys.platform == "win32":
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError):
        # macOS names a most that it does not allow.
        return


def _most_connections() -> int:
    """How many connections fit into the files that the process may have open."""
    if sys.platform == "win32":
        return UNLIMITED
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return UNLIMITED if most == resource.RLIM_INFINITY else max(1, most - RESERVED_FILES)
