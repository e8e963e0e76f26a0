"""Capsules and pipelines: the list, and each with the form that starts a run."""

from functools import partial
from typing import Any

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES, RUN
from mock_server.errors import ApiError, ForbiddenError, NotFoundError, ParameterError
from mock_server.services import attachments, capsules, computations, panels, permissions, runs
from mock_server.services.capsules import Kind
from mock_server.ui.forms import FieldError
from mock_server.ui.page import Page, in_place
from mock_server.ui.page_context import PageContext
from mock_server.ui.runs import form
from mock_server.ui.steering import scenario_words
from mock_server.wire.app_panels import AppPanel
from mock_server.wire.capsules import CapsuleSearchParams

AT_ONCE = 50
MOST_QUERY = 1000
NEWEST = 10


async def listing(kind: Kind, context: PageContext) -> Response:
    """Those that the user may see, by the search language; without a query, those that were used last come first."""
    query = context.asked("query")[:MOST_QUERY] or None
    params = CapsuleSearchParams(
        query=query,
        sort_field=None if query else "last_accessed",
        sort_order="desc",
        next_token=context.asked("next") or None,
        archived=context.asked("archived") != "",
        limit=AT_ONCE,
    )
    problem, found = None, None
    try:
        found = await capsules.search(context.world, context.caller, kind, params)
    except ApiError as refused:
        problem = refused
    status = problem.status if problem else 200
    asked = {"query": params.query or "", "archived": params.archived}
    return context.show("capsules.html", status, kind=kind, found=found, problem=problem, **asked)


async def detail(kind: Kind, context: PageContext) -> Response:
    """One of them. With `again`, its form is filled in as for that run."""
    again = context.asked("again")
    run = runs.get(context.world, context.caller, again) if again else None
    if run:
        context.form = form.like(run.shown, _panel(context, kind))
    return await _detail(kind, context, like=run)


async def _detail(
    kind: Kind, context: PageContext, problem: ApiError | None = None, *, like: runs.Run | None = None
) -> Response:
    world, caller = context.world, context.caller
    capsule = capsules.get(world, caller, kind, context.key)
    values: dict[str, Any] = {"attached": [], "roles_given": None, "panel": None, "going": []}
    try:
        values["attached"] = attachments.listed(world, caller, kind, context.key)
        values["roles_given"] = permissions.of_capsule(world, caller, kind, context.key)
        values["panel"] = _panel(context, kind)
        values["chosen"] = scenario_words.chosen(world, capsule.id)
        values["scenario_options"] = scenario_words.options(world)
        values["going"] = runs.listed(world, caller, runs.RunQuery(capsule=capsule.id, limit=NEWEST))
        hidden = False
    except (ForbiddenError, NotFoundError):
        hidden = True
    values |= {"hidden": hidden, "problem": problem, "given": context.form, "like": like}
    picker = await form.picker(context)
    return context.show(
        "capsule.html", problem.status if problem else 200, kind=kind, capsule=capsule, picker=picker, **values
    )


def _panel(context: PageContext, kind: Kind) -> AppPanel | None:
    try:
        return panels.complete(context.world, context.caller, kind, context.key, None)
    except NotFoundError:
        return None


async def start(kind: Kind, context: PageContext) -> Response:
    """Start a run with what the form says. Who presses Enter with something to search for does not mean that yet."""
    if context.form.flag("enter") and context.form.text("find"):
        return await choose(kind, context)
    panel = _panel(context, kind)
    params = form.params(context.key, kind, panel, context.form)
    try:
        started = computations.run(context.world, context.caller, params)
    except ParameterError as problem:
        raise FieldError(form.field_of(problem, panel), problem.reason) from None
    return context.go("computations", started.id, note="The run has been started.")


async def choose(kind: Kind, context: PageContext) -> Response:
    """The page with the form as it was filled in, after a search for data assets or a choice among them."""
    return await _detail(kind, context)


def _pages(kind: Kind) -> tuple[Page, ...]:
    where = f"/{kind}s"
    return (
        Page(where, partial(listing, kind), READ_CAPSULES),
        Page(f"{where}/{{key}}", partial(detail, kind), READ_CAPSULES),
        *in_place(f"{kind}s", "choose", partial(choose, kind), partial(_detail, kind), READ_CAPSULES),
        *in_place(f"{kind}s", "runs", partial(start, kind), partial(_detail, kind), RUN),
    )


PAGES = (*_pages("capsule"), *_pages("pipeline"))
