"""Rows as Python values. Rows are not wire models: services join the two.

The tables that hold them are made from these classes (`store.declared.tables`).
"""

from dataclasses import dataclass
from typing import Any

from mock_server.clock import Anchor
from mock_server.store.columns import Indexed, Json, Key, StoredPlan, Unique


@dataclass
class WorldRow:
    """The world itself: its seed, the number of ids it has given out, and how its clock is tied to real time.

    `origin` says what it was made from, for a reset. `epoch` counts how often it was put back to something else,
    `revision` how often its scenarios and faults were changed.
    """

    id: Key[int]
    random_seed: int
    ids_given: int
    epoch: int
    revision: int
    origin: Json[dict[str, Any]]
    custom_metadata: Json[dict[str, Any]]
    clock_real: float
    clock_virtual: float
    clock_scale: float
    clock_skipping: bool

    @property
    def anchor(self) -> Anchor:
        """How the clock is tied to real time."""
        return Anchor(self.clock_real, self.clock_virtual, self.clock_scale, self.clock_skipping)


@dataclass
class UserRow:
    """A user; `groups` are names."""

    id: Key[str]
    email: Unique[str]
    name: str
    admin: bool
    groups: Json[list[str]]


@dataclass
class TokenRow:
    """An access token of a user and the scopes it carries."""

    token: Key[str]
    user_id: str
    scopes: Json[list[str]]


@dataclass
class GrantRow:
    """A role on one capsule, pipeline or data asset, given to a subject (a user, a group or everyone)."""

    entity_id: Key[str]
    subject: Key[str]
    role: int


@dataclass
class FavoriteRow:
    """A user's favourite."""

    user_id: Key[str]
    entity_id: Key[str]


@dataclass(frozen=True)
class CapsuleRow:
    """A capsule or a pipeline. Rows are remembered and shared, so nothing in one may be changed.

    `more` holds the wire fields that the server only passes on, and the authors, `page` the parts of the app panel
    beside its parameters, `workspace` what Git sync and releases have to know, `folder` is where its code lies, and
    `templates` what its runs leave beside the files of `tree`.
    """

    id: Key[str]
    kind: str
    slug: str
    name: str
    owner: str
    created: float
    last_accessed: float | None
    status: str
    description: str | None
    tags: Json[list[str]]
    archived: bool
    more: Json[dict[str, Any]]
    panel: Json[list[dict[str, Any]]]
    page: Json[dict[str, Any]]
    workspace: Json[dict[str, Any]]
    attached: Json[list[dict[str, Any]]]
    processes: Json[list[dict[str, Any]]]
    scenario: str
    tree: Indexed[str]
    folder: str | None
    templates: Json[dict[str, Any]]


@dataclass
class ComputationRow:
    """A run: its plan, what was asked for, and the files it leaves.

    `tree` are the files that its code writes, `own_tree` when they are not those of the capsule; a `log` (its last
    lines) makes the files that the service adds, and is None when `tree` holds everything. A `released` run belongs to
    its starter alone. `settles` is when the plan ends.
    """

    id: Key[str]
    capsule_id: Indexed[str]
    kind: str
    owner: str
    created: float
    name: str
    plan: StoredPlan
    asked: Json[dict[str, Any]]
    log: str | None
    released: bool
    cloud_workstation: bool
    tree: str
    own_tree: bool
    settles: float


@dataclass
class DrivenRow:
    """A driven run that goes on: the end of its log that is in no file yet, and who executes it.

    `lease` is what the `runner` has to show until the `lapses`, in real time; without one the run is free to be
    claimed. It was claimed `attempts` times, and is offered `retries` times more when its runner is lost.
    """

    id: Key[str]
    tail: bytes
    runner: str | None
    lease: str | None
    lapses: float | None
    attempts: int
    retries: int


@dataclass
class FileRefRow:
    """A file beside the database, named by the SHA-256 of its bytes, that a tree holds."""

    tree: Key[str]
    sha256: Key[str]


@dataclass
class DataAssetRow:
    """A data asset: its plan, its files, and `more` for the wire fields that the server only passes on."""

    id: Key[str]
    name: str
    mount: str
    owner: str
    created: float
    last_used: float
    type: str
    description: str | None
    tags: Json[list[str]]
    archived: bool
    external: bool
    plan: StoredPlan
    files: int | None
    size: int | None
    tree: Indexed[str]
    more: Json[dict[str, Any]]
    settles: Indexed[float]


@dataclass
class ObjectJobRow:
    """What is to be done in S3 for a data asset, one thing at a time: `work` says with what, `begun` whether somebody
    has begun with it.
    """

    id: Key[str]
    kind: str
    work: Json[dict[str, Any]]
    begun: bool


@dataclass
class ReleaseJobRow:
    """A release on its way: its plan, and the version that it makes of the release capsule."""

    id: Key[str]
    capsule_id: Indexed[str]
    release_capsule: Indexed[str]
    plan: StoredPlan
    major_version: int
    error: str | None
    settles: float


@dataclass
class TreeRow:
    """A tree of files under the hash of its content."""

    hash: Key[str]
    entries: Json[list[dict[str, Any]]]


@dataclass
class BucketRow:
    """A bucket that the seed declares."""

    name: Key[str]
    origin: str
    public: bool
    tree: Indexed[str]


@dataclass
class ScenarioRow:
    """A scenario that was loaded, at its place in the order; `matched` counts what its conditions fitted."""

    place: Key[int]
    name: str
    kind: str
    spec: Json[dict[str, Any]]
    tree: str
    matched: int


@dataclass
class FaultRow:
    """A fault that is set, at its place in the order."""

    place: Key[int]
    state: Json[dict[str, Any]]
