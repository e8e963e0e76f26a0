"""Routes of what drives a run."""

from typing import Annotated

from fastapi import APIRouter, Query

from mock_server.control.parameters import OneWorld
from mock_server.services import runs
from mock_server.wire.control import RunPlan
from mock_server.wire.runs import RunFilters, RunList

router = APIRouter(prefix="/worlds/{world}/computations", tags=["runs"])


@router.get("", response_model_exclude_none=True)
async def list_runs(world: OneWorld, filters: Annotated[RunFilters, Query()]) -> RunList:
    """Runs of all users, newest first."""
    return runs.of_everybody(world, filters)


@router.get("/{computation_id}", response_model_exclude_none=True)
async def get_plan(world: OneWorld, computation_id: str) -> RunPlan:
    """What drives a run."""
    return runs.plan_of(world, computation_id)


@router.post("/{computation_id}/stop", response_model_exclude_none=True)
async def stop_run(world: OneWorld, computation_id: str) -> RunPlan:
    """Stop a run, as the app's button does."""
    return runs.stop(world, computation_id)
