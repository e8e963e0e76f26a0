"""The bytes behind signed URLs, answered as S3 answers presigned ones: ranges and XML errors."""

import re
from collections.abc import AsyncIterator, MutableMapping
from email.utils import formatdate
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from starlette.responses import Response, StreamingResponse

from mock_server.asgi.connection import hang_up, pause
from mock_server.asgi.context import Receive, Scope, Send, header, host_of
from mock_server.asgi.journaling import choose_fault, journal_request
from mock_server.asgi.responses import http_date
from mock_server.domain.content import Content
from mock_server.domain.content_types import content_type_of
from mock_server.domain.faults import FaultEffect
from mock_server.domain.journal import NO_ANSWER
from mock_server.domain.presigned_urls import SignedRequest, read_query, read_time
from mock_server.errors import UnavailableError
from mock_server.services import file_content, signed_urls
from mock_server.services.signed_urls import DISPOSITION, FileAddress, S3Error
from mock_server.world import World
from mock_server.worlds import Worlds

METHODS = ("GET", "HEAD", "PUT", "DELETE")
"""What S3 has for files. The URLs are signed for GET: with another method the signature does not match."""

ACTIVE = ("text/html", "image/svg+xml")
"""What a browser may run scripts of."""

NO_ORIGIN = "sandbox allow-scripts allow-popups allow-downloads"
"""The policy of such a file: its scripts run, but not as pages of this server, which could steer it."""

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACED = "\ufffd"
"""What stands for a character that XML has no way to write."""

_RANGE = re.compile(r"bytes=(\d{0,1000})-(\d{0,1000})")


class Span(NamedTuple):
    """The bytes of a file from `start` up to `stop`."""

    start: int
    stop: int


class GetFile:
    """What the journal and faults call the download of a file."""

    name = "get_file"

    def unknown_fields(self, query: bytes, body: bytes) -> list[str]:  # noqa: ARG002 - S3 ignores what it does not know
        """Nothing: everything else in a signed URL is as S3 takes it."""
        return []


GET_FILE = GetFile()


class FilesApp:
    """An ASGI application for everything below `FILES_ROOT`."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        address = FileAddress.read(_raw_path(scope))
        world = (self._worlds.get(address.world) if address else None) or self._worlds.default
        arrived = self._worlds.real()
        keys = (address.entity_id,) if address else ()
        fault = choose_fault(world, scope, GET_FILE.name, keys, None)
        if fault is not None:
            await pause(scope, fault.latency)
        try:
            world.db.condition.refuse_damaged()
            # The journal is told before the answer goes out.
            world.db.flush()
            response = _respond(world, scope, address)
        except S3Error as error:
            response = _failure(error)
        except UnavailableError as problem:
            response = _failure(S3Error(503, "ServiceUnavailable", problem.message))
        outcome, cut = response.status_code, None
        if fault is not None and not fault.only_delays:
            response, cut = _spoilt(response, fault), 0 if fault.close else fault.truncate
        response.headers["Date"] = http_date(int(world.clock.now())).decode()
        status = NO_ANSWER if fault is not None and fault.close else response.status_code
        # The content of a file is not kept.
        journal_request(
            world,
            scope,
            arrived=arrived,
            answered=self._worlds.real(),
            operation=GET_FILE,
            keys=keys,
            caller=None,
            status=status,
            outcome=outcome,
            fault=fault.name if fault else None,
        )
        if status == NO_ANSWER:
            await hang_up(scope, receive)
        elif cut is None:
            await response(scope, receive, send)
        else:
            await _send_part(response, cut, scope, receive, send)


async def _send_part(response: Response, size: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `size` bytes of the body of an answer that says it is longer, and close the connection."""
    left = size

    async def send_some(message: MutableMapping[str, Any]) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            await send(message)
            return
        piece = message.get("body", b"")[:left]
        left -= len(piece)
        if piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not left or not message.get("more_body"):
            raise CutOffError

    try:
        await response(scope, receive, send_some)
    except CutOffError:
        await hang_up(scope, receive)


class CutOffError(Exception):
    """As much of the answer has been sent as is to be sent."""


def _spoilt(response: Response, fault: FaultEffect) -> Response:
    """What a fault makes of an answer. S3's errors are XML, so these are."""
    if fault.status is not None:
        return _failure(S3Error(fault.status, "InternalError", fault.message or "fault", headers=fault.headers))
    if fault.malform:
        return Response('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Co', 200, media_type="application/xml")
    return response


def _failure(error: S3Error) -> Response:
    elements = {"Code": error.code, "Message": error.message, **error.details}
    inside = "".join(f"<{name}>{escape(_NOT_XML.sub(REPLACED, text))}</{name}>" for name, text in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}</Error>'
    return Response(body.encode(), error.status, error.headers, "application/xml")


def _respond(world: World, scope: Scope, address: FileAddress | None) -> Response:
    method = scope["method"]
    if method not in METHODS:
        message = "The specified method is not allowed against this resource."
        details = {"Method": method, "ResourceType": "OBJECT"}
        raise S3Error(405, "MethodNotAllowed", message, details, {"Allow": ", ".join(METHODS)})
    authorization = header(scope, b"authorization")
    sent = SignedRequest(method, host_of(scope), _raw_path(scope), read_query(scope["query_string"].decode("latin-1")))
    params = signed_urls.check(world, sent, authorization.decode("latin-1") if authorization is not None else None)
    content = file_content.opened(world, address) if address and address.world == world.name else None
    if address is None or content is None:
        raise S3Error(404, "NoSuchKey", "The specified key does not exist.", {"Key": address.path if address else ""})
    etag = f'"{content.etag}"'.encode()
    from mock_server.asgi.conditions import has_already  # Late: the first answer of a server is hardly ever a file.

    if has_already(scope, etag):
        return Response(status_code=304, headers={"ETag": etag.decode()})
    asked = header(scope, b"range") if header(scope, b"if-range") in (None, etag) else None
    return _answer(address, params, content, asked)


def _raw_path(scope: Scope) -> str:
    """The path of a request as it was sent, percent-encoded."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1").partition("?")[0]


def _answer(address: FileAddress, params: dict[str, str], content: Content, asked: bytes | None) -> Response:
    size = content.size
    span = _span(asked, size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": params[DISPOSITION],
        "Content-Length": str(span.stop - span.start if span else size),
        "Content-Type": content_type_of(address.path.rpartition("/")[2]),
        "ETag": f'"{content.etag}"',
        "Last-Modified": formatdate(read_time(params["X-Amz-Date"]), usegmt=True),
    }
    if headers["Content-Type"].startswith(ACTIVE):
        headers["Content-Security-Policy"] = NO_ORIGIN
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return StreamingResponse(_pieces(content, span or Span(0, size)), 206 if span else 200, headers)


async def _pieces(content: Content, span: Span) -> AsyncIterator[bytes]:
    for piece in content.read(span.start, span.stop):
        yield piece


def _span(asked: bytes | None, size: int) -> Span | None:
    """The one range of a `Range` header; None for the whole file. Several ranges are ignored, as S3 does."""
    found = _RANGE.fullmatch(asked.decode("latin-1").strip()) if asked else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    if last and first and int(last) < int(first):
        return None
    if start >= size or start >= stop:
        details = {"RangeRequested": asked.decode("latin-1") if asked else "", "ActualObjectSize": str(size)}
        message = "The requested range is not satisfiable"
        raise S3Error(416, "InvalidRange", message, details, {"Content-Range": f"bytes */{size}"})
    return Span(start, stop)
