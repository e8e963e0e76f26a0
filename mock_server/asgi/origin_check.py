"""Where a request comes from. What steers the fake listens to its own pages and to programs, never to the page of
another site; and a server that listens for this machine alone answers to no name that others could make lead here.
"""

import ipaddress
from functools import lru_cache

from mock_server.asgi.connection import connection_of
from mock_server.asgi.context import Scope, header, host_name
from mock_server.errors import ForbiddenError
from mock_server.settings import ANY_HOST_NAME, Settings

HostNames = tuple[str, ...]
"""Names that are accepted besides addresses and `localhost` (`Settings.allowed_host_names`)."""

MOST_QUOTED = 100
"""How many characters of a refused name the answer repeats."""


def refusal(scope: Scope, what: str, settings: Settings) -> ForbiddenError | None:
    """Why a request may not use `what`, or None when it may.

    A page from elsewhere is refused by its `Origin`. One whose name was made to lead to this machine is refused by the
    `Host` that its browser sends: where no token is asked for, only addresses, `localhost` and the names that were
    allowed are accepted.
    """
    host = header(scope, b"host") or b""
    origin = header(scope, b"origin")
    # What came as plain HTTP may have been HTTPS up to a proxy.
    own = [b"https://" + host] if scope.get("scheme") == "https" else [b"http://" + host, b"https://" + host]
    if origin is not None and origin not in own:
        return ForbiddenError(f"pages of other sites may not use {what}")
    if settings.control_token is None and not _is_own(host, settings.allowed_host_names):
        return ForbiddenError(
            f"without --control-token {what} is reached by address or as localhost; other names need --allow-host-name"
        )
    return None


def host_refusal(scope: Scope, allowed: HostNames) -> ForbiddenError | None:
    """Why a request may not call the server what its `Host` says, or None when it may.

    As a server that listens for this machine alone only addresses, `localhost` and the names that are `allowed` are
    accepted, elsewhere every name.
    """
    host = header(scope, b"host") or b""
    if _is_own(host, allowed):
        return None
    connection = connection_of(scope)
    if connection is None or not connection.is_loopback:
        return None
    quoted = host.decode("latin-1")[:MOST_QUOTED]
    return ForbiddenError(
        f'not a name of this server: "{quoted}"; use localhost or an address, or start it with --allow-host-name'
    )


@lru_cache(maxsize=256)
def _is_own(host: bytes, allowed: HostNames) -> bool:
    """Whether a `Host` header, with or without a port, is one of the server's own. Browsers never leave it out."""
    if not host or ANY_HOST_NAME in allowed:
        return True
    name = (host_name(host) or "").removesuffix(".")
    if name == "localhost" or name.endswith(".localhost") or name in map(str.lower, allowed):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
