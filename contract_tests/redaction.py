"""What must not be shown: tokens, keys, signatures in URLs."""

import re

HIDDEN = "***"

_TOKEN = re.compile(r"cop_[A-Za-z0-9_@.\-]+")
_MEMBER = re.compile(
    r'("[^"\\]*(?:secret|password|token|access_key|credential|signature)[^"\\]*"\s*:\s*)"(?:[^"\\]|\\.)*"',
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"([?&;](?:[^=&\s\"]*(?:signature|credential|token|secret|key|expires)[^=&\s\"]*)=)[^&\s\"']+", re.IGNORECASE
)
_AUTHORIZATION = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._\-]+")

_known: set[str] = set()


def hide(secret: str) -> None:
    """Never show this text from now on, wherever it stands."""
    if secret:
        _known.add(secret)


def text(content: bytes | str) -> str:
    """Content as text that can be shown."""
    shown = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
    for secret in sorted(_known, key=len, reverse=True):
        shown = shown.replace(secret, HIDDEN)
    shown = _MEMBER.sub(rf'\1"{HIDDEN}"', shown)
    shown = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", shown)
    return url(_TOKEN.sub(HIDDEN, shown))


def url(address: str) -> str:
    """An address, or a text with addresses, without signatures."""
    for secret in sorted(_known, key=len, reverse=True):
        address = address.replace(secret, HIDDEN)
    return _PARAMETER.sub(rf"\1{HIDDEN}", address)
