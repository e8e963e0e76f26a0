"""Capsules and pipelines: the list, and each with the form that starts a run."""

from functools import partial
from typing import Any

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES, RUN
from mock_server.errors import ApiError, ForbiddenError, NotFoundError
from mock_server.services import attachments, capsules, computations, panels, permissions, runs
from mock_server.services.capsules import Kind
from mock_server.ui.page import Page, in_place
from mock_server.ui.page_context import PageContext
from mock_server.wire.app_panels import AppPanel, PanelParameter
from mock_server.wire.capsules import CapsuleSearchParams
from mock_server.wire.computations import RunParams

AT_ONCE = 50
MOST_QUERY = 1000
NEWEST = 10

GIVEN, OF_PROCESS = "parameter.", "process."
"""How the fields of the form are named: `parameter.NUMBER`, `process.NUMBER.NUMBER`."""


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


def detail(kind: Kind, context: PageContext) -> Response:
    """One of them."""
    return _detail(kind, context)


def _detail(kind: Kind, context: PageContext, problem: ApiError | None = None) -> Response:
    world, caller = context.world, context.caller
    capsule = capsules.get(world, caller, kind, context.key)
    values: dict[str, Any] = {"attached": [], "roles_given": None, "panel": None, "going": []}
    try:
        values["attached"] = attachments.listed(world, caller, kind, context.key)
        values["roles_given"] = permissions.of_capsule(world, caller, kind, context.key)
        values["panel"] = _panel(context, kind)
        values["going"] = runs.listed(world, caller, runs.RunQuery(capsule=capsule.id, limit=NEWEST))
        hidden = False
    except (ForbiddenError, NotFoundError):
        hidden = True
    status = problem.status if problem else 200
    return context.show(
        "capsule.html", status, kind=kind, capsule=capsule, hidden=hidden, problem=problem, given=context.form, **values
    )


def _panel(context: PageContext, kind: Kind) -> AppPanel | None:
    try:
        return panels.complete(context.world, context.caller, kind, context.key, None)
    except NotFoundError:
        return None


def start(kind: Kind, context: PageContext) -> Response:
    """Start a run with what the form says."""
    params = _params(context, kind, _panel(context, kind))
    started = computations.run(context.world, context.caller, params)
    return context.go("computations", started.id, note="The run has been started.")


def _params(context: PageContext, kind: Kind, panel: AppPanel | None) -> RunParams:
    """The run that the form asks for. Raises `BadRequestError` and `ValidationError`."""
    form = context.form
    parameters = (panel.parameters if panel else None) or []
    processes = [
        {"name": process.name} | _values(process.parameters or [], dict(form.starting(f"{OF_PROCESS}{number}.")))
        for number, process in enumerate((panel.processes if panel else None) or [])
    ]
    return RunParams.model_validate(
        {
            f"{kind}_id": context.key,
            "version": form.number("version"),
            "nextflow_profile": form.optional("nextflow_profile"),
            "parameters": form.lines("ordered") or None,
            "processes": [process for process in processes if len(process) > 1] or None,
            "data_assets": [_mount(line) for line in form.lines("data_assets")] or None,
        }
        | _values(parameters, dict(form.starting(GIVEN)))
    )


def _values(parameters: list[PanelParameter], given: dict[str, str]) -> dict[str, list[Any]]:
    """The fields of a run or a process that give these values: by name, or in the panel's order when a parameter has
    no name.
    """
    values = [given.get(str(number), "") for number in range(len(parameters))]
    if not any(values):
        return {}
    if all(parameter.param_name for parameter in parameters):
        named = [
            {"param_name": parameter.param_name, "value": value}
            for parameter, value in zip(parameters, values, strict=True)
            if value
        ]
        return {"named_parameters": named}
    return {"parameters": values}


def _mount(line: str) -> dict[str, str | None]:
    """A line of the form: the id of a data asset, and behind a blank the folder where it is mounted."""
    key, _, mount = line.partition(" ")
    return {"id": key, "mount": mount.strip() or None}


def _pages(kind: Kind) -> tuple[Page, ...]:
    where = f"/{kind}s"
    return (
        Page(where, partial(listing, kind), READ_CAPSULES),
        Page(f"{where}/{{key}}", partial(detail, kind), READ_CAPSULES),
        *in_place(f"{kind}s", "runs", partial(start, kind), partial(_detail, kind), RUN),
    )


PAGES = (*_pages("capsule"), *_pages("pipeline"))
