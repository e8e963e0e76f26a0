"""The context of a request: its world, its caller, its headers, and where the client reached the server."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.world import World

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HOST = re.compile(rb"(?:([A-Za-z0-9.\-_]{1,255})|\[([0-9A-Fa-f:.]{2,45})\])(?::\d{0,5})?")
"""What can stand in an address: a name or an IPv6 address in brackets, and a port."""


class RequestContext(NamedTuple):
    """One request, as far as operations need it."""

    world: World
    caller: Caller
    scope: Scope

    @property
    def base_url(self) -> str:
        """Scheme and host under which the client reached the server."""
        return f"{self.scope.get('scheme', 'http')}://{host_of(self.scope)}"


def host_of(scope: Scope) -> str:
    """The host, with its port, under which the client reached the server."""
    host = header(scope, b"host")
    if host is None or not _HOST.fullmatch(host):
        server = scope.get("server") or ("127.0.0.1", 80)
        return f"{server[0]}:{server[1]}"
    # A port may be empty (RFC 3986, 3.2.3); clients leave its colon out.
    return host.decode().removesuffix(":")


def host_name(host: bytes) -> str | None:
    """The name or address in a `Host` header, in lower case and without its port; None where there is neither."""
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).decode().lower() if match else None


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header called `name` (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


class Credentials(NamedTuple):
    """Who a request says it comes from: a token, and the world in which it is to work."""

    token: str | None
    world: str


NOBODY = Credentials(None, DEFAULT_WORLD)


def credentials_of(scope: Scope) -> Credentials:
    """The credentials of a request."""
    sent = header(scope, b"authorization")
    return _credentials(sent) if sent else NOBODY


@lru_cache(maxsize=4096)
def _credentials(sent: bytes) -> Credentials:
    """The credentials in the user name of HTTP Basic: a token, or a token, `@` and the name of a world.

    Quotes around it are dropped: the curl lines of the old documentation send `'TOKEN` and `'`.
    """
    kind, _, encoded = sent.partition(b" ")
    if kind.lower() != b"basic":
        return NOBODY
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return NOBODY
    token, suffix, world = decoded.partition(":")[0].strip("'\"").partition("@")
    return Credentials(token or None, world if suffix else DEFAULT_WORLD)
