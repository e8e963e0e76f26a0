"""New connections of a server that speaks TLS: their handshake, within a time, and those that are plain HTTP."""

import asyncio
import copy
import socket
import ssl
from functools import partial
from typing import Any

from mock_server.asgi.responses import failure
from mock_server.errors import BadRequestError
from mock_server.serving.protocol import Served
from mock_server.serving.service import Service

HANDSHAKE = b"\x16"
"""How everything begins that a client says in TLS (RFC 8446, 5.1). No method of HTTP does."""


class Handshakes:
    """Serves connections after their handshake; to those that send plain HTTP it says what is spoken here."""

    def __init__(self, context: ssl.SSLContext, service: Service[Served]) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = context
        self._limits = service.limits
        self._connect = partial(Served, service)
        # Such connections are counted, limited and ended as all others are.
        plain = copy.copy(service)
        plain.app = plain.proxied = _refuse
        self._refuse = partial(Served, plain)

    async def open(self, connection: socket.socket) -> None:
        """Serve a connection that was accepted. Raises `OSError` for one that ends before, or takes too long."""
        connection.setblocking(False)
        try:
            async with asyncio.timeout(self._limits.handshake_seconds):
                if await self._first_byte(connection) == HANDSHAKE:
                    await self._loop.connect_accepted_socket(
                        self._connect,
                        connection,
                        ssl=self._context,
                        ssl_handshake_timeout=self._limits.handshake_seconds,
                        # Connections look after that themselves.
                        ssl_shutdown_timeout=self._limits.unread_seconds,
                    )
                else:
                    await self._loop.connect_accepted_socket(self._refuse, connection)
        except asyncio.CancelledError:
            connection.close()
            raise

    async def _first_byte(self, connection: socket.socket) -> bytes:
        """The byte with which the client begins, which stays unread; nothing when it leaves instead."""
        try:
            return connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            came = asyncio.Event()
            self._loop.add_reader(connection, came.set)
        try:
            await came.wait()
        finally:
            self._loop.remove_reader(connection)
        return connection.recv(1, socket.MSG_PEEK)


async def _refuse(_scope: dict[str, Any], _receive: Any, send: Any) -> None:
    reply = failure(BadRequestError("this server speaks HTTPS: write https:// instead of http://"))
    headers = [*reply.headers(), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
