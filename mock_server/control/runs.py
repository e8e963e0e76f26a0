"""Routes of what drives a run."""

from typing import Annotated

from mock_server.control.context import WorldContext
from mock_server.control.parameters import ComputationId
from mock_server.operations.declaration import Query, Routes
from mock_server.services import runs
from mock_server.wire.control import RunPlan
from mock_server.wire.runs import RunFilters, RunList

router = Routes(prefix="/worlds/{world}/computations", tags=["runs"])


@router.get("", response_model_exclude_none=True)
async def list_runs(context: WorldContext, filters: Annotated[RunFilters, Query()]) -> RunList:
    """Runs of all users, newest first."""
    return runs.of_everybody(context.world, filters)


@router.get("/{computation_id}", response_model_exclude_none=True)
async def get_plan(context: WorldContext, computation_id: ComputationId) -> RunPlan:
    """What drives a run."""
    return runs.plan_of(context.world, computation_id)


@router.post("/{computation_id}/stop", response_model_exclude_none=True)
async def stop_run(context: WorldContext, computation_id: ComputationId) -> RunPlan:
    """Stop a run, as the app's button does."""
    return runs.stop(context.world, computation_id)
