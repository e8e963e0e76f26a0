"""The bodies of requests: read whole or piece by piece, and never more of them than a limit."""

from collections.abc import MutableMapping
from typing import Any

from mock_server.asgi.context import Receive, Scope, header
from mock_server.errors import PayloadTooLargeError

MAX_BODY = 16 * 1024 * 1024
"""The most bytes of a body that is read whole."""


class ClientGoneError(Exception):
    """The client hung up before its request was complete."""


async def read(scope: Scope, receive: Receive, limit: int = MAX_BODY) -> bytes:
    """Return the whole body. Raises `PayloadTooLargeError` as soon as it is known to be too large, which is before any
    of it is read when the request says how long it is; `ClientGoneError` when the client hangs up.
    """
    pieces = []
    receive = limited(scope, receive, limit)
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


def limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Return a `receive` for whoever takes the body piece by piece. Raises as `read` does, here and when it is used."""
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and (len(declared) > len(str(limit)) or int(declared) > limit):
        raise _too_large(limit)
    size = 0
    complete = False

    async def receive_some() -> MutableMapping[str, Any]:
        nonlocal size, complete
        message = await receive()
        if message["type"] == "http.disconnect" and not complete:
            raise ClientGoneError
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        complete = complete or not message.get("more_body")
        return message

    return receive_some


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already, then whatever comes behind it."""
    given = False

    async def receive_again() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _too_large(limit: int) -> PayloadTooLargeError:
    return PayloadTooLargeError(f"the request body is larger than {limit} bytes")
