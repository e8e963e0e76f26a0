"""One route of the control plane, ready to be called."""

from typing import Any, get_type_hints

from pydantic import TypeAdapter

from mock_server.asgi.responses import JSON, NO_CONTENT, Response
from mock_server.asgi.streams import Stream
from mock_server.control.context import Context, WorldContext
from mock_server.control.inputs import Inputs
from mock_server.control.parameters import WorldName
from mock_server.operations.declaration import CONTEXT, Route
from mock_server.services.driven import leases

Answer = Response | Stream

WORLD = "world"
"""The parameter in the path that a `WorldContext` stands for."""


class Operation:
    """An endpoint with everything that is worked out once: what it takes, and how its answer is written."""

    def __init__(self, route: Route) -> None:
        self._endpoint = route.endpoint
        self._status: int = route.options.get("status_code", 200)
        self._leaves_out_none: bool = route.options.get("response_model_exclude_none", False)
        hints = get_type_hints(route.endpoint, include_extras=True)
        self._is_in_world = hints[CONTEXT] is WorldContext
        self._inputs = Inputs(route, hints, {WORLD: WorldName} if self._is_in_world else {})
        returned = hints["return"]
        self._writer = None if returned in (type(None), Response, Stream) else TypeAdapter[Any](returned)

    async def __call__(self, context: Context, values: list[str]) -> Answer:
        """Check the input, call the endpoint, write the answer. Raises an `ApiError` for the first thing that is wrong:
        in the path, in what it names, in the query, in the body.
        """
        arguments = self._inputs.of_path(values)
        if self._is_in_world:
            context = _in_world(context, arguments.pop(WORLD))
        arguments |= await self._inputs.of_rest(context)
        result = await self._endpoint(context=context, **arguments)
        if isinstance(result, Answer):
            return result
        if self._writer is None:
            return NO_CONTENT
        text = self._writer.dump_json(result, exclude_none=self._leaves_out_none, by_alias=True)
        return Response(self._status, text, JSON)


def _in_world(context: Context, name: str) -> WorldContext:
    """Raises `NotFoundError` when there is no such world."""
    world = context.worlds.require(name)
    # A lease is over when its time is, whether the watch has seen that by then or not.
    leases.lapse_if_possible(world, context.worlds.real())
    return WorldContext(context.worlds, context.leases, context.scope, context.receive, world)
