"""File trees under the hash of their content: captured results share the tree of the run."""

import hashlib

from mock_server.domain.files import FileTree
from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import TREES
from mock_server.store.rows import dump

NO_FILES = ""
"""The key of the tree without files; it is stored nowhere."""


def keep(db: Database, tree: FileTree) -> str:
    """Store `tree` unless it is there already; its hash."""
    if not tree.entries:
        return NO_FILES
    entries = dump(tree.to_json())
    key = hashlib.blake2b(entries.encode(), digest_size=16).hexdigest()
    db.write(sql.KEEP_TREE, {"hash": key, "entries": entries})
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
    db.write(sql.DROP_TREE, {"key": key})
