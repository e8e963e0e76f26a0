"""The operations of a spec, and requests to them."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tools.fuzz import values
from tools.fuzz.request import Request
from tools.fuzz.schemas import Pools, Sampler

METHODS = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"PROPFIND")


@dataclass(frozen=True)
class Operation:
    """One operation: where it is, what it takes."""

    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    media: str


def of_spec(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All operations of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            media = next(iter(content), "")
            body = content.get(media, {}).get("schema", {}) if content else None
            yield Operation(method.upper(), path, tuple(operation.get("parameters", ())), body, media)


class Requests:
    """Requests to the operations of one spec."""

    def __init__(self, document: Mapping[str, Any], pools: Pools) -> None:
        self._pools = pools
        self._sampler = Sampler(document, pools)

    def to(self, rng: random.Random, operation: Operation, **pools: Any) -> Request:
        """A request to an operation: mostly well-formed, often with something odd in it. `pools` are for its path."""
        path = self._path(rng, operation, {**self._pools, **pools})
        query = self._query(rng, operation)
        body, headers = b"", []
        if operation.body is not None or rng.random() < 0.02:
            body = self._body(rng, operation)
            headers.append((b"Content-Type", _media(rng, operation.media)))
        method = operation.method.encode() if rng.random() < 0.96 else rng.choice(METHODS)
        return Request(method, path + query, tuple(headers), body)

    def _path(self, rng: random.Random, operation: Operation, pools: Pools) -> bytes:
        steps = []
        for step in operation.path.split("/"):
            name = step.strip("{}")
            if step == name:
                steps.append(step.encode())
            elif rng.random() < 0.08 or name not in pools:
                steps.append(quoted(rng, values.text(rng)))
            else:
                steps.append(quoted(rng, str(rng.choice(pools[name])), plain=0.97))
        path = b"/".join(steps)
        return path if rng.random() < 0.97 else on_one_line(values.bytes_changed(rng, path, 1), b"%20")

    def _query(self, rng: random.Random, operation: Operation) -> bytes:
        pairs = []
        for parameter in operation.parameters:
            if parameter["in"] == "query" and (parameter.get("required") or rng.random() < 0.3):
                value = self._sampler.value(rng, parameter["schema"], parameter["name"])
                pairs.append((parameter["name"], value if isinstance(value, str) else json.dumps(value)))
        if rng.random() < 0.04:
            pairs.append((values.text(rng), values.text(rng)))
        if pairs and rng.random() < 0.05:
            pairs.append(pairs[0])
        text = urlencode(
            [(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs], errors="surrogatepass"
        )
        query = text.encode()
        if query and rng.random() < 0.05:
            query = on_one_line(values.bytes_changed(rng, query), b"+")
        return b"?" + query if query else b""

    def _body(self, rng: random.Random, operation: Operation) -> bytes:
        if operation.body is None:
            return values.as_json(rng, values.anything(rng))
        value = self._sampler.value(rng, operation.body)
        if rng.random() < 0.25:
            value = values.changed(rng, value)
        return values.as_json(rng, value)


def on_one_line(target: bytes, blank: bytes) -> bytes:
    """What still is one part of the line of a request."""
    return target.replace(b" ", blank).replace(b"\r", b"").replace(b"\n", b"")


def quoted(rng: random.Random, text: str, plain: float = 0.6) -> bytes:
    """A text for a path: quoted, or with more quoted than need be, or as no client would send it."""
    data = text.encode("utf-8", "surrogatepass")
    draw = rng.random()
    if draw < plain:
        return quote(data, safe="").encode()
    if draw < 0.8:
        return b"".join(b"%%%02x" % byte for byte in data)
    kept = bytes(byte for byte in data if byte > 0x20 and byte != 0x7F)
    return kept if draw < 0.9 else quote(kept, safe="/?%&=").encode()


def _media(rng: random.Random, media: str) -> bytes:
    if rng.random() < 0.9:
        return media.encode()
    kinds = (b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"", b"\xff/\xff")
    return rng.choice((*kinds, b"application/json; charset=utf-16", b"application/json" * 50))
