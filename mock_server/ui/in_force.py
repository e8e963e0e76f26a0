"""The bar of every page: what time it is in the world, how its clock runs, and what is in force that one should know
of: a clock other than real time, faults.
"""

from typing import NamedTuple

from mock_server.domain.faults import over
from mock_server.input_errors.numbers import plain
from mock_server.services import clock
from mock_server.services.clock import CLOSE
from mock_server.ui import formats
from mock_server.wire.control import ClockInfo
from mock_server.world import World


class Bar(NamedTuple):
    """The clock, sentences on what is in force, how many faults are, and whether the clock can show real time again:
    it never runs backwards.
    """

    clock: ClockInfo
    says: list[str]
    faults: int
    can_be_real: bool


def bar(world: World) -> Bar:
    """The bar of a world's pages."""
    now = clock.clock(world)
    faults = sum(not rule.paused and not over(rule, now.now) for rule in world.faults)
    says = [] if now.mode == "wall" else [_pace(now)]
    if faults:
        says.append(f"{formats.counted(faults, 'fault')} in force")
    return Bar(now, says, faults, can_be_real=now.ahead <= 0)


def _pace(now: ClockInfo) -> str:
    if now.mode == "frozen":
        return f"Frozen at {formats.when(now.now)}"
    if now.mode == "skipping":
        return f"Stopped at {formats.when(now.now)}, polls advance it"
    if now.mode == "scaled":
        return f"Running at {plain(now.scale)} times real time"
    if abs(now.ahead) < CLOSE:
        return "Set by hand, close to real time"
    return f"{formats.lasting(round(abs(now.ahead)))} {'ahead of' if now.ahead > 0 else 'behind'} real time"
