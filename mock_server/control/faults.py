"""Routes of faults."""

from pydantic import Field

from mock_server.control.context import WorldContext
from mock_server.control.parameters import Name
from mock_server.operations.declaration import Routes
from mock_server.services import faults
from mock_server.wire.control import Control, Fault, FaultInfo, FaultList

router = Routes(prefix="/worlds/{world}/faults", tags=["faults"])


class ReplaceFaults(Control):
    """The faults that are to be set."""

    faults: list[Fault] = Field(max_length=1000)


@router.get("", response_model_exclude_none=True)
async def list_faults(context: WorldContext) -> FaultList:
    """The faults that are set."""
    return faults.listed(context.world)


@router.post("", status_code=201, response_model_exclude_none=True)
async def set_fault(context: WorldContext, fault: Fault) -> FaultInfo:
    """Set one fault."""
    return faults.put(context.world, fault)


@router.put("", response_model_exclude_none=True)
async def set_faults(context: WorldContext, request: ReplaceFaults) -> FaultList:
    """Set these faults and no others."""
    return faults.replace(context.world, request.faults)


@router.delete("", status_code=204)
async def clear_faults(context: WorldContext) -> None:
    """No more faults."""
    faults.clear(context.world)


@router.delete("/{name}", status_code=204)
async def delete_fault(context: WorldContext, name: Name) -> None:
    """Forget one fault."""
    faults.forget(context.world, name)
