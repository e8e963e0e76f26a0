"""Lengths of time and points in time as people write them: `90`, `"1h30m"`, `"2026-03-01T12:00:00Z"`."""

import json
import math
import re
from datetime import UTC, datetime

from mock_server.clock import LATEST
from mock_server.input_errors.numbers import plain

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

LONGEST = 9e9
"""The longest duration in seconds, 285 years: Python waits for no more than 292."""

_PART = r"\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h|d)"
_DURATION = re.compile(rf"(?:{_PART}\s*)+")
_PARTS = re.compile(r"([\d.]+)(ms|s|m|h|d)")


def seconds(written: float | str) -> float:
    """The seconds of a duration: a number, or text such as `250ms`, `90s`, `1h30m`. Raises `ValueError`."""
    if isinstance(written, str):
        if not _DURATION.fullmatch(written.strip()):
            raise ValueError(f"not a duration: {_quoted(written)}; write seconds or text such as 90s, 1h30m")
        found = sum(float(number) * UNITS[unit] for number, unit in _PARTS.findall(written))
    else:
        found = _number(written)
    if not 0 <= found <= LONGEST:
        raise ValueError(f"not a duration: it must be from 0 to {plain(LONGEST)} seconds")
    return found


def moment(written: float | str) -> float:
    """The Unix seconds of a point in time: a number, or ISO 8601 text (UTC unless it says otherwise). Raises
    `ValueError`.
    """
    if isinstance(written, str):
        try:
            parsed = datetime.fromisoformat(written.strip())
        except ValueError:
            message = f"not a time: {_quoted(written)}; write Unix seconds or text such as 2026-03-01T12:00:00Z"
            raise ValueError(message) from None
        found = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    else:
        found = _number(written)
    if not 0 <= found <= LATEST:
        raise ValueError("not a time: it must be from 1970 to 9999")
    return found


def ordered(span: tuple[float, float]) -> tuple[float, float]:
    """The range itself. Raises `ValueError` when it is empty."""
    if span[0] > span[1]:
        raise ValueError("an empty range: the first is above the second")
    return span


def _number(written: float) -> float:
    """A number as JSON has it, where whole numbers have no end and true is none."""
    if isinstance(written, bool):
        raise ValueError("not a number")
    try:
        return float(written)
    except OverflowError:
        return math.inf


def _quoted(written: str) -> str:
    """The beginning of what was written, in quotes and without line breaks."""
    # A half of a surrogate pair, which JSON may hold, can be in no message.
    return json.dumps(written[:40], ensure_ascii=False).encode(errors="backslashreplace").decode()


def iso(at: float) -> str:
    """A point in time as ISO 8601 text in UTC, to the millisecond; what comes after the year 9999 as its end."""
    return datetime.fromtimestamp(min(at, LATEST), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
