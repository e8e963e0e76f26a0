"""What was made of the rows of tables, remembered for as long as nobody changes them."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from mock_server.store.transactions import Transactions

K = TypeVar("K")
V = TypeVar("V")

KEPT = 1024
"""How many values are remembered, unless they are large."""


class TableMemory(Generic[K, V]):
    """Up to `kept` values by key, made by `make` of the rows of some tables; who gets one must not change it."""

    def __init__(self, db: Transactions, *tables: str, make: Callable[[K], V | None], kept: int = KEPT) -> None:
        self._db = db
        self._tables = tables
        self._make = make
        self._most = kept
        self._version = -1
        self._kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value under `key`, as the tables are now. None is not remembered."""
        self._forget_old()
        return self._value(key)

    def each(self, keys: Iterable[K]) -> dict[K, V | None]:
        """The values under `keys`, as the tables are now: whether they have changed is looked at once."""
        self._forget_old()
        return {key: self._value(key) for key in keys}

    def _forget_old(self) -> None:
        version = self._db.version_of(*self._tables)
        if version != self._version or len(self._kept) > self._most:
            self._kept.clear()
            self._version = version

    def _value(self, key: K) -> V | None:
        value = self._kept.get(key)
        if value is None:
            value = self._make(key)
            if value is not None:
                self._kept[key] = value
        return value
