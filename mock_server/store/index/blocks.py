"""Blocks of entries, each with a mark that changes whenever one of its entries does.

What is known of a block holds as long as its mark is the same: here, and in every process that has the database open.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from mock_server.store.columns import Key

GAP = 64
"""The distance between the numbers of entries, so that others find room between them. A larger one makes the index
larger.
"""

LENGTH = 20_000 * GAP
"""How many numbers a block spans: counting the matches in one takes about a millisecond."""

_MARK = """
    INSERT INTO block (number, mark) SELECT value, (SELECT coalesce(max(mark), 0) + 1 FROM block) FROM json_each(?)
    WHERE true ON CONFLICT (number) DO UPDATE SET mark = excluded.mark
"""


@dataclass
class Block:
    """The mark of one block: the greatest is the newest. A block that never had an entry has no row."""

    number: Key[int]
    mark: int


def mark(connection: sqlite3.Connection, docs: Iterable[int]) -> None:
    """Record that the entries with these numbers were added, changed or removed; call it inside the transaction."""
    numbers = {doc // LENGTH for doc in docs}
    if numbers:
        connection.execute(_MARK, (json.dumps(sorted(numbers)),))
