"""How something in a seed file goes that was under way when the file was written, or ended as no scenario says."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from mock_server.documents.seed_parts import Part, Time
from mock_server.domain.lifecycle import ENDS, FOREVER, End, Plan, Stage, refuse_strangers

_Seconds = Annotated[int | float, Field(ge=0, le=FOREVER), WithJsonSchema({"type": "number", "minimum": 0})]
Length = _Seconds | Literal["forever"]


class SeedPlan(Part):
    """How something goes: its stages, then its end. It is under way for as long as its stages last; one may last
    `forever`. Times count from `started`, which is when the thing was created unless it is said.

    `state` is the one in which it stays, that of success when left out; what stands beside it is what the API shows
    then. `parts` are the seconds after which parts of a pipeline's results appear. A `driven` one goes on when somebody
    says so. `scenario` is the name of what it was drawn from.
    """

    started: Time | None = None
    stages: dict[str, Length] = {}
    state: str | None = None
    end_status: Literal["succeeded", "failed", "stopped"] | None = None
    exit_code: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    has_results: bool = False
    failure_reason: str | None = None
    parts: list[_Seconds] = []
    driven: bool = False
    scenario: str = ""

    def plan(self, kind: str, created: float) -> Plan:
        """The plan of a thing of that kind."""
        stages = (
            Stage(state, FOREVER if length == "forever" else float(length)) for state, length in self.stages.items()
        )
        end = End(self.state or ENDS[kind][0], self.end_status, self.exit_code, self.has_results, self.failure_reason)
        started = created if self.started is None else self.started
        return Plan(started, tuple(stages), end, self.scenario, tuple(self.parts), self.driven)


def plan_fields(plan: Plan, created: float | None) -> dict[str, Any]:
    """The fields of the `SeedPlan` of a plan; `created` is when its thing was, if that is said elsewhere."""
    return {
        **({} if plan.started == created else {"started": number(plan.started)}),
        "stages": {state: "forever" if length >= FOREVER else number(length) for state, length in plan.stages},
        **{name: value for name, value in plan.end._asdict().items() if value is not None and value is not False},
        **({"parts": [number(at) for at in plan.parts]} if plan.parts else {}),
        **({"driven": True} if plan.driven else {}),
        **({"scenario": plan.scenario} if plan.scenario else {}),
    }


def number(value: float) -> int | float:
    """The value as people write it: without a fraction when it has none."""
    return int(value) if value == int(value) else value


def _check(kind: str) -> AfterValidator:
    def check(plan: SeedPlan) -> SeedPlan:
        refuse_strangers(kind, tuple(plan.stages), plan.state or ENDS[kind][0])
        return plan

    return AfterValidator(check)


def _starts(plan: SeedPlan) -> SeedPlan:
    if plan.started is None:
        raise ValueError("needs the time at which it started")
    return plan


RunPlan = Annotated[SeedPlan, _check("computation")]
DataAssetPlan = Annotated[SeedPlan, _check("data_asset")]
AttachmentPlan = Annotated[SeedPlan, _check("attachment"), AfterValidator(_starts)]
ReleasePlan = Annotated[SeedPlan, _check("release"), AfterValidator(_starts)]
