"""The tables, made from the rows that they hold."""

from types import new_class
from typing import Any, get_origin

from sqlalchemy import JSON, Index, Table, text
from sqlmodel import Field, SQLModel

from mock_server.store import schema
from mock_server.store.columns import Mark, columns, marked
from mock_server.store.index.blocks import Block
from mock_server.store.index.documents import SORTED_BY, Entry


def _table(name: str, row: type[Any], *more: Any) -> Table:
    """The table of a row's columns, with further indexes and options."""
    types = columns(row)
    stored = {*marked(row, Mark.JSON), *marked(row, Mark.PLAN)}
    kinds = {key: "array" if get_origin(types[key]) is list else "object" for key in stored}
    fields = {key: Field(primary_key=True) for key in marked(row, Mark.KEY)}
    fields |= {key: Field(unique=True) for key in marked(row, Mark.UNIQUE)}
    fields |= {key: Field(index=True) for key in marked(row, Mark.INDEXED)}
    fields |= {key: Field(sa_type=JSON, sa_column_kwargs={"info": {"kind": kinds[key]}}) for key in stored}
    content = {
        "__annotations__": types,
        "__doc__": row.__doc__,
        "__module__": __name__,
        "__table_args__": more,
        **fields,
    }
    model = new_class(name, (SQLModel,), {"table": True}, lambda namespace: namespace.update(content))
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def _sorted_by(column: str) -> Index:
    return Index(f"ix_entry_{column}", "kind", column, "id", sqlite_where=text(f"{column} IS NOT NULL"))


WORLD = _table("World", schema.WorldRow)
USERS = _table("User", schema.UserRow)
TOKENS = _table("Token", schema.TokenRow)
GRANTS = _table("Grant", schema.GrantRow)
FAVORITES = _table("Favorite", schema.FavoriteRow)
CAPSULES = _table("Capsule", schema.CapsuleRow)
# One tree keyed by id: a new run touches as few pages as can be.
COMPUTATIONS = _table(
    "Computation",
    schema.ComputationRow,
    Index("ix_computation_tree", "tree", sqlite_where=text("own_tree")),
    {"sqlite_with_rowid": True},
)
DRIVEN = _table("Driven", schema.DrivenRow)
FILE_REFS = _table("FileRef", schema.FileRefRow, Index("ix_fileref_sha256", "sha256"))
DATA_ASSETS = _table("DataAsset", schema.DataAssetRow)
OBJECT_JOBS = _table("ObjectJob", schema.ObjectJobRow)
RELEASE_JOBS = _table("ReleaseJob", schema.ReleaseJobRow)
TREES = _table("Tree", schema.TreeRow)
BUCKETS = _table("Bucket", schema.BucketRow)
SCENARIOS = _table("Scenario", schema.ScenarioRow)
FAULTS = _table("Fault", schema.FaultRow)
BLOCKS = _table("Block", Block)
ENTRIES = _table("Entry", Entry, Index("ix_entry_created", "created", "id", unique=True), *map(_sorted_by, SORTED_BY))
