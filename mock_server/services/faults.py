"""Faults of a world: setting them, telling of them."""

from mock_server.domain.faults import FaultRule, over, unknown_operation
from mock_server.errors import BadRequestError, NotFoundError
from mock_server.wire.control import Fault, FaultInfo, FaultList
from mock_server.world import World


def put(world: World, fault: Fault) -> FaultInfo:
    """Set a fault. Raises `BadRequestError` for an operation that there is not."""
    spec = _checked(fault)
    with world.changing_faults() as faults:
        rule = faults.set(spec, world.clock.now())
    return _shown(world, rule)


def replace(world: World, faults: list[Fault]) -> FaultList:
    """Set these faults and no others. Raises `BadRequestError` as `put` does, and nothing is changed then."""
    specs = [_checked(fault) for fault in faults]
    with world.changing_faults() as set_now:
        set_now.replace(specs, world.clock.now())
    return listed(world)


def clear(world: World) -> None:
    """No more faults."""
    with world.changing_faults() as faults:
        faults.clear()


def forget(world: World, name: str) -> None:
    """Forget one fault. Raises `NotFoundError`."""
    with world.changing_faults() as faults:
        if not faults.forget(name):
            raise NotFoundError(f"there is no fault called {name}")


def pause(world: World, name: str, *, paused: bool) -> None:
    """Let a fault rest, or go on, with all that it has counted. Raises `NotFoundError`."""
    with world.changing_faults() as faults:
        if not faults.pause(name, paused=paused):
            raise NotFoundError(f"there is no fault called {name}")


def listed(world: World) -> FaultList:
    """The faults that are set."""
    return FaultList(faults=[_shown(world, rule) for rule in world.faults])


def _checked(fault: Fault) -> dict[str, object]:
    problem = unknown_operation(fault.operation) if fault.operation is not None else None
    if problem is not None:
        raise BadRequestError(problem)
    return fault.model_dump(mode="json", exclude_none=True)


def _shown(world: World, rule: FaultRule) -> FaultInfo:
    return FaultInfo(
        name=rule.name,
        spec=Fault.model_validate(rule.spec),
        seen=rule.seen,
        applied=rule.applied,
        over=over(rule, world.clock.now()),
    )
