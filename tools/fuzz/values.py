"""Odd values: what programs, people and attackers put where a text, a number or a JSON value goes."""

import json
import random
import sys
from typing import Any

sys.set_int_max_str_digits(0)

TEXTS = (
    "", " ", "0", "-1", "1e400", "NaN", "null", "true", "9" * 400, "x" * 300, "x" * 11_000, "\t\r\n", "\0", "a\0b",
    "\x7f", "%", "%00", "%zz", "%c3%28", "..", "../../etc/passwd", "/", "//", "\\", ".", "*", "?", "#", "&", "=",
    ";", ",", "+", "'", '"', "`", "' OR 1=1 --", '"; DROP TABLE runs', "{{7*7}}", "${x}",
    "<script>alert(1)</script>", "]]>", "<!--", "é", "e\u0301", "ß", "İ", "\u0131", "ﬁ", "٣", "²", "Ⅷ", "日本語",
    "\U0001f600", "\u202e", "\u2028", "\ufeff", "\ud800", "\uffff", "name:", "tag:", 'name:"', "id:1", "OR",
    "NOT iris", "iris*", "(((", "name:" * 120, "1h30m", "90s", "1d", "-5s", "1h-1m", "2024-02-30",
    "2024-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-00-00", "20261127T010203Z", "1:59:59:59",
)  # fmt: skip

NUMBERS = (
    0, 1, -1, 2, 3, 10, 1000, 1001, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400,
    10**5000, 0.5, -0.0, 1e-320, 1e15, 253402300800, 1e18, 1e308, -1e308, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip


def text(rng: random.Random) -> str:
    """An odd text: one that is known for trouble, two of them, or characters from everywhere."""
    draw = rng.random()
    if draw < 0.6:
        return rng.choice(TEXTS)
    if draw < 0.75:
        return rng.choice(TEXTS) + rng.choice(TEXTS)
    planes = (0x20, 0x80), (0, 0x20), (0x80, 0x800), (0x800, 0xD800), (0xE000, 0x10000), (0x10000, 0x11000)
    return "".join(chr(rng.randrange(*rng.choice(planes))) for _ in range(rng.randrange(1, 30)))


def number(rng: random.Random) -> int | float:
    """A number at the edge of what some type holds."""
    return rng.choice(NUMBERS)


def anything(rng: random.Random, depth: int = 0) -> Any:
    """A JSON value of any type."""
    draw = rng.randrange(8 if depth < 3 else 6)
    if draw == 6:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    if draw == 7:
        return {text(rng): anything(rng, depth + 1) for _ in range(rng.randrange(4))}
    return (None, True, False, number(rng), text(rng), rng.randrange(100))[draw]


def changed(rng: random.Random, value: Any) -> Any:
    """A JSON value with one place in it changed: another type, left out, one more, twice."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        rest = {name: inner for name, inner in value.items() if name != key}
        draw = rng.random()
        if draw < 0.15:
            return rest
        if draw < 0.25:
            return {**value, text(rng): anything(rng)}
        return {**rest, key: changed(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value * rng.choice((2, 30))
        return [*value[:place], changed(rng, value[place]), *value[place + 1 :]]
    return anything(rng)


def as_json(rng: random.Random, value: Any) -> bytes:
    """A value as JSON; now and then as text that no longer is, or in another encoding."""
    whole = json.dumps(value, ensure_ascii=rng.random() < 0.7)
    draw = rng.random()
    if draw < 0.9:
        return whole.encode("utf-8", "surrogatepass")
    return _broken(rng, whole)


def _broken(rng: random.Random, whole: str) -> bytes:
    data = whole.encode("utf-8", "surrogatepass")
    deep = rng.choice((50, 1000, 60_000))
    return rng.choice(
        (
            data[: rng.randrange(len(data) + 1)],
            data + rng.choice((b"}", b",", b"\0", b" {}", b"\xff", data)),
            b"\xef\xbb\xbf" + data,
            whole.encode("utf-16", "surrogatepass"),
            data.replace(b'"', b"'"),
            data.replace(b":", b"\xff:", 1),
            b'{"a": 1, "a": ' + data + b"}",
            b"[" * deep,
            b"[" * deep + b"]" * deep,
            b'{"a":' * deep,
            b"",
            b"null",
            b"// no\n" + data,
        )
    )


def bytes_changed(rng: random.Random, data: bytes, times: int = 0) -> bytes:
    """Bytes with some flipped, taken out, put in, doubled, or cut off."""
    out = bytearray(data)
    for _ in range(times or rng.choice((1, 1, 2, 5))):
        place = rng.randrange(len(out) + 1)
        piece = rng.choice((b"\0", b"\r\n", b"\n", b" ", b"\xff", b"%", b":", b"\r\n\r\n", b"\x80", b"%00", b";", b"0"))
        draw = rng.randrange(6)
        if draw == 0 and place < len(out):
            out[place] = rng.randrange(256)
        elif draw == 1:
            del out[place : place + rng.choice((1, 1, 3, 20))]
        elif draw == 2:
            out[place:place] = piece
        elif draw == 3:
            out[place:place] = out[place : place + rng.choice((1, 8, 40))]
        elif draw == 4:
            out[place : place + 1] = piece
        elif rng.random() < 0.3:
            del out[place:]
    return bytes(out)
