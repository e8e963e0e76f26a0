"""A statement, ready for the driver."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text, with the values that are part of it."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)
