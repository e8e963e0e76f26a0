"""Routes by which runners claim driven runs."""

from typing import Annotated

from mock_server.asgi.connection import connection_of, while_connected
from mock_server.control.context import Context, WorldContext
from mock_server.control.parameters import ComputationId
from mock_server.errors import ForbiddenError
from mock_server.operations.declaration import Query, Routes
from mock_server.services.driven import leases, work
from mock_server.wire.common import Error
from mock_server.wire.driven import Claimed, ClaimRequest, LeaseRequest, Renewed

router = Routes(prefix="", tags=["work"])

Lease = Annotated[str, Query()]

LEASE = "/worlds/{world}/computations/{computation_id}/lease"


@router.post("/work/claim", response_model_exclude_none=True)
async def claim_work(context: Context, request: ClaimRequest) -> Claimed:
    """Hand out the oldest driven run that fits; answer without one when none comes in time, 503 when the server stops
    before. A server that others can reach hands out nothing without a control token.
    """
    connection = connection_of(context.scope)
    # Without a connection it is asked from within its own process.
    if context.worlds.settings.control_token is None and connection is not None and not connection.is_loopback:
        raise ForbiddenError("a server that listens beyond this machine hands out work with a --control-token only")
    claimed = work.claim(context.worlds, request, context.leases)
    return await while_connected(context.scope, context.receive, claimed)


@router.put(LEASE, response_model_exclude_none=True)
async def renew_lease(
    context: WorldContext, computation_id: ComputationId, request: LeaseRequest, lease: Lease
) -> Renewed:
    """Renew the lease of a run; whether the run is still to go on."""
    return leases.renew(context.world, computation_id, lease, request.seconds, context.worlds.real())


@router.delete(LEASE, status_code=204, responses={409: {"model": Error}})
async def give_back(context: WorldContext, computation_id: ComputationId, lease: Lease) -> None:
    """Give a run back, to be handed out again."""
    leases.give_back(context.world, computation_id, lease)
