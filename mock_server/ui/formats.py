"""Numbers, times and states as people read them."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from mock_server.clock import LATEST
from mock_server.domain import durations

UNITS = ("B", "KB", "MB", "GB", "TB", "PB", "EB")

GAP = "\u00a0"
"""Between a number and its unit no line is broken."""

TONES = {
    "completed": "good",
    "ready": "good",
    "mounted": "good",
    "succeeded": "good",
    "failed": "bad",
    "error": "bad",
    "stopped": "warn",
    "initializing": "busy",
    "running": "busy",
    "finalizing": "busy",
    "draft": "busy",
    "mounting": "busy",
}
"""How a state is coloured; everything else is plain."""


def sized(count: int | None) -> str:
    """Bytes with a unit."""
    if count is None:
        return "-"
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f}{GAP}{UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f}{GAP}{UNITS[unit]}"


def when(seconds: float) -> str:
    """A point in time in UTC, to the second; what comes after the year 9999 as its end."""
    return f"{datetime.fromtimestamp(min(seconds, LATEST), UTC):%Y-%m-%d %H:%M:%S}"


def iso(seconds: float) -> str:
    """A point in time for machines."""
    return durations.iso(seconds)


def lasting(seconds: float) -> str:
    """A length of time in its two largest units."""
    if 0 < seconds < 0.001:
        return f"<{GAP}1{GAP}ms"
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f}{GAP}ms"
    if seconds < 10:
        return f"{round(seconds, 1):g}{GAP}s"
    if seconds < 60:
        return f"{seconds:.0f}{GAP}s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return _two(minutes, "min", rest, "s")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _two(hours, "h", minutes, "min")
    days, hours = divmod(hours, 24)
    return _two(days, "d", hours, "h")


def _two(large: int, unit: str, small: int, smaller_unit: str) -> str:
    return f"{large:,}{GAP}{unit}" + (f" {small}{GAP}{smaller_unit}" if small else "")


def grouped(number: int) -> str:
    """A number with commas between its thousands."""
    return f"{number:,}"


def tenths(number: float) -> str:
    """A number with one digit behind its point."""
    return f"{number:.1f}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def compact(value: BaseModel | dict[str, Any]) -> str:
    """What has been set, as JSON on one line."""
    fields = (
        value.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
        if isinstance(value, BaseModel)
        else value
    )
    return json.dumps(fields, ensure_ascii=False)


def tone(state: str) -> str:
    """The colour of a state."""
    return TONES.get(state, "plain")


def status_tone(status: int) -> str:
    """The colour of an answer's status; 0 is no answer at all."""
    if 200 <= status < 300:
        return "good"
    return "warn" if 300 <= status < 500 else "bad"
