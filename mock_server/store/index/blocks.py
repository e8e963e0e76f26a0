"""Blocks of entries, each with a mark that changes whenever one of its entries does.

What was found out about a block holds as long as its mark is the same: here, and in every process that has the
database open.
"""

import json
import sqlite3
from collections.abc import Iterable

from sqlmodel import Field, SQLModel

GAP = 64
"""How far the numbers of entries are apart, so that others find room between them. More would make the index larger."""

LENGTH = 20_000 * GAP
"""How many numbers a block has: to count what matches in one takes about a millisecond."""

_MARK = """
    INSERT INTO stretch (place, mark) SELECT value, (SELECT coalesce(max(mark), 0) + 1 FROM stretch) FROM json_each(?)
    WHERE true ON CONFLICT (place) DO UPDATE SET mark = excluded.mark
"""


class Block(SQLModel, table=True):
    """The mark of one block: the greatest one is the newest. One in which nothing was ever entered has none."""

    # What the table is called in the databases that exist.
    __tablename__ = "stretch"

    place: int = Field(primary_key=True)
    mark: int


def mark(connection: sqlite3.Connection, docs: Iterable[int]) -> None:
    """Note that the entries with these numbers have changed, come or gone; call it inside the transaction."""
    places = {doc // LENGTH for doc in docs}
    if places:
        connection.execute(_MARK, (json.dumps(sorted(places)),))
