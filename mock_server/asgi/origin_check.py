"""Whose page a request comes from. What steers the fake listens to its own pages and to programs, never to the page of
another site.
"""

import ipaddress
from urllib.parse import urlsplit

from mock_server.asgi.context import Scope, header
from mock_server.errors import ForbiddenError


def refusal(scope: Scope, what: str, *, any_host: bool) -> ForbiddenError | None:
    """Why a request may not use `what`, or None when it may.

    A page from elsewhere is refused by its `Origin`. One whose name was made to lead to this machine is refused by the
    `Host` that its browser sends: unless `any_host` may be named, only addresses and `localhost` are taken.
    """
    host = (header(scope, b"host") or b"").decode("latin-1")
    origin = header(scope, b"origin")
    if origin is not None and origin.decode("latin-1") not in (f"http://{host}", f"https://{host}"):
        return ForbiddenError(f"pages of other sites may not use {what}")
    if not any_host and not _is_local(host):
        return ForbiddenError(f"without --control-token {what} is reached by address or as localhost alone")
    return None


def _is_local(host: str) -> bool:
    if not host:
        return True
    try:
        name = urlsplit(f"//{host}").hostname
        if name != "localhost":
            ipaddress.ip_address(name or "")
    except ValueError:
        return False
    return True
