"""What the JSON columns of the tables hold, put together from the models of answers and documents."""

from base64 import b64decode
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from mock_server.clock import LATEST
from mock_server.documents.result_files import LogTemplate, Results, refuse_plain
from mock_server.documents.seed_model import SeedAuthor
from mock_server.documents.seed_parts import Part, RelativePath, SeedGit, SeedPanelParameter, SeedRelease
from mock_server.domain.lifecycle import FOREVER, refuse_strangers
from mock_server.settings import MAX_TIME_SCALE
from mock_server.wire.capsules import CapsuleVersion, OriginalCapsule
from mock_server.wire.common import MAX_INT64, Count, Number
from mock_server.wire.computations import EndStatus, PipelineProcess
from mock_server.wire.control import Fault, SetClock
from mock_server.wire.data_assets import AppParameter, Provenance, SourceBucket

Time = Annotated[float, Field(ge=0, le=LATEST)]
Whole = Annotated[int, Field(ge=0, le=MAX_INT64)]
Counter = Annotated[int, Field(ge=0, le=2**53)]
"""A number that a server goes on counting from: far from the end of SQLite's integers."""
Seconds = Annotated[float, Field(ge=0, le=FOREVER)]


class Content(Part):
    """Content that the server itself has written: nothing in it is converted, and more may stand beside it."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class Plan(Content):
    """A plan as it is stored."""

    started: Time
    stages: list[tuple[str, Seconds]]
    end: tuple[str, EndStatus | None, int | None, bool, str | None]
    scenario: str = ""
    parts: list[Seconds] = Field(default_factory=list)
    driven: bool = False


def of_kind(kind: str) -> Callable[[Plan], Plan]:
    """The check that a plan is one of computations, data assets, attachments or releases."""

    def check(plan: Plan) -> Plan:
        refuse_strangers(kind, tuple(state for state, _ in plan.stages), plan.end[0])
        return plan

    return check


class Origin(Content):
    """What a world was made from. The clock is that of the request, all of its fields given; `now` is the seed's."""

    seed: str = ""
    time_scale: Annotated[float, Field(gt=0, le=MAX_TIME_SCALE)]
    clock: SetClock | None = None
    now: Time | None = None


class Mount(Content):
    """A data asset and where it appears."""

    id: str
    mount: str


class Attachment(Mount):
    """A data asset attached to a capsule, with its plan when a scenario decided how it goes."""

    job: str | None = None
    plan: Annotated[Plan, AfterValidator(of_kind("attachment"))] | None = None
    empty: bool = False


class PanelParameter(SeedPanelParameter):
    """A parameter of an app panel, its type written out."""

    type: Literal["text", "list", "file"]


class Process(Content):
    """A process of a pipeline."""

    name: str
    capsule_id: str
    version: Whole | None = None
    public: bool
    parameters: list[PanelParameter]


class FolderNote(Content):
    """What does not come from the folder of a capsule, and what was attached in it."""

    own: list[str]
    attached: list[Mount]


class Workspace(Content):
    """What Git sync and releases know of a capsule, and what is kept of its folder."""

    git: SeedGit
    release: SeedRelease
    folder: FolderNote | None = None


class CapsuleExtras(Part):
    """What the API only passes on of a capsule, and its authors."""

    article: dict[str, JsonValue] | None = None
    authors: list[SeedAuthor] = Field(default_factory=list)
    cloned_from_url: str | None = None
    field: str | None = None
    original_capsule: OriginalCapsule | None = None
    release_capsule: str | None = None
    submission: dict[str, JsonValue] | None = None
    versions: list[CapsuleVersion] = Field(default_factory=list)


class Parameter(Content):
    """A parameter that a run was given."""

    name: str
    param_name: str | None = None
    value: str


class Asked(Content):
    """What a run was asked for."""

    parameters: list[Parameter]
    data_assets: list[Mount]
    processes: list[PipelineProcess]
    nextflow_profile: str | None = None
    version: Count | None = None


class Bucket(SourceBucket):
    """The bucket that a data asset came from, by its name."""

    bucket: str


class ContainedAsset(Content):
    """A data asset that a combined one consists of."""

    id: str
    mount: str
    size: Whole


class ObjectsAt(Part):
    """Where objects lie in S3."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    public: bool = False
    own: bool = False


class ObjectWork(Part):
    """With what something is to be done in S3."""

    source: ObjectsAt | None = None
    target: ObjectsAt | None = None
    with_keys: bool = False
    cleans: bool = False


class DataAssetExtras(Part):
    """What the API only passes on of a data asset."""

    app_parameters: list[AppParameter] = Field(default_factory=list)
    contained_data_assets: list[ContainedAsset] = Field(default_factory=list)
    custom_metadata: dict[str, bool | Number | str | list[Number | str]] = Field(default_factory=dict)
    last_transferred: Count | None = None
    nextflow_profile: str | None = None
    objects: ObjectsAt | None = None
    provenance: Provenance | None = None
    source_bucket: Bucket | None = None
    transfer_error: str | None = None


class _Text(Content):
    path: RelativePath
    text: str


class _Binary(Content):
    path: RelativePath
    base64: str


class _Generated(Content):
    path: RelativePath
    generated: str
    size: Whole


class _Simulated(Content):
    path: str
    simulated: str
    files: Whole
    size: Whole


class _StoredPiece(Content):
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Whole


class _BinaryPiece(Content):
    base64: str


class _Stored(_StoredPiece):
    path: RelativePath


class _InBucket(Content):
    path: RelativePath
    object: str
    size: Whole


class _Joined(Content):
    path: RelativePath
    pieces: list[_StoredPiece | _BinaryPiece]


def _readable(entry: Any) -> Any:
    for content in (entry, *getattr(entry, "pieces", ())):
        b64decode(getattr(content, "base64", ""))
    return entry


TreeEntry = Annotated[
    _Text | _Binary | _Generated | _Simulated | _Stored | _InBucket | _Joined, AfterValidator(_readable)
]
"""A file of a tree, or a folder of simulated ones."""


class Templates(Part):
    """What is rendered when a run of a capsule starts."""

    results: Annotated[Results, AfterValidator(refuse_plain)] = Field(default_factory=list)
    log: LogTemplate | None = None


class FaultState(Content):
    """A fault that is set, and what it has counted."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    name: str
    spec: Fault
    set_at: Time
    seen: Counter
    applied: Counter
