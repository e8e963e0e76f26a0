"""The OpenAPI document of the control plane, made by FastAPI from the declared routes."""

from functools import cache
from typing import Any

from fastapi import FastAPI

from mock_server.control.endpoints import routes
from mock_server.control.operation import WORLD
from mock_server.control.parameters import WorldName
from mock_server.control.plane import ROOT
from mock_server.operations.fastapi_routes import router_of
from mock_server.version import __version__
from mock_server.wire.common import Error

DESCRIPTION = "Steers a fake Code Ocean: worlds, clocks, scenarios, faults, the journal, snapshots."

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Error, "description": text}
    for status, text in {
        400: "The request is malformed or cannot be carried out",
        401: "The control token is missing or wrong",
        403: "The request comes from a page of another site",
        404: "There is no such world, snapshot, scenario, fault or computation",
        413: "The request body is too large",
        503: "The database or the disk cannot be used at the moment",
    }.items()
}
"""What any route answers."""


@cache
def document() -> dict[str, Any]:
    """The document; it must not be changed."""
    app = FastAPI(title="codeocean-mock control plane", version=__version__, description=DESCRIPTION)
    app.include_router(router_of(routes(), {WORLD: WorldName}), prefix=ROOT, responses=RESPONSES)
    return app.openapi()
