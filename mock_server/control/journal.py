"""Routes of the journal."""

from typing import Annotated

from pydantic import Field

from mock_server.asgi.connection import while_connected
from mock_server.control.context import WorldContext
from mock_server.operations.declaration import Query, Routes
from mock_server.services.journal import entries, verification, waiting
from mock_server.wire.journal import Journal, Match, Verdict, Verification, Waited, WaitRequest

router = Routes(prefix="/worlds/{world}/journal", tags=["journal"])


class JournalQuery(Match):
    """Which requests are wanted, and how many at most: the newest."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 100


@router.get("")
async def list_requests(context: WorldContext, wanted: Annotated[JournalQuery, Query()]) -> Journal:
    """Requests, oldest first."""
    match = Match(**wanted.model_dump(exclude={"limit"}))
    found = entries.entries(context.world.journal, match, wanted.limit)
    return Journal(requests=found, dropped=context.world.journal.dropped, last=context.world.journal.last)


@router.delete("", status_code=204)
async def clear_journal(context: WorldContext) -> None:
    """Forget all requests."""
    context.world.journal.clear()


@router.post("/wait")
async def wait_for_requests(context: WorldContext, request: WaitRequest) -> Waited:
    """Answer as soon as so many requests match, or the time is over; 503 when the server stops before."""
    wait = waiting.wait(context.world.journal, request)
    return await while_connected(context.scope, context.receive, wait)


@router.post("/verify")
async def verify(context: WorldContext, request: Verification) -> Verdict:
    """Whether what the client did is as it should be."""
    return verification.verify(entries.entries(context.world.journal), request.checks, context.world.journal.dropped)
