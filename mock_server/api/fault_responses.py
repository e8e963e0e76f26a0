"""What a fault does to an answer."""

import json
from http import HTTPStatus

from mock_server.asgi.responses import JSON, Response
from mock_server.domain.faults import FaultEffect
from mock_server.domain.journal import NO_ANSWER

BROKEN = b'{"message": "the answer was cut'
"""What a malformed body is when there is no answer to break."""


def reply_to(fault: FaultEffect, answer: Response | None) -> Response:
    """What the client gets instead of `answer`, which is None when the operation was not called."""
    if fault.close:
        return Response(NO_ANSWER)
    if fault.status is not None:
        return _refusal(fault, fault.status)
    whole = answer or Response(200, b"")
    if fault.malform:
        return whole._replace(status=whole.status if whole.body else 200, body=_broken(whole.body), kind=JSON)
    return whole if fault.truncate is None else whole._replace(cut=fault.truncate)


def _refusal(fault: FaultEffect, status: int) -> Response:
    known = status in HTTPStatus._value2member_map_
    message = fault.message or (HTTPStatus(status).phrase.lower() if known else "failed")
    headers: dict[bytes, bytes] = {name.lower().encode(): value.encode() for name, value in fault.headers.items()}
    kind = headers.pop(b"content-type", JSON)
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return Response(status, body, kind, tuple(headers.items()))


def _broken(body: bytes) -> bytes:
    """The first half of a JSON text, which is never JSON itself: an object or array without its end."""
    return body[: max(1, len(body) // 2)] if body[:1] in (b"{", b"[") and len(body) > 2 else BROKEN
