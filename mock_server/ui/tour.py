"""The guided tour of the demo world: five steps for somebody who is alone with it. The browser remembers those that it
has taken, and that it wants to see no more of the tour.
"""

import re
from typing import NamedTuple

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.errors import ApiError
from mock_server.services import capsules
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext, set_cookie

SESSION_QC = "ca952026-0000-4000-8000-000000000001"
"""The capsule of the demo seed that the tour begins at. A world without it has no tour."""

DISMISSED = "off"

REMEMBERED = 365 * 86400
"""Seconds; browsers keep no cookie for much more than a year."""


class Step(NamedTuple):
    """What to do, on which page below the world, and the requests that do it: method, path below the world, query."""

    title: str
    does: str
    path: tuple[str, ...]
    query: dict[str, str]
    fragment: str
    done: re.Pattern[str]


STEPS = {
    "1": Step(
        "Start a run",
        "In the Session QC form, search for a session such as 712034, add it, and start the run.",
        ("capsules", SESSION_QC),
        {},
        "run-title",
        re.compile(rf"POST /capsules/{SESSION_QC}/runs"),
    ),
    "2": Step(
        "See the result",
        "When the run has finished, open its report: it covers the session you chose.",
        ("computations",),
        {"capsule": "Session QC"},
        "",
        re.compile(r"GET /computations/(compare|[^/]+/files)\b.*"),
    ),
    "3": Step(
        "Move the clock",
        "Press +1 min or Next change at the top of any page instead of waiting for a run.",
        ("world",),
        {},
        "clock-title",
        re.compile(r"POST /(clock/(step|pace)|world/clock/\w+)"),
    ),
    "4": Step(
        "Break something",
        "One button makes polls fail with 429, another loses the response to a run.",
        ("world",),
        {},
        "faults",
        re.compile(r"POST /(faults/preset|world/faults)"),
    ),
    "5": Step(
        "See how the client coped",
        "The journal shows which requests the fault hit, and when the client tried again.",
        ("journal",),
        {"fault": "*"},
        "",
        re.compile(r"GET /journal(/polling)?\?.*\b(fault|entity)=[^&].*"),
    ),
}


class Tour(NamedTuple):
    """The steps, and the keys of those that the browser has taken."""

    steps: dict[str, Step]
    done: frozenset[str]


def of(context: PageContext) -> Tour | None:
    """The tour as the overview shows it: None in a world that is not the demo, and where it was dismissed."""
    taken = _taken(context)
    return Tour(STEPS, taken) if taken is not None and _is_demo(context) else None


def follow(context: PageContext, response: Response) -> Response:
    """Let the browser remember the step that it has just taken, if it was one."""
    request, taken = context.request, _taken(context)
    # What a form does leads on to a page; one that was refused, or that asks first, is shown again.
    if taken is None or response.status_code != (303 if request.method == "POST" else 200):
        return response
    below = request.url.path.removeprefix(context.to())
    made = f"{request.method} {below}?{request.url.query}".removesuffix("?")
    step = next((key for key, step in STEPS.items() if step.done.fullmatch(made)), "")
    if step and step not in taken and _is_demo(context):
        _remember(context, response, "".join(sorted({*taken, step})))
    return response


def dismiss(context: PageContext) -> Response:
    """Show the tour no more."""
    response = context.go(note="The tour has been dismissed.")
    _remember(context, response, DISMISSED)
    return response


def _taken(context: PageContext) -> frozenset[str] | None:
    kept = context.request.cookies.get(context.cookies.tour, "")
    return None if kept == DISMISSED else frozenset(kept).intersection(STEPS)


def _remember(context: PageContext, response: Response, value: str) -> None:
    set_cookie(context.request, response, context.cookies.tour, value, lasts=REMEMBERED)


def _is_demo(context: PageContext) -> bool:
    if not context.caller.scopes.issuperset(READ_CAPSULES):
        return False
    try:
        capsules.get(context.world, context.caller, "capsule", SESSION_QC)
    except ApiError:
        return False
    return True


PAGES: tuple[Page, ...] = (action("/tour/dismiss", dismiss),)
