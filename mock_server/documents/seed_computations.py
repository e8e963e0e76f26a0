"""The runs of a seed file."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from mock_server.documents.scenario_model import ScenarioName
from mock_server.documents.seed_parts import Email, Files, Id, Name, Part, SeedMount, Time, VersionNumber
from mock_server.documents.seed_plan import RunPlan


class SeedParameter(Part):
    """A parameter that a past run was given."""

    name: str = ""
    param_name: str | None = None
    value: str


class SeedRunProcess(Part):
    """What a past pipeline run was given for one process."""

    name: Name
    parameters: list[SeedParameter]


class SeedInput(SeedMount):
    """A data asset that a run was given, which may have been deleted since."""

    deleted: bool = False


def _or_a_plan(schema: dict[str, Any]) -> None:
    """A plan tells how long a run takes."""
    schema["anyOf"] = [{"required": ["run_time"]}, {"required": ["plan"]}]


class SeedComputation(Part):
    """A run: a past one that took its `run_time` and ended as its `scenario` says, or one that goes by a `plan`.

    `files` are its results; without them it left what its capsule's runs leave. They are all that there is, unless
    there are last lines of a `log`: the service adds its own files then. A driven run that goes on has its log so far
    among them. A run of a pipeline shows all the pipeline's processes; `processes` adds the parameters that some were
    given.
    """

    model_config = ConfigDict(json_schema_extra=_or_a_plan)

    id: Id
    capsule: Id = Field(description="The capsule or pipeline that was run")
    owner: Email
    created: Time
    run_time: Annotated[int, Field(ge=0, le=2**31)] | None = None
    name: Name | None = None
    scenario: ScenarioName = "succeeds"
    plan: RunPlan | None = None
    version: VersionNumber | None = None
    nextflow_profile: str | None = None
    parameters: list[SeedParameter] = []
    data_assets: list[SeedInput] = []
    processes: list[SeedRunProcess] = []
    log: Annotated[str, Field(max_length=100_000)] | None = None
    files: Files | None = None
    cloud_workstation: bool = Field(default=False, description="A session that goes on until it is deleted")
    private: bool | None = Field(
        default=None, description="Whether it belongs to its owner alone, as runs of a release do if it is not said"
    )

    @property
    def ends_at(self) -> float:
        """When it ends, in Unix seconds."""
        if self.plan is not None:
            return self.plan.plan("computation", self.created).ends_at
        return self.created + (self.run_time or 0)

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.run_time is None) == (self.plan is None):
            raise ValueError("needs exactly one of run_time and plan")
        if self.plan is not None and "scenario" in self.model_fields_set:
            raise ValueError("scenario goes with run_time alone")
        return self
