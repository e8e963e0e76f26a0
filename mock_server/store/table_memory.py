"""What was made of the rows of a table, remembered for as long as nobody changes the table."""

from collections.abc import Callable
from typing import Generic, TypeVar

from mock_server.store.transactions import Transactions

K = TypeVar("K")
V = TypeVar("V")

KEPT = 1024
"""How many values are remembered."""


class TableMemory(Generic[K, V]):
    """Values by key, made by `make` of the rows of one table; who gets one must not change it."""

    def __init__(self, db: Transactions, table: str, make: Callable[[K], V | None]) -> None:
        self._db = db
        self._table = table
        self._make = make
        self._version = -1
        self._kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value under `key`, as the table is now. None is not remembered."""
        version = self._db.version_of(self._table)
        if version != self._version or len(self._kept) > KEPT:
            self._kept.clear()
            self._version = version
        value = self._kept.get(key)
        if value is None:
            value = self._make(key)
            if value is not None:
                self._kept[key] = value
        return value
