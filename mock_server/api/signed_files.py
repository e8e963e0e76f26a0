"""The bytes behind signed URLs, answered as S3 answers presigned ones: ranges, HEAD, XML errors."""

import asyncio
import re
from collections.abc import AsyncIterator, MutableMapping
from email.utils import formatdate
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape

from starlette.responses import Response, StreamingResponse

from mock_server.asgi.connection import hang_up
from mock_server.asgi.content_types import content_type_of
from mock_server.asgi.context import Receive, Scope, Send, header
from mock_server.asgi.journaling import choose_fault, journal_request
from mock_server.asgi.responses import http_date
from mock_server.domain.content import Content
from mock_server.domain.faults import Chosen
from mock_server.domain.journal import NO_ANSWER
from mock_server.services import file_content, files
from mock_server.services.files import FILES_ROOT, SignedFile
from mock_server.world import World
from mock_server.worlds import Worlds

KINDS = ("computations", "data_assets")

ACTIVE = ("text/html", "image/svg+xml")
"""What a browser may run scripts of."""

NO_ORIGIN = "sandbox allow-scripts allow-popups allow-downloads"
"""The policy of such a file: its scripts run, but not as pages of this server, which could steer it."""

_RANGE = re.compile(r"bytes=(\d{0,1000})-(\d{0,1000})")


class Span(NamedTuple):
    """The bytes of a file from `start` up to `stop`."""

    start: int
    stop: int


class Refusal(Exception):  # noqa: N818 - the answer to a request, not a fault
    """An S3 error: status, code and message."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


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
        file = _signed_file(scope)
        world = (self._worlds.get(file.world) if file else None) or self._worlds.default
        arrived = self._worlds.real()
        keys = (file.entity_id,) if file else ()
        fault = choose_fault(world, scope, GET_FILE.name, keys, None)
        if fault is not None and fault.latency:
            await asyncio.sleep(fault.latency)
        try:
            response = _respond(world, scope, file)
        except Refusal as refusal:
            response = _refused(refusal)
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


def _spoilt(response: Response, fault: Chosen) -> Response:
    """What a fault makes of an answer. S3's errors are XML, so these are."""
    if fault.status is not None:
        return _refused(Refusal(fault.status, "InternalError", fault.message or "fault", **fault.headers))
    if fault.malform:
        return Response('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Co', 200, media_type="application/xml")
    return response


def _refused(refusal: Refusal) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
    )
    return Response(body, refusal.status, refusal.headers, "application/xml")


def _respond(world: World, scope: Scope, file: SignedFile | None) -> Response:
    method = scope["method"]
    if method not in ("GET", "HEAD"):
        message = "The specified method is not allowed against this resource."
        raise Refusal(405, "MethodNotAllowed", message, Allow="GET, HEAD")
    if file is None or file.world != world.name or not files.genuine(world, file):
        raise Refusal(403, "SignatureDoesNotMatch", "The request signature does not match the URL.")
    if files.expired(world, file):
        raise Refusal(403, "AccessDenied", "Request has expired")
    content = file_content.opened(world, file)
    if content is None:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    etag = f'"{content.etag}"'.encode()
    if header(scope, b"if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag.decode()})
    asked = header(scope, b"range") if header(scope, b"if-range") in (None, etag) else None
    return _answer(file, content, asked, head=method == "HEAD")


def _signed_file(scope: Scope) -> SignedFile | None:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    parts = [unquote(part) for part in raw.decode("latin-1").partition("?")[0].split("/")[2:]]
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if len(parts) < 4 or parts[1] not in KINDS:
        return None
    world, kind, entity_id, *path = parts
    try:
        return SignedFile(
            world=world,
            kind=kind,
            entity_id=entity_id,
            path="/".join(path),
            disposition=query["response-content-disposition"][0],
            signed_at=int(query["X-Amz-Date"][0]),
            seconds=int(query["X-Amz-Expires"][0]),
            signature=query["X-Amz-Signature"][0],
        )
    except (KeyError, ValueError):
        return None


def _answer(file: SignedFile, content: Content, asked: bytes | None, *, head: bool) -> Response:
    size = content.size
    span = _span(asked, size)
    name = file.path.rpartition("/")[2]
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"{file.disposition}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(span.stop - span.start if span else size),
        "Content-Type": content_type_of(name),
        "ETag": f'"{content.etag}"',
        "Last-Modified": formatdate(file.signed_at, usegmt=True),
    }
    if headers["Content-Type"].startswith(ACTIVE):
        headers["Content-Security-Policy"] = NO_ORIGIN
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    status = 206 if span else 200
    if head:
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_pieces(content, span or Span(0, size)), status, headers)


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
        raise Refusal(
            416,
            "InvalidRange",
            "The requested range is not satisfiable",
            **{"Content-Range": f"bytes */{size}"},
        )
    return Span(start, stop)


def owns(path: str) -> bool:
    """Whether `path` is served here."""
    return path.startswith(f"{FILES_ROOT}/")
