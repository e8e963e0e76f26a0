"""One computation, with its timeline, its results and what can be done with it."""

from typing import Any

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES, WRITE_CAPSULES, Role
from mock_server.errors import ApiError
from mock_server.services import access, capsules, computations, data_assets, file_content, lineage, runs
from mock_server.services.driven import contents
from mock_server.ui import event_stream, files, run_log, timeline
from mock_server.ui.forms import FieldError
from mock_server.ui.page import Page, action, in_place
from mock_server.ui.page_context import PageContext
from mock_server.wire.common import Folder
from mock_server.wire.computations import Computation
from mock_server.wire.data_assets import DataAssetParams

CAPTURE = ("capsule:read", "data_asset:read", "data_asset:write")


async def detail(context: PageContext) -> Response:
    """One run."""
    return await _detail(context)


async def refused(context: PageContext, problem: ApiError) -> Response:
    """The page of a run after a form that drives it was refused."""
    return await _detail(context, problem)


async def _detail(context: PageContext, problem: ApiError | None = None) -> Response:
    run = runs.get(context.world, context.caller, context.key)
    status = problem.status if problem else 200
    drawn = await _parts(context, run)
    before = runs.before(context.world, context.caller, run.shown.id)
    values: dict[str, Any] = {"run": run, "shown": run.shown, "before": before}
    values["capsule_names"] = _capsule_names(context, run.shown)
    return context.show("computation.html", status, parts=drawn, problem=problem, **values)


def _capsule_names(context: PageContext, shown: Computation) -> dict[str, str]:
    """The names of the capsules of a pipeline's processes, as far as the user may see them."""
    names = {}
    for process in shown.processes or ():
        try:
            names[process.capsule_id] = capsules.get(context.world, context.caller, "capsule", process.capsule_id).name
        except ApiError:
            continue
    return names


async def parts(context: PageContext) -> dict[str, str]:
    """What changes while one looks."""
    return await _parts(context, runs.get(context.world, context.caller, context.key))


async def _parts(context: PageContext, run: runs.Run) -> dict[str, str]:
    world, caller = context.world, context.caller
    ended = run.ended
    made = await lineage.made_by(world, caller, run.shown.id)
    results = computations.list_results(world, caller, run.shown.id, None)
    drawn = timeline.draw(run.plan, world.clock.now(), ended=ended)
    values: dict[str, Any] = {"run": run, "shown": run.shown, "ended": ended, "put_in": None}
    driven = {}
    log = run_log.so_far(context)
    if log is not None:
        driven["log"] = context.fragment("parts/run_log.html", log=run_log.tail(log), **values)
    if run.plan.driven:
        values["put_in"] = contents.of_run(world, caller, run.shown.id).results
        driven["driving"] = context.fragment("parts/run_driving.html", sent=dict(context.form), **values)
    return {
        "status": context.fragment("parts/run_status.html", **values),
        "stop": context.fragment("parts/run_stop.html", **values),
        "timeline": context.fragment("parts/timeline.html", timeline=drawn, **values),
        "results": context.fragment("parts/results.html", results=files.first(results), **values),
        "actions": context.fragment("parts/run_actions.html", made=made, **values),
        **driven,
    }


def stream(context: PageContext) -> Response:
    """The page as it changes."""
    runs.get(context.world, context.caller, context.key)
    return event_stream.stream(context, event_stream.until_gone(parts))


def browse(context: PageContext) -> Response:
    """A folder of the results, or a file with its preview."""
    run = runs.get(context.world, context.caller, context.key)
    path = context.asked("path")
    content = file_content.result(context.world, context.caller, context.key, path) if path else None
    folder: Folder | None = None
    if content is None:
        folder = computations.list_results(context.world, context.caller, context.key, path)
    return files.browse(context, content, folder, section="computations", key=run.shown.id, name=run.shown.name)


def raw(context: PageContext) -> Response:
    """The bytes of a result file."""
    path = context.asked("path")
    content = file_content.result(context.world, context.caller, context.key, path)
    return files.raw(path, content, download=context.asked("download") != "")


def rename(context: PageContext) -> Response:
    """Give the run another name."""
    name = context.form.text("name")
    if not name:
        raise FieldError("name", "fill this in")
    computations.rename(context.world, context.caller, context.key, name[:1000])
    return context.go("computations", context.key, note="The run has been renamed.")


def stop(context: PageContext) -> Response:
    """Stop the run, as the app's button does."""
    run = access.computation(context.world, context.caller, context.key, Role.EDITOR)
    kept = "Its log and the files added to it" if run.plan.driven else "Only the results of a pipeline so far"
    asked = context.ask_first(f"Stop {run.name}?", f"It ends now, as stopped. {kept} are kept.", "Stop the run")
    if asked:
        return asked
    plan = runs.stop(context.world, run.id)
    stopped = plan.end_status == "stopped"
    note = "The run has been stopped." if stopped else "The run had already ended."
    return context.go("computations", run.id, note=note)


def delete(context: PageContext) -> Response:
    """Remove the run."""
    run = access.computation(context.world, context.caller, context.key, Role.EDITOR)
    consequence = "The run and its results are deleted. Data assets captured from it are kept."
    asked = context.ask_first(f"Delete {run.name}?", consequence, "Delete the run")
    if asked:
        return asked
    computations.delete(context.world, context.caller, run.id)
    return context.go("computations", note="The run has been deleted.")


def capture(context: PageContext) -> Response:
    """Make a data asset of the results."""
    form = context.form
    tags = [tag.strip() for tag in form.text("tags").split(",") if tag.strip()]
    source = {"computation": {"id": context.key, "path": form.optional("path")}}
    params = DataAssetParams.model_validate(
        {
            "name": form.text("name"),
            "mount": form.text("mount"),
            "tags": tags,
            "description": form.optional("description"),
            "source": source,
        }
    )
    made = data_assets.create(context.world, context.caller, params)
    return context.go("data_assets", made.id, note="The results are being captured.")


PAGES = (
    Page("/computations/{key}", detail, READ_CAPSULES),
    Page("/computations/{key}/live", stream, READ_CAPSULES),
    Page("/computations/{key}/files", browse, READ_CAPSULES),
    Page("/computations/{key}/raw", raw, READ_CAPSULES),
    *in_place("computations", "rename", rename, refused, WRITE_CAPSULES),
    action("/computations/{key}/stop", stop, WRITE_CAPSULES),
    action("/computations/{key}/delete", delete, WRITE_CAPSULES),
    *in_place("computations", "capture", capture, refused, CAPTURE),
)
