"""Rows as Python values, and the tables that hold them. Rows are not wire models: services join the two.

Each row is a plain model; the table of the same name inherits its columns. Columns whose type is a list, a dict or a
plan hold JSON.
"""

from typing import Any, ClassVar

from pydantic import SkipValidation
from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from mock_server.clock import Anchor
from mock_server.domain.lifecycle import Plan


class PlanColumn(JSON):
    """A plan as JSON."""


def _json() -> Any:
    return Field(sa_type=JSON)


def _plan() -> Any:
    return Field(sa_type=PlanColumn)


class WorldRow(SQLModel):
    """The world itself: its seed, the number of ids it has given out, and how its clock is tied to real time.

    `origin` says what it was made from, for a reset. `epoch` counts how often it was put back to something else,
    `revision` how often its scenarios and faults were changed.
    """

    id: int = Field(primary_key=True)
    random_seed: int
    ids_given: int
    epoch: int
    revision: int
    origin: dict[str, Any] = _json()
    custom_metadata: dict[str, Any] = _json()
    clock_real: float
    clock_virtual: float
    clock_scale: float
    clock_skipping: bool

    @property
    def anchor(self) -> Anchor:
        """How the clock is tied to real time."""
        return Anchor(self.clock_real, self.clock_virtual, self.clock_scale, self.clock_skipping)


class UserRow(SQLModel):
    """A user; `groups` are names."""

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    admin: bool
    groups: list[str] = _json()


class TokenRow(SQLModel):
    """An access token of a user and the scopes it carries."""

    token: str = Field(primary_key=True)
    user_id: str
    scopes: list[str] = _json()


class GrantRow(SQLModel):
    """A role on one capsule, pipeline or data asset, given to a subject (a user, a group or everyone)."""

    entity_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    role: int


class FavoriteRow(SQLModel):
    """A user's favourite."""

    user_id: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)


class CapsuleRow(SQLModel):
    """A capsule or a pipeline.

    `more` holds the wire fields that the server only passes on, and the authors, `page` the parts of the app panel
    beside its parameters, `workspace` what Git sync and releases have to know.
    """

    id: str = Field(primary_key=True)
    kind: str
    slug: str
    name: str
    owner: str
    created: float
    last_accessed: float | None
    status: str
    description: str | None
    tags: list[str] = _json()
    archived: bool
    more: dict[str, Any] = _json()
    panel: list[dict[str, Any]] = _json()
    page: dict[str, Any] = _json()
    workspace: dict[str, Any] = _json()
    attached: list[dict[str, Any]] = _json()
    processes: list[dict[str, Any]] = _json()
    scenario: str
    tree: str = Field(index=True)


class ComputationRow(SQLModel):
    """A run: its plan, what was asked for, and the files it leaves.

    `tree` are the files that its code writes, `own_tree` when they are not those of the capsule; a `log` (its last
    lines) makes the files that the service adds, and is None when `tree` holds everything. A `released` run belongs to
    its starter alone. `settles` is when the plan ends.
    """

    id: str = Field(primary_key=True)
    capsule_id: str = Field(index=True)
    kind: str
    owner: str
    created: float
    name: str
    plan: SkipValidation[Plan] = _plan()
    asked: dict[str, Any] = _json()
    log: str | None
    released: bool
    cloud_workstation: bool
    tree: str
    own_tree: bool
    settles: float


class DataAssetRow(SQLModel):
    """A data asset: its plan, its files, and `more` for the wire fields that the server only passes on."""

    id: str = Field(primary_key=True)
    name: str
    mount: str
    owner: str
    created: float
    last_used: float
    type: str
    description: str | None
    tags: list[str] = _json()
    archived: bool
    external: bool
    plan: SkipValidation[Plan] = _plan()
    files: int | None
    size: int | None
    tree: str = Field(index=True)
    more: dict[str, Any] = _json()
    settles: float = Field(index=True)


class ReleaseJobRow(SQLModel):
    """A release on its way: its plan, and the version that it makes of the release capsule."""

    id: str = Field(primary_key=True)
    capsule_id: str = Field(index=True)
    release_capsule: str = Field(index=True)
    plan: SkipValidation[Plan] = _plan()
    major_version: int
    error: str | None
    settles: float


class TreeRow(SQLModel):
    """A tree of files under the hash of its content."""

    hash: str = Field(primary_key=True)
    entries: list[dict[str, Any]] = _json()


class BucketRow(SQLModel):
    """A bucket that the seed declares."""

    name: str = Field(primary_key=True)
    origin: str
    public: bool
    tree: str = Field(index=True)


class ScenarioRow(SQLModel):
    """A scenario that was loaded, at its place in the order; `matched` counts what its conditions fitted."""

    place: int = Field(primary_key=True)
    name: str
    kind: str
    spec: dict[str, Any] = _json()
    tree: str
    matched: int


class FaultRow(SQLModel):
    """A fault that is set, at its place in the order."""

    place: int = Field(primary_key=True)
    state: dict[str, Any] = _json()


class World(WorldRow, table=True):
    """One row."""


class User(UserRow, table=True):
    """Users."""


class Token(TokenRow, table=True):
    """Access tokens."""


class Grant(GrantRow, table=True):
    """Roles given on objects."""


class Favorite(FavoriteRow, table=True):
    """Favourites of users."""


class Capsule(CapsuleRow, table=True):
    """Capsules and pipelines."""


class Computation(ComputationRow, table=True):
    """Runs. One tree keyed by id: a new run touches as few pages as can be."""

    __table_args__: ClassVar[Any] = (
        Index("ix_computation_tree", "tree", sqlite_where=text("own_tree")),
        {"sqlite_with_rowid": True},
    )


class DataAsset(DataAssetRow, table=True):
    """Data assets."""


class ReleaseJob(ReleaseJobRow, table=True):
    """Release jobs."""


class Tree(TreeRow, table=True):
    """Trees of files."""


class Bucket(BucketRow, table=True):
    """Declared buckets."""


class Scenario(ScenarioRow, table=True):
    """Loaded scenarios."""


class Fault(FaultRow, table=True):
    """Faults that are set."""
