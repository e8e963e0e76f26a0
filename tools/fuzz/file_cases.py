"""Requests to signed URLs, altered part by part."""

import json
import random
from urllib.parse import quote, urlsplit

from tools.fuzz import values
from tools.fuzz.answer import Answer
from tools.fuzz.operations import on_one_line
from tools.fuzz.request import Request, Step, fixed
from tools.fuzz.world_facts import FILES, WorldFacts
from tools.fuzz.worlds import authorization

AREA = "/_files"
RANGES = (
    b"bytes=0-0", b"bytes=0-", b"bytes=-1", b"bytes=5-2", b"bytes=99999999999-", b"bytes=0-1,3-4", b"bytes=",
    b"bytes=a-b", b"lines=0-1", b"bytes=" + b"9" * 3000 + b"-", b"bytes=0-" + b"9" * 900, b"bytes=-0", b"bytes=--1",
    b"bytes=0-0,",
)  # fmt: skip
HEADERS = (b"If-None-Match", b"If-Modified-Since", b"If-Range", b"If-Match", b"Origin", b"Accept-Encoding")


class FileCases:
    """Steps of cases for `/_files`: ask the API for a URL, then fetch it."""

    area = AREA

    def __init__(self, facts: WorldFacts) -> None:
        self._ids = facts.ids

    def steps(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """What is done over one connection in a world."""
        kind = rng.choice(("computations", "data_assets"))
        part = "results" if kind == "computations" else "files"
        route = rng.choice(("urls", "download_url"))
        where = quote(rng.choice(FILES[:-1]) if rng.random() < 0.95 else values.text(rng)[:200], errors="replace")
        path = f"/api/v1/{kind}/{rng.choice(self._ids[kind])}/{part}/{route}?path={where}"
        first = Request(b"GET", path.encode(), authorization(rng, world))
        seeds = [rng.getrandbits(32) for _ in range(rng.choice((1, 1, 3)))]

        def fetching(seed: int) -> Step:
            return lambda answers: _fetch(random.Random(seed), _url(answers))

        return (fixed(first), *map(fetching, seeds))

    def request(self, rng: random.Random, world: str) -> Request:
        """One request to a URL that nobody signed."""
        key = rng.choice(self._ids["computations"])
        target = (
            f"/_files/{world}/computations/{key}/output?X-Amz-Expires=60&X-Amz-Signature=0&X-Amz-Date=20261127T010203Z"
        )
        return _fetch(rng, target.encode())


def _url(answers: list[Answer]) -> bytes:
    try:
        content = json.loads(answers[0].body)
        found = urlsplit(content.get("download_url") or content.get("url") or "")
    except (ValueError, AttributeError, IndexError):
        return b"/_files/none"
    return f"{found.path}?{found.query}".encode() if found.path else b"/_files/none"


def _fetch(rng: random.Random, url: bytes) -> Request:
    path, _, query = url.partition(b"?")
    steps, pairs = path.split(b"/"), query.split(b"&")
    draw = rng.random()
    if draw < 0.2 and len(steps) > 2:
        place = rng.randrange(2, len(steps))
        steps[place] = _part(rng, steps[place])
    elif draw < 0.6 and pairs:
        place = rng.randrange(len(pairs))
        name, _, value = pairs[place].partition(b"=")
        pairs[place : place + 1] = rng.choice(
            ([], [name], [pairs[place]] * 2, [name + b"=" + _part(rng, value)], [_part(rng, name) + b"=" + value])
        )
    method = rng.choice((b"GET",) * 8 + (b"HEAD", b"HEAD", b"PUT", b"POST", b"DELETE", b"OPTIONS", b"PATCH"))
    headers = []
    if rng.random() < 0.35:
        headers.append((b"Range", rng.choice(RANGES)))
    if rng.random() < 0.1:
        headers.append(
            (rng.choice(HEADERS), rng.choice((b"*", b'"x"', b"Fri, 27 Nov 2026 01:02:03 GMT", b"\xff", b"null")))
        )
    if rng.random() < 0.05:
        headers += authorization(rng, "default")
    target = b"/".join(steps) + (b"?" + b"&".join(pairs) if pairs else b"")
    return Request(method, on_one_line(target, b"%20"), tuple(headers))


def _part(rng: random.Random, part: bytes) -> bytes:
    if rng.random() < 0.6:
        return values.bytes_changed(rng, part, 1)
    if rng.random() < 0.3:
        return str(values.number(rng))[:5000].encode()
    return quote(values.text(rng).encode("utf-8", "surrogatepass"), safe="").encode()
