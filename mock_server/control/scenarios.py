"""Routes of scenarios."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from mock_server.control.parameters import AllWorlds, OneWorld
from mock_server.errors import BadRequestError
from mock_server.services import scenarios
from mock_server.wire.control import ScenarioList

router = APIRouter(prefix="/worlds/{world}/scenarios", tags=["scenarios"])

Source = Annotated[str, Query(max_length=4096, description="The name of the file that the body comes from")]

BODY_SOURCE = "in the request body"
"""Where scenarios are from that no file is named for."""

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in ("application/yaml", "application/json")},
    }
}


async def _text(request: Request) -> str:
    try:
        return (await request.body()).decode()
    except ValueError:
        raise BadRequestError("the body is not UTF-8 text") from None


@router.get("")
async def list_scenarios(world: OneWorld) -> ScenarioList:
    """The loaded scenarios."""
    return scenarios.listed(world)


@router.put("", openapi_extra=BODY)
async def replace_scenarios(
    worlds: AllWorlds, world: OneWorld, request: Request, source: Source = BODY_SOURCE
) -> ScenarioList:
    """Load the scenarios of a file, and forget all others."""
    return await scenarios.load(world, await _text(request), source, worlds.settings.readable_files, replace=True)


@router.post("", openapi_extra=BODY)
async def add_scenarios(
    worlds: AllWorlds, world: OneWorld, request: Request, source: Source = BODY_SOURCE
) -> ScenarioList:
    """Load the scenarios of a file beside those that are there."""
    return await scenarios.load(world, await _text(request), source, worlds.settings.readable_files, replace=False)


@router.delete("", status_code=204)
async def clear_scenarios(world: OneWorld) -> None:
    """Forget all scenarios."""
    scenarios.forget(world, None)


@router.delete("/{name}", status_code=204)
async def delete_scenario(world: OneWorld, name: str) -> None:
    """Forget one scenario."""
    scenarios.forget(world, name)
