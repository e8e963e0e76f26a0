"""Data assets (SDK models/data_asset.py; docs: data asset API page)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.json_schema import SkipJsonSchema

from mock_server.wire.common import (
    Absent,
    Count,
    Id,
    Limit,
    Name,
    Number,
    Offset,
    OptionalList,
    OptionalObject,
    OptionalText,
    Ownership,
    Path,
    Request,
    Response,
    SchemaOf,
    SortOrder,
    Text,
    TextBool,
    TextVersion,
)
from mock_server.wire.search import Filters, Query

DataAssetState = Literal["draft", "ready", "failed"]
DataAssetType = Literal["dataset", "result", "combined", "model"]
SortField = Literal["created", "type", "name", "size"]
Tags = Annotated[list[Name], Field(max_length=1000)]
Mount = Annotated[Path, Field(min_length=1)]
_values: TypeAdapter[Any] = TypeAdapter(Text | Number | bool | list[Text | Number] | None, config=Request.model_config)


def _metadata_value(value: Any) -> Any:
    """One message for what a union of types would tell in one message a type."""
    try:
        return _values.validate_python(value)
    except ValidationError:
        raise ValueError("has to be a text, a finite number, true or false, or a list of texts and numbers") from None


def _constrain_keys(schema: dict[str, Any]) -> None:
    """Pydantic writes a pattern for keys as `patternProperties`, which lets every other key pass."""
    [(pattern, values)] = schema.pop("patternProperties").items()
    schema["additionalProperties"] = values
    schema["propertyNames"] = {"minLength": 1, "maxLength": 1000, "pattern": pattern}


MetadataValue = Annotated[Any, AfterValidator(_metadata_value), SchemaOf(_values)]
CustomMetadata = Annotated[dict[Name, MetadataValue], Field(json_schema_extra=_constrain_keys)]
"""Values by field name; which fields there are is the deployment's choice."""


class Provenance(Response):
    """Where a result comes from. `docker_image` is empty for pipelines; `data_assets` is left out without inputs."""

    capsule: Absent[str]
    commit: Absent[str]
    computation: Absent[str]
    data_assets: Absent[list[str]]
    docker_image: Absent[str]
    run_script: Absent[str]


class SourceBucket(Response):
    """The bucket that a data asset was made from, or lives in when `external` is true."""

    bucket: Absent[str]
    external: Absent[bool]
    origin: Literal["aws", "gcp", "local"]
    prefix: Absent[str]


class AppParameter(Response):
    """A parameter of the run that made a result."""

    name: Absent[str]
    value: Absent[str]


class ContainedDataAsset(Response):
    """A part of a combined data asset; `size` in bytes."""

    id: Absent[str]
    mount: Absent[str]
    size: Absent[Count]


class DataAsset(Response):
    """A data asset. Times in Unix seconds, `last_used` 0 when never; `size` in bytes."""

    app_parameters: Absent[list[AppParameter]]
    contained_data_assets: Absent[list[ContainedDataAsset]]
    created: Count
    custom_metadata: Absent[dict[str, Any]]
    description: Absent[str]
    failure_reason: Absent[str]
    files: Absent[Count]
    id: str
    last_transferred: Absent[Count]
    last_used: Count
    mount: str
    name: str
    nextflow_profile: Absent[str]
    owner: str
    owner_email: Absent[str]
    provenance: Absent[Provenance]
    size: Absent[Count]
    source_bucket: Absent[SourceBucket]
    state: DataAssetState
    tags: Absent[list[str]]
    transfer_error: Absent[str]
    type: DataAssetType


class AWSS3Source(Request):
    """An S3 bucket."""

    bucket: Name
    prefix: OptionalText[Path] = None
    keep_on_external_storage: bool | None = None
    public: TextBool | None = None
    endpoint_name: OptionalText[Text] = None
    use_input_bucket: bool | None = None
    # Of the oldest documentation. Without S3 they are ignored, whatever they are.
    access_key_id: SkipJsonSchema[Any] = None
    secret_access_key: SkipJsonSchema[Any] = None
    index_data: SkipJsonSchema[Any] = None


class GCPCloudStorageSource(Request):
    """A Google Cloud Storage bucket."""

    bucket: Name
    prefix: OptionalText[Path] = None
    client_id: OptionalText[Text] = None
    client_secret: OptionalText[Text] = None


class ComputationSource(Request):
    """The results of a run, all of them or what is at `path`."""

    id: Id
    path: OptionalText[Path] = None


class CloudWorkstationSource(Request):
    """A folder of a cloud workstation. A `run_script` makes the data asset a result."""

    id: Id
    path: Annotated[Path, Field(min_length=1)]
    run_script: OptionalText[Text] = None


class Source(Request):
    """Where a data asset comes from: exactly one of these."""

    aws: OptionalObject[AWSS3Source] = None
    gcp: OptionalObject[GCPCloudStorageSource] = None
    computation: OptionalObject[ComputationSource] = None
    cloud_workstation: OptionalObject[CloudWorkstationSource] = None


class AWSS3Target(Request):
    """Where in S3 the files are put."""

    bucket: Name
    endpoint_name: OptionalText[Text] = None
    prefix: OptionalText[Path] = None


class Target(Request):
    """Where the files are kept outside of Code Ocean."""

    aws: OptionalObject[AWSS3Target] = None


class ResultsParam(Request):
    """A parameter of the run that made an external result."""

    name: Text | None = None
    param_name: Text | None = None
    value: Text | None = None


class ResultsProcess(Request):
    """A process of the pipeline run that made an external result."""

    name: Name
    capsule_id: Id
    version: TextVersion | None = None
    public: bool | None = None
    parameters: OptionalList[Annotated[list[ResultsParam], Field(max_length=1000)]] = None


class ResultsInfo(Request):
    """The lineage of files in a bucket that some run has made; it makes the data asset a result."""

    capsule_id: OptionalText[Id] = None
    pipeline_id: OptionalText[Id] = None
    version: TextVersion | None = None
    commit: OptionalText[Text] = None
    run_script: OptionalText[Text] = None
    data_assets: OptionalList[Annotated[list[Id], Field(max_length=1000)]] = None
    parameters: OptionalList[Annotated[list[ResultsParam], Field(max_length=1000)]] = None
    nextflow_profile: OptionalText[Text] = None
    processes: OptionalList[Annotated[list[ResultsProcess], Field(max_length=1000)]] = None


class DataAssetParams(Request):
    """A data asset to create: from one `source`, or combined from `data_asset_ids`."""

    name: Name
    tags: Tags
    mount: Mount
    description: OptionalText[Text] = None
    source: OptionalObject[Source] = None
    target: OptionalObject[Target] = None
    results_info: OptionalObject[ResultsInfo] = None
    custom_metadata: OptionalObject[CustomMetadata] = None
    data_asset_ids: OptionalList[Annotated[list[Id], Field(max_length=1000)]] = None


class TransferDataParams(Request):
    """Where to move the files; `force` even when a released pipeline uses them."""

    target: Target
    force: bool | None = None


class DataAssetUpdateParams(Request):
    """What to change; null or missing keeps what is there."""

    name: OptionalText[Name] = None
    description: Text | None = None
    tags: Tags | None = None
    mount: OptionalText[Mount] = None
    custom_metadata: CustomMetadata | None = None


class DataAssetSearchParams(Request):
    """What to search for. `next_token` wins over `offset`, which may also be called `from`."""

    query: OptionalText[Query] = None
    next_token: OptionalText[Text] = None
    offset: Offset | None = None
    from_: Offset | None = Field(default=None, alias="from")
    limit: Limit | None = None
    sort_field: OptionalText[SortField] = None
    sort_order: OptionalText[SortOrder] = None
    type: OptionalText[DataAssetType] = None
    ownership: OptionalText[Ownership] = None
    origin: OptionalText[Literal["internal", "external"]] = None
    favorite: bool | None = None
    archived: bool | None = None
    filters: OptionalList[Filters] = None


class DataAssetSearchResults(Response):
    """A page of data assets; `next_token` leads to the next one. `total` only in the old GET search."""

    has_more: bool
    next_token: Absent[str]
    results: list[DataAsset]
    total: Absent[Count]
