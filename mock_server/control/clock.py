"""Routes of a world's clock, and of the runs that follow it."""

from fastapi import APIRouter

from mock_server.control.parameters import OneWorld
from mock_server.services import clock, runs
from mock_server.wire.control import AdvanceClock, Advanced, ClockInfo, RunPlan, SetClock

router = APIRouter(prefix="/worlds/{world}", tags=["clock"])


@router.get("/clock")
async def get_clock(world: OneWorld) -> ClockInfo:
    """How the clock stands."""
    return clock.clock(world)


@router.put("/clock")
async def set_clock(world: OneWorld, request: SetClock) -> ClockInfo:
    """Let the clock run otherwise from now on."""
    return clock.set_clock(world, request)


@router.post("/clock/advance")
async def advance_clock(world: OneWorld, request: AdvanceClock) -> Advanced:
    """Move the clock forwards, and tell what happened."""
    return clock.advance(world, request)


@router.get("/computations/{computation_id}", response_model_exclude_none=True)
async def get_plan(world: OneWorld, computation_id: str) -> RunPlan:
    """What drives a run."""
    return runs.plan_of(world, computation_id)


@router.post("/computations/{computation_id}/stop", response_model_exclude_none=True)
async def stop_run(world: OneWorld, computation_id: str) -> RunPlan:
    """Stop a run, as the app's button does."""
    return runs.stop(world, computation_id)
