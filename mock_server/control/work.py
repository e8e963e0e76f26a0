"""Routes by which runners claim driven runs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from mock_server.asgi.connection import connection_of, while_connected
from mock_server.control.parameters import AllWorlds, OneWorld
from mock_server.errors import ForbiddenError
from mock_server.services.driven import leases, work
from mock_server.services.driven.leases import LeaseWatch
from mock_server.wire.common import Error
from mock_server.wire.driven import Claimed, ClaimRequest, LeaseRequest, Renewed

router = APIRouter(tags=["work"])

LEASE = "/worlds/{world}/computations/{computation_id}/lease"


@router.post("/work/claim", response_model_exclude_none=True)
async def claim_work(worlds: AllWorlds, request: ClaimRequest, http_request: Request) -> Claimed:
    """Hand out the oldest driven run that fits; answer without one when none comes in time, 503 when the server stops
    before. A server that others can reach hands out nothing without a control token.
    """
    connection = connection_of(http_request.scope)
    # Without a connection it is asked from within its own process.
    if worlds.settings.control_token is None and connection is not None and not connection.is_loopback:
        raise ForbiddenError("a server that listens beyond this machine hands out work with a --control-token only")
    watch: LeaseWatch = http_request.app.state.leases
    claimed = work.claim(worlds, request, watch)
    return await while_connected(http_request.scope, http_request.receive, claimed)


@router.put(LEASE, response_model_exclude_none=True)
async def renew_lease(
    worlds: AllWorlds, world: OneWorld, computation_id: str, request: LeaseRequest, lease: Annotated[str, Query()]
) -> Renewed:
    """Renew the lease of a run; whether the run is still to go on."""
    return leases.renew(world, computation_id, lease, request.seconds, worlds.real())


@router.delete(LEASE, status_code=204, responses={409: {"model": Error}})
async def give_back(world: OneWorld, computation_id: str, lease: Annotated[str, Query()]) -> None:
    """Give a run back, to be handed out again."""
    leases.give_back(world, computation_id, lease)
