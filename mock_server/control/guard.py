"""Who may steer: whoever has the control token, and without one, programs of this machine but no web page."""

import hmac

from mock_server.asgi import origin_check
from mock_server.asgi.context import Scope, header
from mock_server.errors import ApiError, UnauthorizedError
from mock_server.settings import Settings


def refusal(scope: Scope, settings: Settings) -> ApiError | None:
    """Why a request may not steer, or None when it may."""
    token = settings.control_token
    if token is not None and not _has(scope, token):
        what = "the control plane was sent a wrong token" if _sent(scope) else "the control plane needs a token"
        return UnauthorizedError(f"{what}: send Authorization: Bearer and the server's --control-token")
    return origin_check.refusal(scope, "the control plane", settings)


def _has(scope: Scope, token: str) -> bool:
    return hmac.compare_digest(_sent(scope), token.encode())


def _sent(scope: Scope) -> bytes:
    """The token that a request carries; empty without one."""
    kind, _, sent = (header(scope, b"authorization") or b"").partition(b" ")
    return sent.strip() if kind.lower() == b"bearer" else b""
