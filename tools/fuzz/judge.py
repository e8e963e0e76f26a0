"""What no answer may be."""

import json
import re

from tools.fuzz.answer import Answer
from tools.fuzz.play import Exchange
from tools.fuzz.request import Case, Request

TRACEBACK = b"Traceback (most recent call last)"
OUR_FILES = (b"mock_server/", b"site-packages/")
"""What a traceback of the server's names; a page also shows logs of runs, with tracebacks of their code."""
SHAPES = ("application/json", "application/xml", "text/html")
"""The content types of refusals."""
WITHOUT_MESSAGE = b"/release"
"""A release that is blocked is refused with its reasons, as the spec says, and no message."""
IDS = re.compile(r"(?<=/)(?:[0-9a-f]{8}-[0-9a-z-]{20,}|[^/]{60,}|[^/]*%[^/]*)(?=/|$)")
NUMBERED = re.compile(r"(/worlds/|/journal/|/snapshots/|/computations/)(?!search|wait|verify|live)[^/]+")


def verdict(case: Case, exchange: Exchange, limit: float) -> str:
    """What is wrong with an exchange, in few words; nothing when it is as it should be."""
    answer = exchange.answer
    if answer is None or exchange.problem or case.faulty:
        return exchange.problem
    if answer.status >= 500 and answer.status != 503:
        return f"status {answer.status}"
    if answer.cut:
        return "a body that is shorter than announced"
    if answer.seconds > limit:
        return f"an answer after more than {limit:g} s"
    return _refusal(case, exchange.request, answer) if answer.status >= 400 else ""


def _refusal(case: Case, request: Request, answer: Answer) -> str:
    if answer.kind == "text/plain":
        return f"status {answer.status} as text/plain"
    if TRACEBACK in answer.body and (answer.kind != "text/html" or any(file in answer.body for file in OUR_FILES)):
        return f"status {answer.status} with a traceback"
    if request.head_only or not answer.body:
        return ""
    target = request.target
    json_only = case.strict and target.startswith((b"/api/v1/", b"/_mock/"))
    if answer.kind not in (SHAPES[:1] if json_only else SHAPES):
        return f"status {answer.status} as {answer.kind or 'nothing in particular'}"
    if answer.kind != SHAPES[0] or target.partition(b"?")[0].endswith(WITHOUT_MESSAGE) or _has_message(answer.body):
        return ""
    return f"status {answer.status} without a message"


def _has_message(body: bytes) -> bool:
    try:
        content = json.loads(body)
    except ValueError:
        return False
    return isinstance(content, dict) and isinstance(content.get("message"), str) and bool(content["message"])


def place(exchange: Exchange) -> str:
    """Method and path of a request without what differs from one to the next, to tell failures apart."""
    line = exchange.request.wire().split(b"\r\n", 1)[0][:300].decode("latin-1")
    method, _, target = line.partition(" ")
    path = NUMBERED.sub(r"\1{…}", target.partition("?")[0].removesuffix(" HTTP/1.1"))
    return f"{method} {IDS.sub('{…}', path)}"[:140]
