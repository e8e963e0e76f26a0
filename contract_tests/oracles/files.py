"""Files: how folders are listed, and what signed URLs give."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from contract_tests.oracles.observation import RETRIED, Observation, brief, is_whole
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import TRANSFER, at_end, rank
from contract_tests.oracles.write_consistency import deletes
from contract_tests.transport.exchange import Exchange

LISTINGS = ("list_computation_results", "list_data_asset_files")

URLS = (
    "get_result_file_urls",
    "get_result_file_download_url",
    "get_data_asset_file_urls",
    "get_data_asset_file_download_url",
)

ADDRESSES = ("download_url", "view_url", "url")

SLACK = 60.0
"""Seconds by which the clocks of a deployment's machines may differ."""

OPENED = (200, 206, 304, 412, 416)
"""What a URL that works may answer, also to a range or a condition."""


def folder_of(path: Any) -> str | None:
    """The folder that a path names, tidied; None for what is no path within the root."""
    if path is None:
        return ""
    if not isinstance(path, str):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return None if ".." in parts else "/".join(parts)


def items_of(seen: Observation) -> list[dict[str, Any]]:
    """The items of a listing."""
    items = seen.body.get("items") if isinstance(seen.body, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


class ListingIsOneLevel(Oracle):
    """A listing shows one folder."""

    name = "listing_is_one_level"
    summary = "A listing has each file and folder of one level once, with its path below the root, and sizes of files."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at listings."""
        if not seen.ok or seen.name not in LISTINGS or not isinstance(seen.sent, dict):
            return
        folder = folder_of(seen.sent.get("path"))
        if folder is None:
            return
        names: set[str] = set()
        for item in items_of(seen):
            self.judged += 1
            name, path, size = item.get("name"), item.get("path"), item.get("size")
            if path != (f"{folder}/{name}" if folder else name):
                yield f"a listing of {brief(folder)} has {brief(name)} at {brief(path)}"
            if item.get("type") not in ("file", "folder"):
                yield f"{brief(path)} is of type {brief(item.get('type'))}, not file or folder"
            elif size is not None and (item["type"] == "folder" or not is_whole(size) or size < 0):
                yield f"the {item['type']} {brief(path)} has the size {brief(size)}"
            if str(name) in names:
                yield f"{brief(path)} is in a listing twice"
            names.add(str(name))


@dataclass(slots=True)
class _SignedUrl:
    """A signed URL, and what is known of its file."""

    path: str
    after: float | None
    """The deployment's time at the latest before it was signed; None when no response had shown it."""
    before: float | None
    """And at the earliest after that."""
    seconds: int | None
    """How long it says that it works."""
    number: int
    grows: bool
    """Whether the file may still grow."""
    size: int | None = None
    content: bytes | None = None
    """A hash of the bytes."""


class SignedUrls(Oracle):
    """Signed URLs give the file, to everybody, for a time.

    Times are compared with the deployment's own `Date`, never with this machine's.
    """

    name = "signed_urls"
    summary = "Signed URLs are absolute, open without a token with the file's bytes, and not when their time is over."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._signed: dict[str, _SignedUrl] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._growing: set[str] = set()
        """The things that were last seen before their end: their files may still grow."""
        self._now: float | None = None

    def observe(self, seen: Observation) -> Iterable[str]:
        """Remember the URLs that are given, and look at what they give."""
        exchange = seen.exchange
        if seen.changes and (deletes(seen) or seen.name == TRANSFER):
            # What may be deleted or moved needs to open no longer, and with a capsule its runs may go.
            self._signed.clear()
            self._sizes.clear()
        self._growing.difference_update(record.id for record in seen.records if at_end(record))
        self._growing.update(record.id for record in seen.records if rank(record) is not None and not at_end(record))
        if seen.ok and seen.name in LISTINGS:
            self._record_sizes(seen)
        elif seen.ok and seen.name in URLS:
            yield from self._record_urls(seen)
        signed = self._signed.get(exchange.url)
        # The host is signed too: with a `Host` of the check's own it is another request than the one that was signed.
        signs_it = exchange.method == "GET" and seen.caller is None and "Host" not in exchange.headers
        if signed is not None and signs_it:
            self.judged += 1
            yield from self._check_expiry(exchange, signed)
            if exchange.status == 200:
                yield from self._check_content(exchange, signed)
            elif exchange.status == 206:
                yield from self._check_part(exchange)
        if seen.caller not in (None, "unknown"):
            # An unknown caller may see the time of another world: each world of the fake has its own clock.
            date = date_of(exchange)
            self._now = date if self._now is None else max(self._now, date or self._now)

    def _record_sizes(self, seen: Observation) -> None:
        for item in items_of(seen) if seen.target not in self._growing else ():
            if isinstance(item.get("path"), str) and is_whole(item.get("size")):
                self._sizes[seen.target or "", item["path"]] = item["size"]

    def _record_urls(self, seen: Observation) -> Iterable[str]:
        body = seen.body if isinstance(seen.body, dict) else {}
        for name in ADDRESSES:
            url = body.get(name)
            if url is None:
                continue
            parts = _absolute(url)
            self.judged += 1
            if parts is None:
                yield f"{name} of {seen.name} is not an absolute URL"
                continue
            lasts = parse_qs(parts.query).get("X-Amz-Expires", [""])[0]
            key, path = seen.target or "", folder_of(seen.query.get("path")) or ""
            self._signed[url] = _SignedUrl(
                path=path,
                after=self._now,
                before=date_of(seen.exchange),
                seconds=int(lasts) if lasts.isascii() and lasts.isdigit() and len(lasts) < 10 else None,
                number=seen.number,
                grows=key in self._growing,
                size=self._sizes.get((key, path)),
            )

    def _check_expiry(self, exchange: Exchange, signed: _SignedUrl) -> Iterable[str]:
        date = date_of(exchange)
        status = exchange.status
        if signed.seconds is None or status is None or status in RETRIED or status >= 500:
            return
        if self._now is not None and signed.before is not None and exchange.ok:
            late = self._now - signed.before - signed.seconds
            if late > SLACK:
                yield f"a signed URL (request {signed.number}) still opens {late:.0f} seconds after it expired"
        if date is not None and signed.after is not None and status not in OPENED:
            left = signed.after + signed.seconds - date
            if left > SLACK:
                yield f"a signed URL (request {signed.number}) returned {status}, {left:.0f} seconds before it expires"

    @staticmethod
    def _check_content(exchange: Exchange, signed: _SignedUrl) -> Iterable[str]:
        length = exchange.answer_headers.get("Content-Length")
        if length is None or "Content-Encoding" in exchange.answer_headers:
            return
        if signed.size is not None and length != str(signed.size):
            yield f"{brief(signed.path)} is listed with {signed.size} bytes but has {length} when opened"
        if exchange.answer and str(len(exchange.answer)) == length:
            content = sha256(exchange.answer).digest()
            if signed.content not in (None, content):
                yield f"{brief(signed.path)} has different content than when it was opened before"
            signed.content = None if signed.grows else content

    @staticmethod
    def _check_part(exchange: Exchange) -> Iterable[str]:
        if exchange.answer_headers.get("Content-Type", "").startswith("multipart/byteranges"):
            # Several ranges at once: each part says its own.
            return
        stated = exchange.answer_headers.get("Content-Range", "")
        span = stated.removeprefix("bytes ").partition("/")[0].split("-")
        if not stated.startswith("bytes ") or len(span) != 2 or not all(place.isdigit() for place in span):
            yield f"a range of a file returned the Content-Range {brief(stated)}"
        elif exchange.answer and len(exchange.answer) != int(span[1]) - int(span[0]) + 1:
            yield f"a range of a file has {len(exchange.answer)} bytes and the Content-Range {brief(stated)}"


def _absolute(url: Any) -> SplitResult | None:
    """The parts of an absolute address; None for anything else."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return None
    return parts if parts and parts.scheme in ("http", "https") and parts.hostname else None


def is_absolute(url: Any) -> bool:
    """Tell whether a value is an absolute URL."""
    return _absolute(url) is not None


def date_of(exchange: Exchange) -> float | None:
    """The deployment's time of an answer, in Unix seconds."""
    try:
        return parsedate_to_datetime(exchange.answer_headers.get("Date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
