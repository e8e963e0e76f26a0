"""The list of all runs that the user may see, by name, capsule and how they went."""

from typing import get_args

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.services import runs
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext

AT_ONCE = 50
MOST_LETTERS = 200

OUTCOMES = [(outcome, outcome.replace("unfinished", "not ended") or "any") for outcome in get_args(runs.OutcomeFilter)]
"""The states that runs are filtered by, with their labels."""


def listing(context: PageContext) -> Response:
    """A page of the runs that fit, newest first."""
    page, outcome = context.page_number(), context.asked("state")
    filters = {name: context.asked(name)[:MOST_LETTERS] for name in ("name", "capsule")}
    query = runs.RunQuery(
        name=filters["name"],
        capsule_name=filters["capsule"],
        outcome=next((known for known, _ in OUTCOMES if known == outcome), ""),
        now=context.world.clock.now(),
        limit=AT_ONCE + 1,
        offset=page * AT_ONCE,
    )
    found = runs.listed(context.world, context.caller, query)
    return context.show(
        "computations.html",
        found=found[:AT_ONCE],
        filters=filters | {"state": query.outcome},
        outcomes=OUTCOMES,
        page=page,
        has_more=len(found) > AT_ONCE,
    )


PAGES = (Page("/computations", listing, READ_CAPSULES),)
