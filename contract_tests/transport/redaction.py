"""Redaction of tokens, keys and signatures in URLs."""

import re
from base64 import b64encode
from urllib.parse import quote

from mock_server.domain.redaction import MASK, NAMES_OF_SECRETS

MOST_HIDDEN = 16
"""How much longer than what is shown the text is that is looked at: what is cut off must not show half a secret."""

# Page tokens are no secrets, and a request without one cannot be sent again.
_NAMES = rf"(?:{NAMES_OF_SECRETS})"
_TOKEN = re.compile(r"cop_[A-Za-z0-9_@.\-]+")
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}")
_USER = re.compile(r"(?<=://)[^/\s\"'@]{1,200}@")
# A member of JSON or of a Python dict, also one that stands escaped in a string, or whose value was cut.
_MEMBER = re.compile(
    rf"""(["'][^"'\\]{{0,80}}{_NAMES}[^"'\\]{{0,80}}\\*["']\s*:\s*)(\\*["'])(?:(?!\2)(?:\\.|.))*(?:\2)?""",
    re.IGNORECASE | re.DOTALL,
)
# An ampersand may be escaped, as Go's JSON has it and HTML too.
_PARAMETER = re.compile(
    rf"((?:[?&;]|\\u0026)[^=&\s\"'\\?;]{{0,80}}(?:{_NAMES}|key|expires)[^=&\s\"'\\?;]{{0,80}}=)[^&\s\"'\\]+",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(r"\b(Basic|Bearer)\s+([A-Za-z0-9+/=._~\-]+)", re.IGNORECASE)
LEAST_CREDENTIALS = 8
"""Credentials of fewer characters are words, such as `Basic run`, unless they are known."""

SHORT = 6
"""A secret of fewer characters may be a part of any word: it is hidden where a secret stands, and nowhere else."""

_known: set[str] = set()
_credentials: set[str] = set()
"""How short secrets stand in a header."""


def hide(secret: str) -> None:
    """Never show this text from now on, wherever it stands, nor as it stands in a header or a URL; a short one only
    where it stands in a header or a URL.
    """
    if not secret:
        return
    basic = [b64encode(text.encode()).decode().rstrip("=") for text in (secret, f"{secret}:")]
    if len(secret) < SHORT:
        _credentials.update((secret, *basic))
    else:
        _known.update((secret, quote(secret, safe=""), *basic))


def text(content: bytes | str) -> str:
    """Content as text that can be shown."""
    encoded = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    redacted = encoded.decode("utf-8", "backslashreplace")
    redacted = _MEMBER.sub(rf"\1\2{MASK}\2", url(redacted))
    return _AUTHORIZATION.sub(_without_credentials, redacted)


def beginning(content: bytes | str, size: int) -> str:
    """The beginning of `text(content)`, `size` characters long."""
    return text(content[: MOST_HIDDEN * size])[:size]


def url(address: str) -> str:
    """An address, or a text with addresses, without signatures and credentials."""
    for secret in sorted(_known, key=len, reverse=True):
        address = address.replace(secret, MASK)
    for secrets in (_TOKEN, _KEY_ID):
        address = secrets.sub(MASK, address)
    return _PARAMETER.sub(rf"\1{MASK}", _USER.sub(f"{MASK}@", address))


def _without_credentials(header: re.Match[str]) -> str:
    given = header[2]
    is_secret = len(given) >= LEAST_CREDENTIALS or given.rstrip("=") in _credentials
    return f"{header[1]} {MASK}" if is_secret else header[0]
