"""What a seed file holds. The published JSON Schema, `docs/seed.schema.json`, is made from these models."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from mock_server.documents.scenario_model import ScenarioName, ScenarioSpec
from mock_server.documents.seed_parts import (
    Email,
    Files,
    Id,
    Name,
    Part,
    RelativePath,
    Results,
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
    VersionNumber,
)
from mock_server.domain.access import SCOPES


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


class SeedToken(Part):
    """An access token of a user. Without `scopes` it carries all of them."""

    token: Annotated[str, Field(pattern=r"^[!-9;-?A-~]{1,200}$", description="no spaces, no colon, no @")]
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


NEEDED_WITHOUT_FOLDER = ("id", "slug", "name", "owner", "created")


def _or_a_folder(schema: dict[str, Any]) -> None:
    """A folder gives what a capsule without one has to say."""
    needed = [name for name in schema["required"] if name in NEEDED_WITHOUT_FOLDER]
    schema["anyOf"] = [{"required": needed}, {"required": ["folder"]}]
    del schema["required"]


class SeedCapsule(Part):
    """A capsule: what the API shows of it, how its runs go (`scenario`) and which files they leave (`results`)."""

    model_config = ConfigDict(json_schema_extra=_or_a_folder)

    id: Id
    slug: Annotated[str, Field(pattern=r"^[0-9]{7}$")]
    name: Name
    owner: Email
    created: Seconds
    last_accessed: Seconds | None = None
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
    parameters: list[SeedPanelParameter] = []
    data_assets: list[SeedMount] = []
    scenario: ScenarioName = "succeeds"
    results: Results = []
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


class SeedParameter(Part):
    """A parameter that a past run was given."""

    name: str = ""
    param_name: str | None = None
    value: str


class SeedRunProcess(Part):
    """What a past pipeline run was given for one process."""

    name: Name
    parameters: list[SeedParameter]


class SeedComputation(Part):
    """A past run. `files` are its results; without them it left what its capsule's runs leave.

    A run of a pipeline shows all the pipeline's processes; `processes` adds the parameters that some were given.
    """

    id: Id
    capsule: Id = Field(description="The capsule or pipeline that was run")
    owner: Email
    created: Seconds
    run_time: Annotated[int, Field(ge=0, le=2**31)]
    name: Name | None = None
    scenario: ScenarioName = "succeeds"
    parameters: list[SeedParameter] = []
    data_assets: list[SeedMount] = []
    processes: list[SeedRunProcess] = []
    files: Files | None = None
    cloud_workstation: bool = Field(default=False, description="A session that goes on until it is deleted")


class SeedSourceBucket(Part):
    """The bucket that a data asset came from."""

    origin: Literal["aws", "gcp", "local"]
    bucket: str = ""
    prefix: str = ""
    external: bool = False


class SeedDataAsset(Part):
    """A data asset that is ready. Its content is `files`, or `simulated`."""

    id: Id
    name: Name
    mount: RelativePath
    owner: Email
    created: Seconds
    last_used: Seconds = 0
    type: Literal["dataset", "result", "model"] = "dataset"
    description: str | None = None
    tags: list[Name] = []
    archived: bool = False
    custom_metadata: dict[str, str | int | float | bool | list[str | int | float]] | None = None
    source_bucket: SeedSourceBucket | None = None
    provenance: SeedProvenance | None = None
    files: Files = []
    simulated: SeedSimulated | None = None
    favorite_of: list[Email] = []
    permissions: list[SeedGrant] = []

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if self.files and self.simulated:
            raise ValueError("needs either files or simulated, not both")
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


class SeedFileModel(Part):
    """A world to start from."""

    model_config = ConfigDict(title="codeocean-mock seed file", extra="forbid")

    version: Literal[1]
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


def json_schema() -> dict[str, Any]:
    """The JSON Schema of seed files, for editors and validators."""
    schema = SeedFileModel.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
