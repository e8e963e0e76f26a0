"""What a scenario file holds. Its JSON Schema is printed by `codeocean-mock scenarios schema`."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from mock_server.documents.result_files import LogTemplate, Results
from mock_server.documents.seed_parts import AnyOf, Name, Part
from mock_server.domain import durations
from mock_server.domain.lifecycle import STAGES
from mock_server.domain.naming import NAME_PATTERN, NAME_WORDS
from mock_server.input_errors.words import patterned

ScenarioName = Annotated[str, Field(pattern=patterned(f"^{NAME_PATTERN}$", NAME_WORDS))]
Number = Annotated[int, Field(ge=1, le=2**31)]


def _span(written: Any) -> Any:
    """A fixed length as a range of one, and durations in words as seconds."""
    if isinstance(written, list):
        return [durations.seconds(end) if isinstance(end, str | int | float) else end for end in written]
    if isinstance(written, str | int | float):
        return [durations.seconds(written)] * 2
    return written


Span = Annotated[
    tuple[float, float],
    BeforeValidator(_span, json_schema_input_type=float | str | list[float | str]),
    AfterValidator(durations.ordered),
    Field(description="Seconds, text such as 90s or 1h30m, or a range [low, high] that is drawn from"),
]


class ScenarioWhen(Part):
    """When a scenario is chosen: all that is given must hold. `nth`, `first` and `every` count what fits the rest."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, defer_build=True)

    capsule: Name | None = Field(default=None, description="The id of a capsule")
    pipeline: Name | None = Field(default=None, description="The id of a pipeline")
    tag: Name | None = Field(default=None, description="A tag of the capsule, pipeline or data asset")
    name: Name | None = Field(default=None, description="Its name, as a pattern with * and ?")
    parameter: dict[Name, str] = Field(
        default_factory=dict,
        description="Values that a run is given, or comparisons such as > 100, by argument, label or place",
    )
    nth: Number | None = None
    first: Number | None = None
    every: Number | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError('needs at least one condition; name: "*" holds for everything')
        if self.capsule is not None and self.pipeline is not None:
            raise ValueError("needs at most one of capsule and pipeline")
        if sum(count is not None for count in (self.nth, self.first, self.every)) > 1:
            raise ValueError("needs at most one of nth, first and every")
        return self


class _Scenario(Part):
    name: ScenarioName
    like: ScenarioName | None = Field(default=None, description="The scenario that this one differs from: succeeds")
    when: ScenarioWhen | None = None
    mix: dict[ScenarioName, Annotated[int, Field(ge=0, le=2**31)]] | None = Field(
        default=None, description="Other scenarios with weights; one is drawn each time"
    )

    @model_validator(mode="after")
    def _only_a_mix(self) -> Self:
        if self.mix is not None and self.model_fields_set - {"name", "kind", "when", "mix"}:
            raise ValueError("mix goes with nothing but name, kind and when")
        if self.mix is not None and not sum(self.mix.values()):
            raise ValueError("mix needs a weight above 0")
        return self


class ComputationScenario(_Scenario):
    """How runs go. `state` and what follows tell the end; `own_results` says whether the capsule's own files are left,
    `results` and `directory` add some.
    """

    kind: Literal["computation"] = "computation"
    initializing: Span | None = None
    running: Span | None = None
    finalizing: Span | None = None
    stuck_in: Literal[*STAGES["computation"]] | None = None  # type: ignore[valid-type]
    state: Literal["completed", "failed"] | None = None
    end_status: Literal["succeeded", "failed", "stopped"] | None = None
    exit_code: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    has_results: bool | None = None
    own_results: bool | None = None
    log: Annotated[str, Field(max_length=100_000)] | None = None
    log_template: LogTemplate | None = None
    # A factory: an empty list as default is copied for each, which takes longer than all other checks.
    results: Results = Field(default_factory=list)
    directory: Name | None = Field(default=None, description="A folder with result files, from the file's own folder")

    @model_validator(mode="after")
    def _results_are_there(self) -> Self:
        if self.has_results is False and (self.results or self.directory):
            raise ValueError("results are given, but has_results is false")
        if self.log is not None and self.log_template is not None:
            raise ValueError("needs at most one of log and log_template")
        return self


class DataAssetScenario(_Scenario):
    """How data assets are made. A `failure_reason` makes them fail."""

    kind: Literal["data_asset"]
    draft: Span | None = None
    stuck_in: Literal[*STAGES["data_asset"]] | None = None  # type: ignore[valid-type]
    failure_reason: Annotated[str, Field(max_length=1000)] | None = None


class AttachmentScenario(_Scenario):
    """How data assets are mounted. Runs that start before they are, or after they failed, do not find the folder."""

    kind: Literal["attachment"]
    mounting: Span | None = None
    stuck_in: Literal[*STAGES["attachment"]] | None = None  # type: ignore[valid-type]
    failure_reason: Annotated[str, Field(max_length=1000)] | None = None


class ReleaseScenario(_Scenario):
    """How release jobs go."""

    kind: Literal["release"]
    created: Span | None = None
    started: Span | None = None
    stuck_in: Literal[*STAGES["release"]] | None = None  # type: ignore[valid-type]
    status: Literal["completed", "failed", "canceled"] | None = None
    error: Annotated[str, Field(max_length=1000)] | None = None


def _kind(spec: Any) -> Any:
    return spec.get("kind", "computation") if isinstance(spec, dict) else getattr(spec, "kind", "computation")


ScenarioSpec = Annotated[
    Annotated[ComputationScenario, Tag("computation")]
    | Annotated[DataAssetScenario, Tag("data_asset")]
    | Annotated[AttachmentScenario, Tag("attachment")]
    | Annotated[ReleaseScenario, Tag("release")],
    Discriminator(_kind),
    AnyOf(),
]


class ScenarioFileModel(Part):
    """Scenarios, in the order in which they are asked."""

    model_config = ConfigDict(title="codeocean-mock scenario file", extra="forbid", defer_build=True)

    version: Literal[1] = 1
    scenarios: list[ScenarioSpec]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors and validators."""
    schema = ScenarioFileModel.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
