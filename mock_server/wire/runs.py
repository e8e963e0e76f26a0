"""What the control plane answers when it is asked for runs (docs/control-plane.md). The client reads it too."""

from typing import Annotated

from pydantic import Field

from mock_server.domain.runs import Outcome
from mock_server.wire.control import Control


class RunFilters(Control):
    """Which runs are listed, and how many at most: the newest."""

    state: Outcome | None = None
    capsule: Annotated[str, Field(max_length=200)] = Field(
        default="", description="The id of a capsule or pipeline, or a part of its name"
    )
    limit: Annotated[int, Field(ge=1, le=10_000)] = 100


class RunInfo(Control):
    """A run, whoever it belongs to. `capsule_name` is left out when the capsule is gone."""

    id: str
    name: str
    capsule: str
    capsule_name: str | None = None
    owner: str
    created: float
    run_time: float
    state: str
    end_status: str | None = None
    exit_code: int | None = None
    scenario: str
    driven: bool = False


class RunList(Control):
    """Runs, newest first."""

    runs: list[RunInfo]
    more: bool = Field(default=False, description="Whether older ones fit, too")
