"""Routes of a world's clock."""

from mock_server.control.context import WorldContext
from mock_server.operations.declaration import Routes
from mock_server.services import clock
from mock_server.wire.control import AdvanceClock, Advanced, ClockInfo, SetClock

router = Routes(prefix="/worlds/{world}", tags=["clock"])


@router.get("/clock")
async def get_clock(context: WorldContext) -> ClockInfo:
    """How the clock stands."""
    return clock.clock(context.world)


@router.put("/clock")
async def set_clock(context: WorldContext, request: SetClock) -> ClockInfo:
    """Let the clock run otherwise from now on."""
    return clock.set_clock(context.world, request)


@router.post("/clock/advance")
async def advance_clock(context: WorldContext, request: AdvanceClock) -> Advanced:
    """Move the clock forwards, and tell what happened."""
    return clock.advance(context.world, request)
