"""The routes of the control plane as one FastAPI application."""

from fastapi import FastAPI

from mock_server.control import (
    clock,
    driven,
    failures,
    faults,
    health,
    journal,
    runs,
    scenarios,
    snapshots,
    work,
    worlds,
)
from mock_server.control.plane import ROOT
from mock_server.services.driven.leases import LeaseWatch
from mock_server.version import __version__
from mock_server.worlds import Worlds

DESCRIPTION = "Steers a fake Code Ocean: worlds, clocks, scenarios, faults, the journal, snapshots."


def make_app(worlds_: Worlds | None, leases: LeaseWatch | None = None) -> FastAPI:
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
    app.state.leases = leases
    for part in (health, worlds, clock, runs, driven, work, scenarios, faults, journal, snapshots):
        app.include_router(part.router, prefix=ROOT, responses=failures.RESPONSES)
    failures.install(app)
    return app
