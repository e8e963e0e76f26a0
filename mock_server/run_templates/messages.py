"""Error messages of templates, which repeat what somebody wrote: safe to print, to store and to send."""

from mock_server.domain.naming import printable

LONGEST = 500
"""The characters of the longest message."""

_KEPT_OF_AN_END = 200


def one_line(message: str) -> str:
    """The message with escapes for what cannot be printed, such as lone surrogates, and without the middle if long."""
    if len(message) > LONGEST:
        message = f"{message[:_KEPT_OF_AN_END]}…{message[-_KEPT_OF_AN_END:]}"
    return printable(message)
