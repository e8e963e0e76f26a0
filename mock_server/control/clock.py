"""Routes of a world's clock."""

from fastapi import APIRouter

from mock_server.control.parameters import OneWorld
from mock_server.services import clock
from mock_server.wire.control import AdvanceClock, Advanced, ClockInfo, SetClock

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
