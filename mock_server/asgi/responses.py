"""Answers as they go on the wire, and the one writer of errors."""

import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from mock_server.errors import (
    ApiError,
    MethodNotAllowedError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
)

JSON = b"application/json"

BODILESS = (204, 304)
"""Statuses of answers that have no body, and no length of one."""

Header = tuple[bytes, bytes]


class Response(NamedTuple):
    """A whole answer; `kind` is the content type, empty without a body. A fault may have it `cut` after so many
    bytes of the body; a status of 0 is no answer at all.
    """

    status: int
    body: bytes = b""
    kind: bytes = JSON
    extra: tuple[Header, ...] = ()
    cut: int | None = None

    def headers(self) -> list[Header]:
        """All headers but the date."""
        fixed = [(b"content-type", self.kind)] if self.kind else []
        length = [] if self.status in BODILESS else [(b"content-length", str(len(self.body)).encode())]
        return [*fixed, *length, *self.extra]


NO_CONTENT = Response(204, kind=b"")


async def send_reply(send: Callable[[dict[str, Any]], Awaitable[None]], reply: Response, *more: Header) -> None:
    """Send a whole answer, with `more` headers behind its own."""
    await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers(), *more]})
    await send({"type": "http.response.body", "body": reply.body})


def date_header(seconds: float) -> Header:
    """The `Date` header at a point in time."""
    return (b"date", http_date(int(seconds)))


@lru_cache(maxsize=1024)
def http_date(seconds: int) -> bytes:
    """A point in time as the `Date` header has it."""
    return formatdate(seconds, usegmt=True).encode()


def failure(problem: ApiError) -> Response:
    """The answer to a failure, in the one shape that all of them have."""
    extra: list[Header] = []
    if isinstance(problem, UnauthorizedError):
        extra.append((b"www-authenticate", b'Basic realm="codeocean"'))
    elif isinstance(problem, MethodNotAllowedError):
        extra.append((b"allow", problem.allowed.encode()))
    elif isinstance(problem, UnavailableError | TooManyRequestsError):
        extra.append((b"retry-after", b"1"))
    return Response(problem.status, json_bytes(problem.body), JSON, tuple(extra))


def json_bytes(content: Any) -> bytes:
    """`content` as JSON goes on the wire; a half of a surrogate pair, which cannot, is replaced."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def explain(problem: ValidationError, what: str) -> str:
    """What is wrong with the input, without repeating the input.

    The service says `invalid request body` and no more; the field is added for those who have to find it.
    """
    first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{what}: {place}: {first['msg']}" if place else f"{what}: {first['msg']}"
