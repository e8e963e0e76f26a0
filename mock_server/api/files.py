"""The bytes behind signed URLs, answered as S3 answers presigned ones: ranges, HEAD, XML errors."""

import re
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape

from starlette.responses import Response, StreamingResponse

from mock_server.api.call import Scope, header
from mock_server.domain.content import Content
from mock_server.services import downloads, files
from mock_server.services.files import FILES_ROOT, SignedFile
from mock_server.world import World

KINDS = ("computations", "data_assets")

TYPES = {
    ".csv": "text/csv",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain; charset=utf-8",
}
"""Content types by file name; everything else is `binary/octet-stream`, as S3 has it."""

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


class FilesApp:
    """An ASGI application for everything below `FILES_ROOT`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request."""
        try:
            response = self._respond(scope)
        except Refusal as refusal:
            body = (
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
            )
            response = Response(body, refusal.status, refusal.headers, "application/xml")
        response.headers["Date"] = formatdate(self._world.clock.now(), usegmt=True)
        await response(scope, receive, send)

    def _respond(self, scope: Scope) -> Response:
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            message = "The specified method is not allowed against this resource."
            raise Refusal(405, "MethodNotAllowed", message, Allow="GET, HEAD")
        file = _signed_file(scope)
        if file is None or not files.genuine(self._world, file):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature does not match the URL.")
        if files.expired(self._world, file):
            raise Refusal(403, "AccessDenied", "Request has expired")
        content = downloads.opened(self._world, file)
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
    dot = name.rfind(".")
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"{file.disposition}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(span.stop - span.start if span else size),
        "Content-Type": TYPES.get(name[dot:].lower() if dot >= 0 else "", "binary/octet-stream"),
        "ETag": f'"{content.etag}"',
        "Last-Modified": formatdate(file.signed_at, usegmt=True),
    }
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
