"""The rows of all tables as they have to be: SQLite keeps what was written, whatever the type of a column is."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Json, StringConstraints, TypeAdapter, model_validator

from mock_server.documents.scenario_model import ScenarioSpec
from mock_server.documents.seed_model import SeedMetadata
from mock_server.documents.seed_parts import SeedAppPanel
from mock_server.domain.access import EVERYONE, SCOPES, Role, user_subject
from mock_server.domain.lifecycle import STAGES
from mock_server.settings import MAX_RANDOM_SEED, MAX_TIME_SCALE
from mock_server.store.queries import WORLD_ID
from mock_server.wire.capsules import CapsuleStatus
from mock_server.wire.common import Number
from mock_server.wire.data_assets import DataAssetType
from mock_server.world_check import contents
from mock_server.world_check.contents import Content, Counter, Time, Whole

Flag = Literal[0, 1]
Kind = Literal["capsule", "pipeline"]
Place = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Settles = Annotated[float, Field(ge=0)]
Subject = Annotated[str, StringConstraints(pattern=r"^(?s:everyone|user:.+|group:.+)$")]
Tags = Json[list[str]]


class World(Content):
    """The world itself."""

    id: Literal[WORLD_ID]  # type: ignore[valid-type]
    random_seed: Annotated[int, Field(ge=0, le=MAX_RANDOM_SEED)]
    ids_given: Counter
    epoch: Counter
    revision: Counter
    origin: Json[contents.Origin]
    custom_metadata: Json[SeedMetadata]
    clock_real: float
    clock_virtual: Time
    clock_scale: Annotated[float, Field(ge=0, le=MAX_TIME_SCALE)]
    clock_skipping: Flag


class User(Content):
    """A user."""

    id: str
    email: str
    name: str
    admin: Flag
    groups: Json[list[str]]


class Token(Content):
    """An access token."""

    token: str
    user_id: str
    scopes: Json[list[Literal[*SCOPES]]]  # type: ignore[valid-type]


class Grant(Content):
    """A role on an object."""

    entity_id: str
    subject: Subject
    role: Literal[*(int(role) for role in Role if role > Role.NONE)]  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _can_be_shown(self) -> Self:
        if self.subject == EVERYONE and self.role > Role.VIEWER:
            raise ValueError("everyone can be viewer or discoverable")
        if self.subject.startswith(user_subject("")) and self.role == Role.DISCOVERABLE:
            raise ValueError("a user can be owner, editor or viewer")
        return self


class Favorite(Content):
    """A user's favourite."""

    user_id: str
    entity_id: str


class Capsule(Content):
    """A capsule or a pipeline."""

    id: str
    kind: Kind
    slug: str
    name: str
    owner: str
    created: Time
    last_accessed: Time | None
    status: CapsuleStatus
    description: str | None
    tags: Tags
    archived: Flag
    more: Json[contents.CapsuleExtras]
    panel: Json[list[contents.PanelParameter]]
    page: Json[SeedAppPanel]
    workspace: Json[contents.Workspace]
    attached: Json[list[contents.Attachment]]
    processes: Json[list[contents.Process]]
    scenario: str
    tree: str
    folder: str | None
    templates: Json[contents.Templates]


class Computation(Content):
    """A run."""

    id: str
    capsule_id: str
    kind: Kind
    owner: str
    created: Time
    name: str
    plan: Json[Annotated[contents.Plan, AfterValidator(contents.of_kind("computation"))]]
    asked: Json[contents.Asked]
    log: str | None
    released: Flag
    cloud_workstation: Flag
    tree: str
    own_tree: Flag
    settles: Settles


class Driven(Content):
    """A driven run that goes on."""

    id: str
    tail: bytes
    runner: str | None
    lease: str | None
    lapses: float | None
    attempts: Counter
    retries: Counter


class FileRef(Content):
    """A file beside the database that a tree holds."""

    tree: str
    sha256: str


class DataAsset(Content):
    """A data asset."""

    id: str
    name: str
    mount: str
    owner: str
    created: Time
    last_used: Time
    type: DataAssetType
    description: str | None
    tags: Tags
    archived: Flag
    external: Flag
    plan: Json[Annotated[contents.Plan, AfterValidator(contents.of_kind("data_asset"))]]
    files: Whole | None
    size: Whole | None
    tree: str
    more: Json[contents.DataAssetExtras]
    settles: Settles


class ReleaseJob(Content):
    """A release on its way."""

    id: str
    capsule_id: str
    release_capsule: str
    plan: Json[Annotated[contents.Plan, AfterValidator(contents.of_kind("release"))]]
    major_version: Counter
    error: str | None
    settles: Settles


class Tree(Content):
    """A tree of files."""

    hash: str
    entries: Json[list[contents.TreeEntry]]


class Bucket(Content):
    """A declared bucket."""

    name: str
    origin: Literal["aws", "gcp"]
    public: Flag
    tree: str


class Scenario(Content):
    """A loaded scenario."""

    place: Place
    name: str
    kind: Literal[*STAGES]  # type: ignore[valid-type]
    spec: Json[ScenarioSpec]
    tree: str
    matched: Counter


class Fault(Content):
    """A fault that is set."""

    place: Place
    state: Json[contents.FaultState]


class Entry(Content):
    """An object in the search index."""

    doc: Annotated[int, Field(ge=1, le=2**53)]
    id: str
    kind: Literal["capsule", "data_asset", "pipeline"]
    created: Whole
    name: str
    type: str | None
    size: Whole | None
    last_accessed: Whole | None
    folded_name: str
    name_words: str
    tags_words: str
    description_words: str
    more_words: str
    facets: str
    numbers: Json[list[tuple[str, Number]]]


class Block(Content):
    """The mark of a block of entries."""

    number: Counter
    mark: Counter


class ObjectJob(Content):
    """What is to be done in S3 for a data asset."""

    id: str
    kind: Literal["count", "point", "copy", "put", "fill", "capture", "transfer", "remove"]
    work: Json[contents.ObjectWork]
    begun: Flag

    @model_validator(mode="after")
    def _has_its_places(self) -> Self:
        """Raise `ValueError` unless it says from where something comes, and whereto it goes, that is not obvious."""
        if self.kind in ("count", "point", "copy") and self.work.source is None:
            raise ValueError("has no source")
        if self.kind in ("capture", "transfer") and self.work.target is None:
            raise ValueError("has no target")
        return self


class Moves(Content):
    """How often entries were renumbered."""

    count: Counter


class Stale(Content):
    """An object whose entry has to be written anew."""

    id: str


_ROWS: dict[str, type[Content]] = {
    "world": World,
    "user": User,
    "token": Token,
    "grant": Grant,
    "favorite": Favorite,
    "capsule": Capsule,
    "computation": Computation,
    "driven": Driven,
    "fileref": FileRef,
    "dataasset": DataAsset,
    "objectjob": ObjectJob,
    "releasejob": ReleaseJob,
    "tree": Tree,
    "bucket": Bucket,
    "scenario": Scenario,
    "fault": Fault,
    "entry": Entry,
    "block": Block,
    "moves": Moves,
    "stale": Stale,
}

ROWS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(list[row]) for name, row in _ROWS.items()}  # type: ignore[valid-type]
"""The check of some rows of each table."""
