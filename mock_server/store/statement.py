"""A statement, ready for the driver."""

import re
from typing import Any

_CHANGE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')


class Statement:
    """SQL text, with the values that are part of it, and the table that it changes, if it changes one."""

    __slots__ = ("changes", "sql", "values")

    def __init__(self, sql: str, values: dict[str, Any] | None = None) -> None:
        self.sql = sql
        self.values: dict[str, Any] = values or {}
        change = _CHANGE.match(sql)
        self.changes = change[1] if change else None
