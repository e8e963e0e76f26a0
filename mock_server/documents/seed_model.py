"""What a seed file holds. The published JSON Schema, `docs/seed.schema.json`, is made from these models."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from mock_server.documents.result_files import LogTemplate, Results
from mock_server.documents.scenario_model import ScenarioName, ScenarioSpec
from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_parts import (
    Email,
    Files,
    Id,
    Name,
    Number,
    Part,
    RelativePath,
    Seconds,
    SeedAppPanel,
    SeedGit,
    SeedMount,
    SeedOriginalCapsule,
    SeedPanelParameter,
    SeedProvenance,
    SeedRelease,
    SeedSimulated,
    SeedVersion,
    Size,
    Time,
    VersionNumber,
)
from mock_server.documents.seed_plan import AttachmentPlan, DataAssetPlan, ReleasePlan
from mock_server.domain.access import SCOPES
from mock_server.input_errors.words import patterned


class SeedUser(Part):
    """A user. The id is what `owner` shows."""

    id: Id
    email: Email
    name: Name
    admin: bool = False


class SeedGroup(Part):
    """A group of users, by their e-mail addresses."""

    name: Name
    members: list[Email] = []


TOKEN = patterned(
    r"^[!-9;-?A-~]{1,200}$",
    "must be letters, digits and punctuation without spaces, colons and @, at most 200 characters",
)


class SeedToken(Part):
    """An access token of a user. Without `scopes` it carries all of them."""

    token: Annotated[str, Field(pattern=TOKEN, description="no spaces, no colon, no @")]
    user: Email
    scopes: list[Literal[*SCOPES]] = list(SCOPES)  # type: ignore[valid-type]


class SeedGrant(Part):
    """A role for one of `user`, `group` and everyone."""

    role: Literal["owner", "editor", "viewer", "discoverable"]
    user: Email | None = None
    group: Name | None = None
    everyone: bool = False

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if sum((self.user is not None, self.group is not None, self.everyone)) != 1:
            raise ValueError("needs exactly one of user, group and everyone: true")
        if self.everyone and self.role not in ("viewer", "discoverable"):
            raise ValueError("everyone can be viewer or discoverable")
        if self.user is not None and self.role == "discoverable":
            raise ValueError("a user can be owner, editor or viewer")
        return self


class SeedAuthor(Part):
    """An author of a capsule. The API does not show authors, but searches find capsules by them."""

    name: Name
    affiliation: Name | None = None


class SeedAttachment(SeedMount):
    """A data asset that is attached. With a `plan` it is mounted as that says, by the `job`; one that is `empty` is
    called mounted, and nothing is there.
    """

    job: Id | None = None
    plan: AttachmentPlan | None = None
    empty: bool = False

    @model_validator(mode="after")
    def _by_a_job(self) -> Self:
        if (self.job is None) != (self.plan is None):
            raise ValueError("job and plan go together")
        return self


class SeedReleaseJob(Part):
    """A job that makes, or has made, a version of the release capsule."""

    id: Id
    major_version: VersionNumber
    plan: ReleasePlan


NEEDED_WITHOUT_FOLDER = ("id", "slug", "name", "owner", "created")


def _or_a_folder(schema: dict[str, Any]) -> None:
    """A folder gives what a capsule without one has to say."""
    needed = [name for name in schema["required"] if name in NEEDED_WITHOUT_FOLDER]
    schema["anyOf"] = [{"required": needed}, {"required": ["folder"]}]
    del schema["required"]


class SeedCapsule(Part):
    """A capsule: what the API shows of it, how its runs go (`scenario`) and which files they leave (`results`).
    `log_template` is the log of those that leave them.
    """

    model_config = ConfigDict(json_schema_extra=_or_a_folder)

    id: Id
    slug: Annotated[str, Field(pattern=patterned(r"^[0-9]{7}$", "must be 7 digits"))]
    name: Name
    owner: Email
    created: Time
    last_accessed: Time | None = None
    description: str | None = None
    field: str | None = None
    tags: list[Name] = []
    cloned_from_url: str | None = None
    article: dict[str, JsonValue] | None = None
    authors: list[SeedAuthor] = []
    original_capsule: SeedOriginalCapsule | None = None
    release_capsule: Id | None = None
    submission: dict[str, JsonValue] | None = None
    versions: list[SeedVersion] = []
    status: Literal["non_release", "release"] = "non_release"
    archived: bool = False
    app_panel: SeedAppPanel | None = None
    git: SeedGit = SeedGit()
    release: SeedRelease = SeedRelease()
    release_jobs: list[SeedReleaseJob] = []
    parameters: list[SeedPanelParameter] = []
    data_assets: list[SeedAttachment] = []
    scenario: ScenarioName = "succeeds"
    results: Results = []
    log_template: LogTemplate | None = None
    permissions: list[SeedGrant] = []
    folder: Name | None = Field(
        default=None, description="A folder with its code, from the file's own folder; it gives what is not said here"
    )


class SeedProcess(Part):
    """A process of a pipeline, named as in `main.nf`, and the capsule that it runs."""

    name: Name
    capsule_id: Id
    version: VersionNumber | None = None
    public: bool = False
    parameters: list[SeedPanelParameter] = []


def _no_folder(_: Any) -> None:
    raise ValueError("a pipeline is played, and has no folder")


class SeedPipeline(SeedCapsule):
    """A pipeline: a capsule with processes, and without a folder: it is played."""

    folder: Annotated[None, BeforeValidator(_no_folder)] = None
    processes: list[SeedProcess] = []


class SeedSourceBucket(Part):
    """The bucket that a data asset came from."""

    origin: Literal["aws", "gcp", "local"]
    bucket: str = ""
    prefix: str = ""
    external: bool = False


class SeedContainedAsset(SeedMount):
    """A part of a combined data asset; its `size` in bytes."""

    size: Size


class SeedAppParameter(Part):
    """A parameter of the run that made a result."""

    name: str
    value: str


class SeedDataAsset(Part):
    """A data asset, which is ready unless a `plan` says something else. Its content is `files`, and what is `simulated`
    beside them, or what the run `captured_from` has left; a combined one has `contained_data_assets`.
    """

    id: Id
    name: Name
    mount: RelativePath
    owner: Email
    created: Time
    last_used: Time = 0
    type: Literal["dataset", "result", "model", "combined"] = "dataset"
    plan: DataAssetPlan | None = None
    description: str | None = None
    tags: list[Name] = []
    archived: bool = False
    custom_metadata: dict[str, str | Number | bool | list[str | Number]] | None = None
    source_bucket: SeedSourceBucket | None = None
    provenance: SeedProvenance | None = None
    app_parameters: list[SeedAppParameter] = []
    nextflow_profile: str | None = None
    contained_data_assets: list[SeedContainedAsset] = []
    last_transferred: Seconds | None = None
    transfer_error: str | None = None
    files: Files = []
    simulated: SeedSimulated | None = None
    captured_from: Id | None = Field(
        default=None, description="The run whose results it holds; its provenance and app parameters are that run's"
    )
    favorite_of: list[Email] = []
    permissions: list[SeedGrant] = []

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        taken = {"files", "simulated", "provenance", "app_parameters", "nextflow_profile"} & self.model_fields_set
        if self.captured_from is not None and taken:
            raise ValueError(f"captured_from gives {' and '.join(sorted(taken))}")
        if self.captured_from is not None and self.type != "result":
            raise ValueError("captured_from goes with the type result")
        combined = self.type == "combined"
        if combined != bool(self.contained_data_assets):
            raise ValueError("combined and contained_data_assets go together")
        if combined and (self.files or self.simulated):
            raise ValueError("a combined data asset has no files of its own")
        return self


class SeedBucket(Part):
    """A bucket that data assets can be made from; a private one refuses `public: true`."""

    name: Name
    origin: Literal["aws", "gcp"] = "aws"
    public: bool = True
    files: Files = []
    simulated: SeedSimulated | None = None


class SeedRange(Part):
    """The least and the greatest value."""

    min: float | None = None
    max: float | None = None


class SeedMetadataField(Part):
    """A custom metadata field of the deployment."""

    name: Name
    type: Literal["string", "number", "date"]
    range: SeedRange | None = None
    allowed_values: list[str] | list[float] | None = None
    multiple: bool | None = None
    units: str | None = None
    category: str | None = None
    required: bool | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        texts = self.type == "string"
        if self.range is not None and texts:
            raise ValueError("a string has no range")
        if self.range and None not in (self.range.min, self.range.max) and self.range.min > self.range.max:  # type: ignore[operator]
            raise ValueError("the range is empty")
        if any(isinstance(value, str) != texts for value in self.allowed_values or ()):
            raise ValueError(f"allowed_values are not of the type {self.type}")
        return self


class SeedMetadata(Part):
    """The deployment's custom metadata. Without fields, data assets take all."""

    fields: list[SeedMetadataField] = []
    categories: list[Name] = []
    enforced: bool = Field(
        default=True, description="Whether the data assets of this file keep to them; later ones always must"
    )


MOST_IDS: int = 2**52
"""The most ids that a seed file says were drawn: a server goes on counting from there."""


class SeedFileModel(Part):
    """A world to start from."""

    model_config = ConfigDict(title="codeocean-mock seed file", extra="forbid", defer_build=True)

    version: Literal[1]
    now: Time | None = Field(
        default=None, description="Where the clock begins, in Unix seconds; at the real time if it is not said"
    )
    ids_given: Annotated[int, Field(ge=0, le=MOST_IDS)] = Field(
        default=0, description="How many ids the world has drawn by now, so that new ones are others"
    )
    users: list[SeedUser]
    groups: list[SeedGroup] = []
    custom_metadata: SeedMetadata = SeedMetadata()
    tokens: list[SeedToken]
    capsules: list[SeedCapsule] = []
    pipelines: list[SeedPipeline] = []
    data_assets: list[SeedDataAsset] = []
    computations: list[SeedComputation] = []
    buckets: list[SeedBucket] = []
    scenarios: list[ScenarioSpec] = []
    forgotten_scenarios: list[ScenarioName] = Field(
        default=[], description="Names that capsules and tags may have although there is no such scenario any more"
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of seed files, for editors and validators."""
    schema = SeedFileModel.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
