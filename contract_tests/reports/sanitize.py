"""Text that can go into any report."""

from contract_tests.transport import redaction

_SPACES = "\n\t"


def plain(text: str) -> str:
    """The text without secrets, and with all that terminals, XML or HTML would stumble over made visible."""
    return visible(redaction.text(text))


def visible(text: str) -> str:
    """The text with control characters and lone surrogates written out."""
    return "".join(char if char.isprintable() or char in _SPACES else ascii(char)[1:-1] for char in text)
