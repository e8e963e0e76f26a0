"""Routes of what drives a run."""

from fastapi import APIRouter

from mock_server.control.parameters import OneWorld
from mock_server.services import runs
from mock_server.wire.control import RunPlan

router = APIRouter(prefix="/worlds/{world}/computations/{computation_id}", tags=["runs"])


@router.get("", response_model_exclude_none=True)
async def get_plan(world: OneWorld, computation_id: str) -> RunPlan:
    """What drives a run."""
    return runs.plan_of(world, computation_id)


@router.post("/stop", response_model_exclude_none=True)
async def stop_run(world: OneWorld, computation_id: str) -> RunPlan:
    """Stop a run, as the app's button does."""
    return runs.stop(world, computation_id)
