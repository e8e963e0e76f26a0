"""The parser of HTTP/1.1, and what becomes of offers to go on in another protocol."""

from collections.abc import Iterable

import httptools


def parser_for(connection: object) -> httptools.HttpRequestParser:
    """A parser that tells `connection` of what it reads."""
    parser = httptools.HttpRequestParser(connection)
    # What comes behind a request that closes the connection is no reason to drop that request.
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def without_offer(parser: httptools.HttpRequestParser, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head that `parser` has read, as it would have come without an offer."""
    lines = [b"%s %s HTTP/%s" % (parser.get_method(), url, parser.get_http_version().encode())]
    lines += [b"%s: %s" % pair for pair in headers if pair[0] != b"upgrade"]
    return b"\r\n".join(lines) + b"\r\n\r\n"
