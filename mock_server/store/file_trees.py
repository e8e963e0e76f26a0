"""File trees under the hash of their content: captured results share the tree of the run."""

import hashlib
from typing import NamedTuple

from mock_server.domain.files import FileTree
from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import TREES
from mock_server.store.rows import dump

NO_FILES = ""
"""The key of the tree without files; it is stored nowhere."""


class Written(NamedTuple):
    """A tree as it is stored: under which key, its entries as JSON, and the files beside the database that it holds."""

    key: str
    entries: str
    stored_files: tuple[str, ...]


NOTHING = Written(NO_FILES, "", ())
"""The tree without files."""


def written(tree: FileTree) -> Written:
    """`tree` as it is stored."""
    if not tree.entries:
        return NOTHING
    entries = dump(tree.to_json())
    key = hashlib.blake2b(entries.encode(), digest_size=16).hexdigest()
    return Written(key, entries, tuple(tree.stored_files()))


def keep(db: Database, tree: FileTree) -> str:
    """Store `tree` unless it is there already; its hash."""
    return keep_written(db, written(tree))


def keep_written(db: Database, tree: Written) -> str:
    """Store what `written` gave unless it is there already; its hash."""
    # Looking is cheaper than writing: most trees that are captured or copied are there.
    if tree.key != NO_FILES and db.one(sql.IS_TREE_KEPT, {"hash": tree.key}) is None:
        db.write(sql.KEEP_TREE, {"hash": tree.key, "entries": tree.entries})
    for sha256 in tree.stored_files:
        db.write(sql.KEEP_FILE_REF, {"tree": tree.key, "sha256": sha256})
    return tree.key


def get(db: Database, key: str) -> FileTree:
    """The tree under `key`. Raises `LookupError` for a key that `keep` never gave."""
    if key == NO_FILES:
        return FileTree()
    row = TREES.get(db, key)
    if row is None:
        raise LookupError(f"no file tree {key}")
    return FileTree.from_json(row.entries, db.files.read)


def drop_unused(db: Database, key: str) -> None:
    """Forget the tree under `key` when nothing refers to it any more. Files that only it held are removed once that is
    committed (`remove_unreferred`).
    """
    db.write(sql.DROP_TREE, {"key": key})
    db.unreferred.update(sha256 for (sha256,) in db.all(sql.DROP_FILE_REFS, {"key": key}))


def remove_unreferred(db: Database) -> None:
    """Remove the files of trees that were dropped, unless others hold them. Nobody can begin to refer to one meanwhile:
    that takes a transaction.
    """
    db.flush()
    dropped, db.unreferred = db.unreferred, set()
    with db.transaction():
        db.files.remove(name for name in dropped if db.one(sql.IS_FILE_REFERRED_TO, {"sha256": name}) is None)


def remove_strangers(db: Database) -> None:
    """Remove all files that no tree holds: those of a world that was replaced, or whose writer was killed."""
    db.files.sweep()
    if db.files.names():
        db.flush()
        with db.transaction():
            known = referred_to(db)
            db.files.remove(name for name in db.files.names() if name not in known)


def referred_to(db: Database) -> set[str]:
    """The SHA-256 of all files that trees hold."""
    return {sha256 for (sha256,) in db.all(sql.FILES_REFERRED_TO, {})}


def refer_anew(db: Database) -> None:
    """Write which files trees hold from what the trees say."""
    db.write(sql.CLEAR_FILE_REFS, {})
    for row in TREES.query(db, sql.TREES_WITH_FILES, {}):
        for sha256 in FileTree.from_json(row.entries).stored_files():
            db.write(sql.KEEP_FILE_REF, {"tree": row.hash, "sha256": sha256})
