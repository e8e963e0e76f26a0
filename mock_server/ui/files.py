"""Files of results and data assets: folders, previews, and the bytes themselves."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from mock_server.domain.content import Content, InBucket
from mock_server.domain.content_types import TYPES
from mock_server.errors import NotFoundError
from mock_server.ui.page_context import PageContext
from mock_server.ui.paging import Part, part
from mock_server.wire.common import Folder

AT_ONCE = 25
"""How many entries of a folder are shown at once: pages of things show the first of them, and lead on to the others."""

PREVIEW_BYTES = 200_000
"""How much of a file is read for its preview."""

MOST_ROWS = 200
MOST_COLUMNS = 50

SEPARATORS = {".csv": ",", ".tsv": "\t"}
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
PAGES = {".html", ".htm"}

ALONE = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
"""The policy of a file that is shown: it is of no origin, runs no script and reaches nothing."""


class Preview(NamedTuple):
    """How a file is shown: as `text`, a `table`, an `image`, a `page` in a frame of its own, or not at all. `cut` when
    only its beginning is.
    """

    kind: str
    text: str = ""
    rows: list[list[str]] = []  # noqa: RUF012 - it is never changed
    cut: bool = False


def preview(path: str, content: Content) -> Preview:
    """What is shown of a file."""
    suffix = _suffix(path)
    if isinstance(content, InBucket):
        # S3 is not asked while a page is made.
        return Preview("none")
    if suffix in IMAGES:
        return Preview("image")
    if suffix in PAGES:
        return Preview("page")
    start = b"".join(content.read(0, PREVIEW_BYTES))
    cut = content.size > len(start)
    if b"\0" in start or not _is_text(start, whole=not cut):
        return Preview("none")
    text = start.decode("utf-8", "replace")
    if suffix in SEPARATORS:
        rows, more = _rows(text, SEPARATORS[suffix])
        if rows:
            return Preview("table", rows=rows, cut=cut or more)
    return Preview("text", text=text, cut=cut)


def raw(path: str, content: Content | None, *, download: bool) -> Response:
    """The bytes of a file, to be kept or to be shown on their own. Raises `NotFoundError`."""
    if content is None:
        raise NotFoundError("file not found")
    suffix, name = _suffix(path), path.rpartition("/")[2]
    kind = IMAGES.get(suffix) or TYPES.get(suffix, "application/octet-stream")
    headers = {
        "Content-Disposition": f"{'attachment' if download else 'inline'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(content.size),
        "Content-Security-Policy": ALONE,
        "Content-Type": kind,
    }
    return StreamingResponse(_pieces(content), headers=headers)


def steps(path: str) -> list[tuple[str, str]]:
    """The folders on the way to a file or folder: name and path of each."""
    parts = [part for part in path.split("/") if part]
    return [(part, "/".join(parts[: number + 1])) for number, part in enumerate(parts)]


def first(folder: Folder) -> Part:
    """The entries of a folder that the page of a thing shows."""
    return part(folder.items, 0, AT_ONCE)


def browse(context: PageContext, content: Content | None, folder: Folder | None, **values: Any) -> Response:
    """The page of a folder, or of one file in it with its preview."""
    path = context.asked("path")
    shown = preview(path, content) if content is not None else None
    size = content.size if content is not None else None
    entries = part(folder.items if folder else [], context.page_number(), AT_ONCE)
    return context.show("files.html", path=path, steps=steps(path), preview=shown, size=size, entries=entries, **values)


async def _pieces(content: Content) -> AsyncIterator[bytes]:
    for piece in content.read(0, content.size):
        yield piece


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if dot >= 0 else ""


def _is_text(start: bytes, *, whole: bool) -> bool:
    """Whether bytes are UTF-8; where they were cut, a character may be too."""
    try:
        start.decode()
    except UnicodeDecodeError as problem:
        return not whole and problem.start > len(start) - 4
    return True


def _rows(text: str, separator: str) -> tuple[list[list[str]], bool]:
    """The first rows of a table, and whether there are more; none when it cannot be read as one."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            if len(rows) == MOST_ROWS:
                return rows, True
            rows.append(row[:MOST_COLUMNS])
    except csv.Error:
        return [], False
    return rows, False
