"""Who may steer: whoever has the control token, and without one, programs of this machine but no web page."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from mock_server.api.call import Scope, header
from mock_server.errors import ApiError, ForbiddenError, UnauthorizedError


def refusal(scope: Scope, token: str | None) -> ApiError | None:
    """Why a request may not steer, or None when it may.

    A page from elsewhere is refused by its `Origin`. One whose name was made to lead to this machine is refused by the
    `Host` that its browser sends: without a token only addresses and `localhost` are taken.
    """
    if token is not None and not _has(scope, token):
        return UnauthorizedError("the control plane needs Authorization: Bearer and the server's --control-token")
    host = (header(scope, b"host") or b"").decode("latin-1")
    origin = header(scope, b"origin")
    if origin is not None and origin.decode("latin-1") not in (f"http://{host}", f"https://{host}"):
        return ForbiddenError("pages of other sites may not use the control plane")
    if token is None and not _is_local(host):
        return ForbiddenError("without --control-token the control plane is reached by address or as localhost alone")
    return None


def _has(scope: Scope, token: str) -> bool:
    kind, _, sent = (header(scope, b"authorization") or b"").partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(sent.strip(), token.encode())


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
