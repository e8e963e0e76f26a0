"""The journal as it is shown: raw records become entries without secrets, and only when somebody asks."""

import codecs
import json
import re
from collections import deque
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from pydantic import PrivateAttr

from mock_server.domain.faults import path_fits
from mock_server.domain.journal import KEPT_BYTES, Headers, Journal, Record
from mock_server.domain.redaction import MASK, is_secret, redact, redact_json, redact_pair
from mock_server.wire.journal import Entry, Match

_IDS = ("id", "capsule_id", "pipeline_id", "computation_id", "resume_run_id", "data_asset_ids", "data_assets")
"""The members of a request body that name objects."""

_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*")


def _redact_query(query: bytes) -> str:
    return "&".join(redact_pair(pair) for pair in query.decode("latin-1").split("&"))


def _redact_headers(headers: Headers) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        text = name.decode("latin-1")
        values.setdefault(redact(text), []).append(MASK if is_secret(text) else redact(value.decode("latin-1")))
    return {name: ", ".join(several) for name, several in values.items()}


def _redact_body(body: bytes, headers: Headers) -> tuple[str, Any]:
    """A body as text and, when it is whole, as JSON. JSON is written anew, without white space: what stands twice in an
    object would be shown unseen otherwise.
    """
    kept = body[:KEPT_BYTES]
    try:
        node = redact_json(json.loads(kept))
        return json.dumps(node, ensure_ascii=False, separators=(",", ":")), node
    except (ValueError, RecursionError):
        if b"\0" in kept:
            return _size(body, headers), None
        return redact(kept.decode("utf-8", "replace")), None


def _redact_answer(answer: bytes, headers: Headers) -> tuple[str, Any]:
    """As `_redact_body`; only the size of an answer that is no text."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(answer[:KEPT_BYTES], final=len(answer) < KEPT_BYTES)
    except UnicodeDecodeError:
        return _size(answer, headers), None
    return _redact_body(answer, headers)


def _size(body: bytes, headers: Headers) -> str:
    length = _header(headers, b"content-length") or ""
    return f"<{length if length.isdecimal() else len(body)} bytes>"


def _header(headers: Headers, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), None)


def _retry_after(record: Record) -> float | None:
    """The seconds of a `Retry-After`, which may be a number or a date."""
    written = _header(record.answer_headers, b"retry-after")
    if written is None:
        return None
    if number := _SECONDS.fullmatch(written):
        return float(number[1])
    try:
        date = parsedate_to_datetime(written)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - record.time)
    except (ValueError, OverflowError):
        return None


def _ids_in(body: Any) -> list[str]:
    """The ids in a request body, in any depth. A body that is a list is one of data assets."""
    found: list[str] = []
    waiting: deque[tuple[str, Any]] = deque([("data_assets", body)])
    while waiting:
        name, node = waiting.popleft()
        if isinstance(node, dict):
            waiting.extend(node.items())
        elif isinstance(node, list):
            waiting.extend((name, item) for item in node)
        elif isinstance(node, str) and name in _IDS:
            found.append(node)
    return found


def _member(answer: Any, *names: str) -> str | None:
    """The first of the members that an answer has as text."""
    found = (answer.get(name) for name in names) if isinstance(answer, dict) else ()
    return next((value for value in found if isinstance(value, str)), None)


def _state(answer: Any) -> str | None:
    """The state that an answer shows. A release has a `status`; a capsule's `status` is no state."""
    return _member(answer, "state", "status" if _member(answer, "job_id") else "state")


class _Shown(Entry):
    """An entry that also knows its user's id, by which one may ask for it."""

    _user_id: str | None = PrivateAttr(default=None)


def entry(number: int, record: Record) -> Entry:
    """A request as it is shown."""
    body, asked = _redact_body(record.body, record.headers)
    answer, given = _redact_answer(record.answer, record.answer_headers)
    keys = [redact(key) for key in record.keys]
    created = _member(given, "id", "job_id")
    operation, caller = record.operation, record.caller
    shown = _Shown(
        number=number,
        time=record.time,
        real=record.real,
        took=record.took,
        method=record.method,
        path=_path(record),
        query=_redact_query(record.query),
        operation=operation.name if operation else None,
        user=caller.email if caller else None,
        entity=keys[-1] if keys else created,
        names=list(dict.fromkeys([*keys, *_ids_in(asked), *([created] if created else [])])),
        status=record.status,
        outcome=record.outcome,
        state=_state(given),
        fault=record.fault,
        unread=_unknown_fields(record),
        retry_after=_retry_after(record),
        headers=_redact_headers(record.headers),
        body=body,
        answer=answer,
    )
    shown._user_id = caller.user_id if caller else None
    return shown


class Brief(NamedTuple):
    """What a list shows of a request."""

    number: int
    status: int
    method: str
    operation: str | None
    path: str
    entity: str | None
    fault: str | None
    unread: list[str]
    took: float


def _brief(number: int, record: Record) -> Brief:
    return Brief(
        number,
        record.status,
        record.method,
        record.operation.name if record.operation else None,
        _path(record),
        redact(record.keys[-1]) if record.keys else _created(record),
        record.fault,
        _unknown_fields(record),
        record.took,
    )


def newest(journal: Journal, limit: int) -> list[Brief]:
    """The last requests, newest first, as lists show them: most of what there is to explain is not looked at."""
    records = journal.records(max(0, journal.last - limit))
    return [_brief(number, record) for number, record in reversed(records)]


def _path(record: Record) -> str:
    return redact(unquote_to_bytes(record.path).decode("utf-8", "replace"))


def _unknown_fields(record: Record) -> list[str]:
    operation = record.operation
    return [redact(field) for field in operation.unknown_fields(record.query, record.body)] if operation else []


def _created(record: Record) -> str | None:
    return _member(_redact_answer(record.answer, record.answer_headers)[1], "id", "job_id")


def _has_status(shown: Entry, wanted: str | int) -> bool:
    text = str(wanted).lower()
    return text == str(shown.status) or text == f"{shown.status // 100}xx"


def _speaks_of(shown: Entry, wanted: str) -> bool:
    return wanted.lower() in {name.lower() for name in (shown.entity or "", *shown.names)}


def _is_of(shown: Entry, wanted: str) -> bool:
    user_id = shown._user_id if isinstance(shown, _Shown) else None
    return wanted.lower() in {name.lower() for name in (shown.user, user_id) if name}


_CONDITIONS: dict[str, Callable[[Any, Any], bool]] = {
    "after": lambda shown, wanted: shown.number > wanted,
    "operation": lambda shown, wanted: shown.operation == wanted,
    "method": lambda shown, wanted: shown.method == wanted.upper(),
    "path": lambda shown, wanted: path_fits(wanted, shown.path),
    "entity": _speaks_of,
    "user": _is_of,
    "status": _has_status,
    "fault": lambda shown, wanted: shown.fault is not None and wanted in ("*", shown.fault),
}
"""What each field of a `Match` asks of an entry."""


def misses(shown: Entry, match: Match) -> list[str]:
    """The conditions that the request does not meet."""
    wanted = ((name, getattr(match, name)) for name in _CONDITIONS)
    return [name for name, value in wanted if value is not None and not _CONDITIONS[name](shown, value)]


def matches(shown: Entry, match: Match) -> bool:
    """Whether the request meets all conditions."""
    return not misses(shown, match)


def entries(journal: Journal, match: Match | None = None, limit: int | None = None) -> list[Entry]:
    """The requests that match, in the order of their numbers; with a `limit`, the newest so many."""
    match = match or Match()
    found: list[Entry] = []
    for number, record in reversed(journal.records(match.after or 0)):
        if len(found) == limit:
            break
        if _may_match(record, match) and matches(shown := entry(number, record), match):
            found.append(shown)
    return found[::-1]


def _may_match(record: Record, match: Match) -> bool:
    """Whether it is worth explaining a record: what it tells by itself does not rule it out."""
    if match.operation is not None and (record.operation is None or record.operation.name != match.operation):
        return False
    conditions = ((name, getattr(match, name)) for name in ("method", "status", "fault"))
    if not all(value is None or _CONDITIONS[name](record, value) for name, value in conditions):
        return False
    raw = b" ".join((record.path, record.body, record.answer)).lower() if match.entity else b""
    return not match.entity or match.entity.lower().encode() in raw or b"\\u" in raw or b"%" in record.path
