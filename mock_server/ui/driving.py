"""Forms that drive a run or a data asset by hand, as the control plane does."""

from collections.abc import AsyncIterator

from starlette.responses import Response

from mock_server.domain.access import WRITE_CAPSULES, WRITE_DATA_ASSETS, Role
from mock_server.errors import BadRequestError
from mock_server.services import access
from mock_server.services.driven import log, progress, results
from mock_server.ui import computations, data_assets
from mock_server.ui.forms import FieldError
from mock_server.ui.page import in_place
from mock_server.ui.page_context import PageContext
from mock_server.wire.driven import Finish, FinishDataAsset, Progress

RESULTS = {"yes": True, "no": False}


def _driven_run(context: PageContext) -> str:
    """The id of the run, which the user has to be allowed to change."""
    return access.computation(context.world, context.caller, context.key, Role.EDITOR).id


async def reach(context: PageContext) -> Response:
    """Have the run come into a later state."""
    request = Progress.model_validate({"state": context.form.text("state")})
    progress.progress(context.world, _driven_run(context), request, None)
    return context.go("computations", context.key, note=f"The run is {request.state}.")


async def append(context: PageContext) -> Response:
    """Add lines to the log."""
    text = context.form.typed("text")
    if not text:
        raise FieldError("text", "enter at least one line")
    lines = text if text.endswith("\n") else f"{text}\n"
    log.append(context.world, _driven_run(context), lines.encode(), None, None)
    return context.go("computations", context.key, note="The lines were added to the log.")


async def put(context: PageContext) -> Response:
    """Put a text into the results, as a file."""
    path, content = context.form.text("path"), context.form.typed("content")
    run = _driven_run(context)
    try:
        await results.put(context.world, run, path, _whole(content.encode()), None)
    except BadRequestError as problem:
        raise FieldError("path", problem.message) from None
    return context.go("computations", context.key, note=f"The file {path} was added.")


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def finish(context: PageContext) -> Response:
    """Have the run end."""
    form = context.form
    request = Finish.model_validate(
        {
            "state": form.optional("state") or "completed",
            "exit_code": form.number("exit_code"),
            "end_status": form.optional("end_status"),
            "has_results": RESULTS.get(form.text("has_results")),
        }
    )
    try:
        progress.finish(context.world, _driven_run(context), request, None)
    except BadRequestError as problem:
        raise FieldError("exit_code", problem.message) from None
    return context.go("computations", context.key, note="The run has ended.")


async def finish_data_asset(context: PageContext) -> Response:
    """Have the data asset be ready, or fail for the reason that the form gives."""
    form = context.form
    failed = form.text("state") == "failed"
    reason = form.text("failure_reason")
    if failed and not reason:
        raise FieldError("failure_reason", "fill this in")
    asset = access.data_asset(context.world, context.caller, context.key, Role.EDITOR)
    request = FinishDataAsset.model_validate({"failure_reason": reason if failed else None})
    progress.finish_data_asset(context.world, asset.id, request)
    note = f"The data asset {'has failed' if failed else 'is ready'}."
    return context.go("data_assets", asset.id, note=note)


PAGES = (
    *in_place("computations", "progress", reach, computations.refused, WRITE_CAPSULES),
    *in_place("computations", "lines", append, computations.refused, WRITE_CAPSULES),
    *in_place("computations", "results", put, computations.refused, WRITE_CAPSULES),
    *in_place("computations", "finish", finish, computations.refused, WRITE_CAPSULES),
    *in_place("data_assets", "finish", finish_data_asset, data_assets.refused, WRITE_DATA_ASSETS),
)
