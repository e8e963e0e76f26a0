"""Who sits in front of the browser: session cookies.

Nothing is kept: a cookie carries a signature made with a key that the server draws when it starts.
"""

from typing import NamedTuple

from mock_server import ids
from mock_server.domain.signing import same, sign

GUEST, TRUSTED = "guest", "trusted"


class Session(NamedTuple):
    """A browser. It is `trusted` when it has shown the control token, or there is none to show; `is_new` when it does
    not have its cookie yet.
    """

    cookie: str
    trusted: bool
    is_new: bool


class Sessions:
    """The sessions of one server with that control token, or with none."""

    def __init__(self, control_token: str | None) -> None:
        self._control_token = control_token
        self._key = ids.random_token().encode()

    def opened(self, *, trusted: bool = False) -> Session:
        """A new session."""
        level = TRUSTED if trusted else GUEST
        name = ids.random_token()
        cookie = f"{level}.{name}.{self._sign(level, name)}"
        return Session(cookie, trusted or self._control_token is None, is_new=True)

    def of(self, cookie: str | None) -> Session:
        """The session that a cookie is of; a new one for a cookie that this server did not give out."""
        level, _, rest = (cookie or "").partition(".")
        name, _, signature = rest.partition(".")
        if cookie is None or not same(signature, self._sign(level, name)):
            return self.opened()
        return Session(cookie, level == TRUSTED or self._control_token is None, is_new=False)

    def login(self, given: str) -> Session | None:
        """A trusted session for whoever gives the control token, else None."""
        if self._control_token is None or same(given, self._control_token):
            return self.opened(trusted=True)
        return None

    def _sign(self, *parts: str) -> str:
        return sign(self._key, *parts)
