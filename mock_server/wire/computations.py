"""Computations (SDK models/computation.py; docs: computation API page)."""

from typing import Annotated, Literal

from pydantic import Field

from mock_server.wire.common import (
    NO_NUL,
    Absent,
    Count,
    Id,
    Name,
    OptionalList,
    OptionalText,
    Path,
    Request,
    Response,
    Text,
    Version,
)

ComputationState = Literal["initializing", "running", "finalizing", "completed", "failed"]
EndStatus = Literal["succeeded", "failed", "stopped"]
Value = Annotated[str, Field(max_length=4096, pattern=NO_NUL)]
"""A parameter's value; the service takes at most 4096 characters."""
Values = Annotated[list[Value], Field(max_length=1000)]


class Param(Response):
    """A parameter as a run shows it: `name` is the label, `param_name` the argument."""

    name: Absent[str]
    param_name: Absent[str]
    value: Absent[str]


class InputDataAsset(Response):
    """A data asset of a run and the folder below `/data` where it appears."""

    id: str
    mount: Absent[str]


class PipelineProcess(Response):
    """A process of a pipeline run; `name` as it stands in `main.nf`."""

    capsule_id: str
    name: str
    parameters: Absent[list[Param]]
    public: Absent[bool]
    version: Absent[Count]


class Computation(Response):
    """A run. `created` in Unix seconds, `run_time` in seconds; `end_status` and `exit_code` only once it has ended.
    `cloud_workstation` and `has_results` are always sent here, but not by every deployment.

    `version` is not in the SDK's model; the service sends it for runs of a release capsule. `result_size` (bytes)
    is only in the answer of the oldest documented route, `POST /capsules/computations`.
    """

    cloud_workstation: Absent[bool]
    created: Count
    data_assets: Absent[list[InputDataAsset]]
    end_status: Absent[EndStatus]
    exit_code: Absent[int]
    has_results: Absent[bool]
    id: str
    name: str
    nextflow_profile: Absent[str]
    owner: str
    owner_email: Absent[str]
    parameters: Absent[list[Param]]
    processes: Absent[list[PipelineProcess]]
    result_size: Absent[Count]
    run_time: Count
    state: ComputationState
    version: Absent[Count]


class RunDataAsset(Request):
    """A data asset to mount in a run; the asset's own mount when none is given."""

    id: Id
    mount: OptionalText[Annotated[Path, Field(min_length=1)]] = None


class NamedRunParam(Request):
    """A parameter by its name."""

    param_name: Name
    value: Value


NamedValues = Annotated[list[NamedRunParam], Field(max_length=1000)]


class ProcessParams(Request):
    """Parameters for one process of a pipeline."""

    name: Name
    parameters: OptionalList[Values] = None
    named_parameters: OptionalList[NamedValues] = None


class RunParams(Request):
    """What to run: exactly one of `capsule_id` and `pipeline_id`, with data assets and parameters."""

    capsule_id: OptionalText[Id] = None
    pipeline_id: OptionalText[Id] = None
    version: Version | None = None
    resume_run_id: OptionalText[Id] = None
    nextflow_profile: OptionalText[Text] = None
    data_assets: OptionalList[Annotated[list[RunDataAsset], Field(max_length=1000)]] = None
    parameters: OptionalList[Values] = None
    named_parameters: OptionalList[NamedValues] = None
    processes: OptionalList[Annotated[list[ProcessParams], Field(max_length=1000)]] = None
