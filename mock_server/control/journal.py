"""Routes of the journal."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from mock_server.asgi.connection import while_connected
from mock_server.control.parameters import OneWorld
from mock_server.services.journal import entries, verification, waiting
from mock_server.wire.journal import Journal, Match, Verdict, Verification, Waited, WaitRequest

router = APIRouter(prefix="/worlds/{world}/journal", tags=["journal"])


class JournalQuery(Match):
    """Which requests are wanted, and how many at most: the newest."""

    limit: Annotated[int, Query(ge=1, le=10_000)] = 100


@router.get("")
async def list_requests(world: OneWorld, wanted: Annotated[JournalQuery, Query()]) -> Journal:
    """Requests, oldest first."""
    match = Match(**wanted.model_dump(exclude={"limit"}))
    found = entries.entries(world.journal, match, wanted.limit)
    return Journal(requests=found, dropped=world.journal.dropped, last=world.journal.last)


@router.delete("", status_code=204)
async def clear_journal(world: OneWorld) -> None:
    """Forget all requests."""
    world.journal.clear()


@router.post("/wait")
async def wait_for_requests(world: OneWorld, request: WaitRequest, http_request: Request) -> Waited:
    """Answer as soon as so many requests match, or the time is over; 503 when the server stops before."""
    wait = waiting.wait(world.journal, request)
    return await while_connected(http_request.scope, http_request.receive, wait)


@router.post("/verify")
async def verify(world: OneWorld, request: Verification) -> Verdict:
    """Whether what the client did is as it should be."""
    return verification.verify(entries.entries(world.journal), request.checks, world.journal.dropped)
