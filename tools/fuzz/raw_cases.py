"""What no HTTP library sends: requests with their bytes changed, headers without end, lengths that are not true."""

import random
from dataclasses import replace

from tools.fuzz import values
from tools.fuzz.request import HOST, Request

BIG = (100, 9_000, 70_000)


def spoilt(rng: random.Random, request: Request) -> Request:
    """A request that is not as it should be."""
    kind = rng.choice(
        (_changed, _changed, _with_odd_header, _with_odd_header, _with_odd_line, _with_odd_length, _chunked)
    )
    return kind(rng, request)


def _changed(rng: random.Random, request: Request) -> Request:
    return replace(request, raw=values.bytes_changed(rng, request.wire()))


def _with_odd_header(rng: random.Random, request: Request) -> Request:
    size = rng.choice(BIG)
    more: tuple[tuple[bytes, bytes], ...] = rng.choice(
        (
            ((b"X", b"x" * size),),
            tuple((b"X-%d" % number, b"x") for number in range(min(size, 3000))),
            ((b"x" * size, b""),),
            ((b"Host", b"a"), (b"Host", b"b")),
            ((b"Host", b""),),
            ((b"Host", b"evil.example"),),
            ((b"Host", b"[::1"),),
            ((b"Expect", rng.choice((b"100-continue", b"200-ok"))),),
            ((b"Connection", rng.choice((b"close", b"upgrade", b"keep-alive, close", b"x"))),),
            (
                (b"Upgrade", b"websocket"),
                (b"Connection", b"Upgrade"),
                (b"Sec-WebSocket-Key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
            ),
            ((b"Upgrade", b"h2c"), (b"Connection", b"Upgrade, HTTP2-Settings"), (b"HTTP2-Settings", b"AAMAAABk")),
            ((b"X", b"a\r\n b"),),
            ((b"X\0", b"y"),),
            ((b"X", b"\0\x01\x7f\xff"),),
            ((b" X", b"y"),),
            ((b"X ", b"y"),),
            ((b"Content-Encoding", b"gzip"),),
            ((b"Transfer-Encoding", b"gzip, chunked"),),
            ((b"Authorization", b"Basic " + b"QUFB" * size),),
            ((b"Min-Server-Version", rng.choice((b"99.0.0", b"x", b"", b"1" * size))),),
        )
    )
    return request.having(*more)


def _with_odd_line(rng: random.Random, request: Request) -> Request:
    method, target = request.method, request.target
    line = rng.choice(
        (
            method + b" " + target + b" HTTP/1.0",
            method + b" " + target + b" HTTP/2.0",
            method + b" " + target + b" HTTP/9.9",
            method + b" " + target,
            method + b"  " + target + b"  HTTP/1.1",
            method.lower() + b" " + target + b" HTTP/1.1",
            b"M-SEARCH * HTTP/1.1",
            b"OPTIONS * HTTP/1.1",
            b"GET http://" + HOST + target + b" HTTP/1.1",
            b"GET http://evil.example" + target + b" HTTP/1.1",
            b"CONNECT " + HOST + b":80 HTTP/1.1",
            b"GET " + target + b"#x HTTP/1.1",
            b"GET " + target + b"?" + b"a=1&" * rng.choice(BIG) + b" HTTP/1.1",
            b"GET /" + b"a/" * rng.choice(BIG) + b" HTTP/1.1",
            b"GET /" + b"%2e%2e/" * 50 + target + b" HTTP/1.1",
            b"GET /\xff\xfe HTTP/1.1",
            b"GET " + target[1:] + b" HTTP/1.1",
            b"PRI * HTTP/2.0\r\n\r\nSM",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"",
        )
    )
    rest = request.wire().partition(b"\r\n")[2]
    return replace(request, raw=line + b"\r\n" + rest)


def _with_odd_length(rng: random.Random, request: Request) -> Request:
    size = len(request.body)
    length = rng.choice(
        (
            b"%d" % (size + 10), b"%d" % max(0, size - 1), b"-1", b"0x10", b"1e3", b"", b"9" * 30,
            b"%d, %d" % (size, size), b"+%d" % size, b"\xd9\xa3", b"4294967296",
        )
    )  # fmt: skip
    headers = [(b"Content-Length", length)]
    if rng.random() < 0.2:
        headers.append((b"Content-Length", b"%d" % size))
    return request.having(*headers)


def _chunked(rng: random.Random, request: Request) -> Request:
    body = request.body or b"{}"
    half = len(body) // 2
    pieces = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part]
    coded = b"".join(pieces) + b"0\r\n\r\n"
    broken = rng.choice(
        (
            coded, coded, coded[:-5], b"zz\r\n" + coded, b"-1\r\n" + coded, b"f" * 17 + b"\r\nx",
            coded.replace(b"\r\n", b"\n"), b"5;" + b"x=y;" * 1000 + b"\r\nabcde\r\n0\r\n\r\n",
            coded[:-2] + b"Trailer: x\r\n\r\n", b"1\r\n" * 500,
        )
    )  # fmt: skip
    headers = [(b"Transfer-Encoding", b"chunked")]
    if rng.random() < 0.2:
        headers.append((b"Content-Length", b"%d" % len(body)))
    return replace(request, body=broken).having(*headers)
