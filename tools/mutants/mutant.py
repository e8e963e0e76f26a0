"""A mutant: the fake with one small named change, and the check of the harness that must go red."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contract_tests.transport import operations

Scope = dict[str, Any]


class Request:
    """A request on its way to the fake; what is changed here is what the fake sees."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.scope, self.body = scope, body
        match = operations.find(scope["method"], scope["path"])
        self.name = match[0].name if match else None
        self.keys = match[1] if match else {}

    @property
    def token(self) -> bytes | None:
        """Value of `Authorization`."""
        return next((value for name, value in self.scope["headers"] if name == b"authorization"), None)

    def json(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        return _json(self.body)

    def with_json(self, content: Any) -> "Request":
        """The same request with another body."""
        body = json.dumps(content).encode()
        headers = [pair for pair in self.scope["headers"] if pair[0] != b"content-length"]
        return Request(self.scope | {"headers": [*headers, (b"content-length", str(len(body)).encode())]}, body)

    def with_query(self, **changed: str | None) -> "Request":
        """The same request with other values in the query; None takes one away."""
        query = dict(parse_qsl(self.scope["query_string"].decode())) | changed
        text = urlencode({name: value for name, value in query.items() if value is not None})
        return Request(self.scope | {"query_string": text.encode()}, self.body)

    def with_header(self, name: bytes, value: bytes | None) -> "Request":
        """The same request with another header; None takes it away."""
        headers = [pair for pair in self.scope["headers"] if pair[0] != name]
        return Request(self.scope | {"headers": headers + ([(name, value)] if value is not None else [])}, self.body)


class Answer:
    """An answer on its way to the client."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def ok(self) -> bool:
        """Tell whether it is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        return _json(self.body)

    def with_json(self, content: Any) -> "Answer":
        """The same answer with another body."""
        return Answer(self.status, self.headers, json.dumps(content).encode())

    def with_status(self, status: int) -> "Answer":
        """The same answer with another status."""
        return Answer(status, self.headers, self.body)

    def with_header(self, name: bytes, value: bytes) -> "Answer":
        """The same answer with another header."""
        return Answer(self.status, [*(pair for pair in self.headers if pair[0] != name), (name, value)], self.body)


Ask = Callable[[Request], Awaitable[Answer]]
"""Asks the unchanged fake."""

Change = Callable[[Ask, Request], Awaitable[Answer]]
"""Answers a request, with or without asking the fake."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A named change."""

    name: str
    summary: str
    """What is wrong with it, in a sentence."""
    caught_by: str
    """The check that must go red."""
    operations: tuple[str, ...]
    """Whose requests are touched."""
    make: Callable[[], Change]
    """A fresh change: some remember what they have seen."""
    scenarios: tuple[str, ...] = ()
    """Directed checks that are run to see it; without any, the spec layer over its operations is."""


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
