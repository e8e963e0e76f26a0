"""How things go through their states: a stored plan and a time give the state, and nothing else does.

Computations go initializing → running → finalizing → completed or failed; data assets go draft → ready or failed.
"""

from typing import Any, NamedTuple

COMPUTATION_STAGES = ("initializing", "running", "finalizing")
"""The stages that a computation passes before its end (facts: computation page, SDK models/computation.py)."""

DATA_ASSET_STAGES = ("draft",)
"""The stages that a data asset passes before its end (SDK models/data_asset.py)."""


class Stage(NamedTuple):
    """A state that lasts `seconds` of the world's clock."""

    state: str
    seconds: float


class End(NamedTuple):
    """The final state and what comes with it. `end_status`, `exit_code` and `has_results` are a computation's,
    `failure_reason` is a data asset's.
    """

    state: str
    end_status: str | None = None
    exit_code: int | None = None
    has_results: bool = False
    failure_reason: str | None = None


class Plan(NamedTuple):
    """What will happen, drawn once when it starts: the stages from `started` on, then the end."""

    started: float
    stages: tuple[Stage, ...]
    end: End

    def to_json(self) -> dict[str, Any]:
        """The plan as it is stored."""
        return {
            "started": self.started,
            "stages": self.stages,
            "end": self.end,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Plan":
        """The plan that `to_json` stored."""
        return cls(stored["started"], tuple(map(Stage._make, stored["stages"])), End._make(stored["end"]))


class Moment(NamedTuple):
    """Where a plan stands at one time. `end` is None until it is reached; `elapsed` stops there."""

    state: str
    elapsed: float
    end: End | None


def at(plan: Plan, now: float) -> Moment:
    """Where `plan` stands at `now`. The same plan and time always give the same answer."""
    elapsed = max(0.0, now - plan.started)
    passed = 0.0
    for stage in plan.stages:
        passed += stage.seconds
        if elapsed < passed:
            return Moment(stage.state, elapsed, None)
    return Moment(plan.end.state, passed, plan.end)
