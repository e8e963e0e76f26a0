"""Serving the declared operations: authenticate, find, call, answer; every failure in one shape."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute

from mock_server.api.call import CallContext, Scope, header, token_of
from mock_server.api.edition import Edition
from mock_server.api.replies import Reply, failure
from mock_server.api.routing import RouteTable
from mock_server.domain.versions import Version, parse
from mock_server.errors import ApiError, BadRequestError, PayloadTooLargeError
from mock_server.services import access
from mock_server.world import World

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MAX_BODY = 16 * 1024 * 1024

log = logging.getLogger("codeocean_mock")


class ClientGoneError(Exception):
    """The client hung up before its request was complete."""


class Dispatch:
    """An ASGI application made of declared operations."""

    def __init__(self, world: World, routes: Iterable[APIRoute], edition: Edition) -> None:
        self._world = world
        self._table = RouteTable(routes, edition)
        self._version = edition.version
        self._date = (0, b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            reply = await self._reply(scope, receive)
        except ApiError as problem:
            reply = failure(problem)
        except ClientGoneError:
            return
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            reply = failure(ApiError("internal error"))
        headers = [*reply.headers(), (b"date", self._date_header())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        wanted = header(scope, b"min-server-version")
        if wanted is not None:
            _check_version(wanted, self._version)
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        operation, path = self._table.find(scope["method"], raw.decode("latin-1").partition("?")[0])
        caller = access.authenticate(self._world, token_of(scope))
        access.require_scopes(caller, operation.scopes)
        body = await _read(receive) if operation.reads_body else b""
        return await operation(CallContext(self._world, caller, scope), path, scope["query_string"], body)

    def _date_header(self) -> bytes:
        """The world's time, written anew once a second."""
        now = int(self._world.clock.now())
        if now != self._date[0]:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]


@lru_cache(maxsize=64)
def _check_version(wanted: bytes, served: Version) -> None:
    """Raise what the service answers to a client that is too new for it, whatever it asks for (seen by a client)."""
    required = parse(wanted.decode("latin-1"))
    if required is not None and required > served:
        raise BadRequestError(f"server version {served} is lower than required minimum {required}")


async def _read(receive: Receive) -> bytes:
    """The whole body. Raises `PayloadTooLargeError` as soon as it is known to be too large."""
    chunks = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise PayloadTooLargeError(f"the request body is larger than {MAX_BODY} bytes")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
