"""The routes of the control plane as one FastAPI application."""

from fastapi import FastAPI

from mock_server.control import clock, failures, faults, health, journal, scenarios, snapshots, worlds
from mock_server.control.plane import ROOT
from mock_server.version import __version__
from mock_server.worlds import Worlds

DESCRIPTION = "Steers a fake Code Ocean: worlds, clocks, scenarios, faults, the journal, snapshots."


def make_app(worlds_: Worlds | None) -> FastAPI:
    """The routes of the control plane; without `worlds_` they are good for their spec alone."""
    app = FastAPI(
        title="codeocean-mock control plane",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.worlds = worlds_
    for part in (health, worlds, clock, scenarios, faults, journal, snapshots):
        app.include_router(part.router, prefix=ROOT, responses=failures.RESPONSES)
    failures.install(app)
    return app
