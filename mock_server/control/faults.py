"""Routes of faults."""

from fastapi import APIRouter
from pydantic import Field

from mock_server.control.parameters import OneWorld
from mock_server.services import faults
from mock_server.wire.control import Control, Fault, FaultInfo, FaultList

router = APIRouter(prefix="/worlds/{world}/faults", tags=["faults"])


class ReplaceFaults(Control):
    """The faults that are to be set."""

    faults: list[Fault] = Field(max_length=1000)


@router.get("", response_model_exclude_none=True)
async def list_faults(world: OneWorld) -> FaultList:
    """The faults that are set."""
    return faults.listed(world)


@router.post("", status_code=201, response_model_exclude_none=True)
async def set_fault(world: OneWorld, fault: Fault) -> FaultInfo:
    """Set one fault."""
    return faults.put(world, fault)


@router.put("", response_model_exclude_none=True)
async def set_faults(world: OneWorld, request: ReplaceFaults) -> FaultList:
    """Set these faults and no others."""
    return faults.replace(world, request.faults)


@router.delete("", status_code=204)
async def clear_faults(world: OneWorld) -> None:
    """No more faults."""
    faults.clear(world)


@router.delete("/{name}", status_code=204)
async def delete_fault(world: OneWorld, name: str) -> None:
    """Forget one fault."""
    faults.forget(world, name)
