"""Routes of scenarios."""

from typing import Annotated, Any

from mock_server.control.context import WorldContext
from mock_server.control.parameters import Name
from mock_server.errors import BadRequestError
from mock_server.operations.declaration import Query, Routes
from mock_server.services import scenarios
from mock_server.wire.control import ScenarioList

router = Routes(prefix="/worlds/{world}/scenarios", tags=["scenarios"])

Source = Annotated[str, Query(max_length=4096, description="The name of the file that the body comes from")]

BODY_SOURCE = "in the request body"
"""Where scenarios are from that no file is named for."""

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in ("application/yaml", "application/json")},
    }
}


async def _load(context: WorldContext, source: str, *, replace: bool) -> ScenarioList:
    try:
        text = (await context.body()).decode()
    except ValueError:
        raise BadRequestError("the body is not UTF-8 text") from None
    return await scenarios.load(context.world, text, source, context.worlds.settings.readable_files, replace=replace)


@router.get("")
async def list_scenarios(context: WorldContext) -> ScenarioList:
    """The loaded scenarios."""
    return scenarios.listed(context.world)


@router.put("", openapi_extra=BODY)
async def replace_scenarios(context: WorldContext, source: Source = BODY_SOURCE) -> ScenarioList:
    """Load the scenarios of a file, and forget all others."""
    return await _load(context, source, replace=True)


@router.post("", openapi_extra=BODY)
async def add_scenarios(context: WorldContext, source: Source = BODY_SOURCE) -> ScenarioList:
    """Load the scenarios of a file beside those that are there."""
    return await _load(context, source, replace=False)


@router.delete("", status_code=204)
async def clear_scenarios(context: WorldContext) -> None:
    """Forget all scenarios."""
    scenarios.forget(context.world, None)


@router.delete("/{name}", status_code=204)
async def delete_scenario(context: WorldContext, name: Name) -> None:
    """Forget one scenario."""
    scenarios.forget(context.world, name)
