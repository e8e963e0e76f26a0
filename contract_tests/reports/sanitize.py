"""Text that can go into any report."""

from contract_tests.transport import redaction

_SPACES = "\n\t"


def plain(text: str) -> str:
    """The text without secrets, and with all that terminals, XML or HTML would stumble over made visible."""
    return visible(redaction.text(text))


def visible(text: str) -> str:
    """The text with control characters and lone surrogates written out."""
    return "".join(sign if sign.isprintable() or sign in _SPACES else ascii(sign)[1:-1] for sign in text)
