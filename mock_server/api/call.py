"""What an operation gets to know of its call: the world, the caller, and where the client reached us."""

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPBasic

from mock_server.domain.access import Caller
from mock_server.world import World

Scope = dict[str, Any]

_HOST = re.compile(rb"[A-Za-z0-9.\-_\[\]:]{1,255}")

security = HTTPBasic(
    scheme_name="accessToken",
    description="The access token as user name, with an empty password.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class CallContext:
    """One request, as far as operations need it."""

    world: World
    caller: Caller
    scope: Scope

    @property
    def base_url(self) -> str:
        """Scheme and host under which the client reached the server."""
        host = header(self.scope, b"host")
        if host is None or not _HOST.fullmatch(host):
            server = self.scope.get("server") or ("127.0.0.1", 80)
            host = f"{server[0]}:{server[1]}".encode()
        return f"{self.scope.get('scheme', 'http')}://{host.decode()}"


def _filled_in_by_dispatch() -> None:
    """Marks a parameter that is no part of the request; `dispatch` passes the context of the call."""


Call = Annotated[CallContext, Depends(_filled_in_by_dispatch)]


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header called `name` (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def token_of(scope: Scope) -> str | None:
    """The access token of a request; None without one."""
    credentials = header(scope, b"authorization")
    return _user_name(credentials) if credentials else None


@lru_cache(maxsize=1024)
def _user_name(credentials: bytes) -> str | None:
    """The user name of HTTP Basic.

    Quotes around it are dropped: the curl lines of the old documentation send `'TOKEN` and `'`.
    """
    kind, _, encoded = credentials.partition(b" ")
    if kind.lower() != b"basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(":")[0].strip("'\"") or None
