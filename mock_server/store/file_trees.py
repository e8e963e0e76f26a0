"""File trees under the hash of their content: captured results share the tree of the run."""

import hashlib

from sqlalchemy import bindparam, delete, exists
from sqlalchemy.dialects.sqlite import insert

from mock_server.domain.files import FileTree
from mock_server.store.database import Database, Statement, dump
from mock_server.store.queries import BUCKETS, CAPSULES, COMPUTATIONS, DATA_ASSETS, SCENARIOS, TREES

NO_FILES = ""
"""The key of the tree without files; it is stored nowhere."""

_keep = Statement(insert(TREES.table).on_conflict_do_nothing())
# Runs without a tree of their own share that of their capsule.
_held = (
    exists().where(DATA_ASSETS.table.c.tree == TREES.table.c.hash),
    exists().where(CAPSULES.table.c.tree == TREES.table.c.hash),
    exists().where(BUCKETS.table.c.tree == TREES.table.c.hash),
    exists().where(COMPUTATIONS.table.c.tree == TREES.table.c.hash, COMPUTATIONS.table.c.own_tree),
    exists().where(SCENARIOS.table.c.tree == TREES.table.c.hash),
)
_drop = Statement(delete(TREES.table).where(TREES.table.c.hash == bindparam("key"), *(~holder for holder in _held)))


def keep(db: Database, tree: FileTree) -> str:
    """Store `tree` unless it is there already; its hash."""
    if not tree.entries:
        return NO_FILES
    entries = dump(tree.to_json())
    key = hashlib.blake2b(entries.encode(), digest_size=16).hexdigest()
    db.write(_keep, {"hash": key, "entries": entries})
    return key


def get(db: Database, key: str) -> FileTree:
    """The tree under `key`. Raises `LookupError` for a key that `keep` never gave."""
    if key == NO_FILES:
        return FileTree()
    row = TREES.get(db, key)
    if row is None:
        raise LookupError(f"no file tree {key}")
    return FileTree.from_json(row.entries)


def drop_unused(db: Database, key: str) -> None:
    """Forget the tree under `key` when nothing refers to it any more."""
    db.write(_drop, {"key": key})
