"""The route of the control plane's own spec, which is no part of it."""

from mock_server.asgi.responses import Response, json_bytes
from mock_server.control.context import Context
from mock_server.operations.declaration import Routes

router = Routes(prefix="", tags=())


@router.get("/openapi.json", include_in_schema=False)
async def get_spec(context: Context) -> Response:  # noqa: ARG001 - it is the same for all
    """The OpenAPI document of the control plane."""
    from mock_server.control import spec  # Late: it needs FastAPI.

    return Response(200, json_bytes(spec.document()))
