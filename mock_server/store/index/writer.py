"""Brings the search index up to date.

Triggers record the id of every object that changes in a way that searches see, in the transaction that changes it: code
that writes a row need not care. The next search rebuilds the entries of these objects before it looks for anything
(`store.search.catching_up`).
"""

import json
import sqlite3
from typing import Any

from mock_server.store.index import documents
from mock_server.store.index.blocks import GAP, mark
from mock_server.store.index.documents import COLUMNS, Shared
from mock_server.store.index.terms import terms_of

BATCH = 5000
RUN = 32
"""The least number of entries that are moved to make room."""

_SPARE = 8

_BUSY = 8
"""From so many new entries a second on, more are expected in the same second."""

_ROOM = 131072
"""How many numbers the entries of one second share while they are the newest: ids are random, so that most of those
that follow in this second belong between these.
"""

Values = dict[str, Any]
Key = tuple[int, str]

_INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{name}' for name in COLUMNS)})"  # noqa: S608
_ADD = "INSERT INTO term (rowid, terms) VALUES (?, ?)"
_WITHDRAW = "INSERT INTO term (term, rowid, terms) VALUES ('delete', ?, ?)"
_DELETE = "DELETE FROM entry WHERE doc = ?"
_BELOW = """
    SELECT coalesce((SELECT doc FROM entry WHERE (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT 1), 0)
"""
_NEWEST = "SELECT created, id, doc FROM entry ORDER BY doc DESC LIMIT 1"
_STALE = """
    SELECT stale.id FROM stale LEFT JOIN dataasset USING (id) LEFT JOIN capsule USING (id)
    ORDER BY CAST(coalesce(dataasset.created, capsule.created, 0) AS INTEGER), stale.id
"""
_OF_IDS = "IN (SELECT value FROM json_each(?))"
_FRESH = f"DELETE FROM stale WHERE id {_OF_IDS}"  # noqa: S608
_DATA_ASSETS = f"""
    SELECT id, name, created, type, description, tags, archived, external, size, owner, more
    FROM dataasset WHERE id {_OF_IDS}
"""  # noqa: S608
_CAPSULES = f"""
    SELECT id, kind, name, created, last_accessed, status, description, tags, archived, more, attached, owner
    FROM capsule WHERE id {_OF_IDS}
"""  # noqa: S608


def stale(connection: sqlite3.Connection) -> list[str]:
    """The ids of all objects whose entries are to be rebuilt, in the order of creation."""
    return [key for (key,) in connection.execute(_STALE)]


def update(connection: sqlite3.Connection, ids: list[str]) -> None:
    """Rebuild the entries of these objects; `ids` are in the order of creation. Call it inside a transaction."""
    connection.execute(_FRESH, (json.dumps(ids),))
    for start in range(0, len(ids), BATCH):
        _Batch(connection).update(ids[start : start + BATCH])


class _Batch:
    """Writes entries. New ones are collected, to be written together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._pending: list[Values] = []
        self._touched: list[int] = []
        self._last: tuple[Key, int] = ((-1, ""), 0)

    def update(self, ids: list[str]) -> None:
        """Make the entries of these objects match their rows; `ids` are in the order of creation."""
        encoded = json.dumps(ids)
        old = {entry["id"]: entry for entry in self._all(f"SELECT * FROM entry WHERE id {_OF_IDS}", encoded)}  # noqa: S608
        new = self._build(encoded)
        gone = [entry for key, entry in old.items() if key not in new or new[key]["created"] != entry["created"]]
        self._remove(gone)
        for entry in gone:
            del old[entry["id"]]
        self._last = self._newest()
        for key, entry in old.items():
            self._replace(entry, new[key] | {"doc": entry["doc"]})
        # Only now, as an entry that finds no room moves existing ones.
        added = [new[key] for key in ids if key in new and key not in old]
        gap = _gap(added)
        for entry in added:
            self._insert(entry, gap)
        self._flush()
        mark(self._connection, self._touched)

    def _build(self, ids: str) -> dict[str, Values]:
        """The entries as the rows have it, by id; `ids` is a list in JSON."""
        shared: dict[str, Shared] = {}
        for entity, subject in self._connection.execute(
            f'SELECT entity_id, subject FROM "grant" WHERE role > 0 AND entity_id {_OF_IDS} ORDER BY subject',  # noqa: S608
            (ids,),
        ):
            shared.setdefault(entity, Shared([], [])).subjects.append(subject)
        for entity, user in self._connection.execute(
            f"SELECT entity_id, user_id FROM favorite WHERE entity_id {_OF_IDS} ORDER BY user_id",  # noqa: S608
            (ids,),
        ):
            shared.setdefault(entity, Shared([], [])).fans.append(user)
        nobody = Shared([], [])
        entries = [documents.of_data_asset(row, shared.get(row["id"], nobody)) for row in self._all(_DATA_ASSETS, ids)]
        entries += [documents.of_capsule(row, shared.get(row["id"], nobody)) for row in self._all(_CAPSULES, ids)]
        return {entry["id"]: entry for entry in entries}

    def _insert(self, entry: Values, gap: int) -> None:
        """Add a new entry, with a number at its position in the order. They come in this order themselves."""
        key = (entry["created"], entry["id"])
        if key > self._last[0]:
            entry["doc"] = self._last[1] + gap
            self._last = (key, entry["doc"])
        else:
            entry["doc"] = self._number_for(key)
        self._pending.append(entry)

    def _flush(self) -> None:
        self._add(self._pending)
        self._pending = []

    def _number_for(self, key: Key) -> int:
        """A number between those of the neighbours of `key`."""
        while True:
            [(below,)] = self._connection.execute(_BELOW, key)
            if self._pending:
                below = max(below, self._pending[-1]["doc"])
            [(above,)] = self._connection.execute("SELECT min(doc) FROM entry WHERE doc > ?", (below,))
            if above is None:
                return int(below) + GAP
            if above - below > 1:
                return int(below + above) // 2
            self._flush()
            self._spread(below)

    def _spread(self, below: int) -> None:
        """Move entries behind the number `below` apart: as few as need to move."""
        count = RUN
        while True:
            run = self._all("SELECT * FROM entry WHERE doc > ? ORDER BY doc LIMIT ?", below, count + 1)
            if len(run) <= count:
                gap = max(GAP, _ROOM // len(run))
                break
            end = run.pop()["doc"]
            gap = (end - below) // (count + 1)
            if gap >= _SPARE:
                break
            count *= 4
        self._connection.execute("UPDATE moves SET count = count + 1")
        terms = [terms_of(entry) for entry in run]
        self._remove(run, terms)
        self._add([entry | {"doc": below + gap * position} for position, entry in enumerate(run, start=1)], terms)
        self._last = self._newest()

    def _newest(self) -> tuple[Key, int]:
        """The key of the last entry in the order, and its number."""
        for created, key, doc in self._connection.execute(_NEWEST):
            return (created, key), doc
        return (-1, ""), 0

    def _replace(self, old: Values, new: Values) -> None:
        if old == new:
            return
        self._touched.append(old["doc"])
        before, after = terms_of(old), terms_of(new)
        self._connection.execute(_DELETE, (old["doc"],))
        self._connection.execute(_INSERT, new)
        if before != after:
            self._connection.execute(_WITHDRAW, (old["doc"], before))
            self._connection.execute(_ADD, (new["doc"], after))

    def _remove(self, entries: list[Values], terms: list[str] | None = None) -> None:
        docs = [entry["doc"] for entry in entries]
        self._touched += docs
        terms = terms or [terms_of(entry) for entry in entries]
        self._connection.executemany(_WITHDRAW, list(zip(docs, terms, strict=True)))
        self._connection.executemany(_DELETE, [(doc,) for doc in docs])

    def _add(self, entries: list[Values], terms: list[str] | None = None) -> None:
        docs = [entry["doc"] for entry in entries]
        self._touched += docs
        terms = terms or [terms_of(entry) for entry in entries]
        self._connection.executemany(_INSERT, entries)
        self._connection.executemany(_ADD, list(zip(docs, terms, strict=True)))

    def _all(self, statement: str, *values: object) -> list[Values]:
        cursor = self._connection.execute(statement, values)
        names = [column for column, *_ in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _gap(added: list[Values]) -> int:
    """Choose the distance between the numbers of new entries that sort after all others."""
    seconds = len({entry["created"] for entry in added})
    return max(GAP, _ROOM * seconds // len(added)) if len(added) >= _BUSY * max(seconds, 1) else GAP
