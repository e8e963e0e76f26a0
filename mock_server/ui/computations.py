"""Computations: the list, and each with its timeline, its results and what can be done with it."""

from typing import Any

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES, WRITE_CAPSULES, Role
from mock_server.errors import BadRequestError
from mock_server.services import access, computations, data_assets, file_content, lineage, runs, steering
from mock_server.ui import event_stream, files, timeline
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import Visit
from mock_server.wire.common import Folder
from mock_server.wire.data_assets import DataAssetParams

CAPTURE = ("capsule:read", "data_asset:read", "data_asset:write")

AT_ONCE = 50


def listing(visit: Visit) -> Response:
    """The runs that the user may see, newest first."""
    page, going = visit.page_number(), visit.asked("unfinished") != ""
    wanted = runs.Wanted(
        settle_after=visit.world.clock.now() if going else 0.0, limit=AT_ONCE + 1, offset=page * AT_ONCE
    )
    found = runs.listed(visit.world, visit.caller, wanted)
    return visit.show(
        "computations.html", found=found[:AT_ONCE], page=page, has_more=len(found) > AT_ONCE, unfinished=going
    )


async def detail(visit: Visit) -> Response:
    """One run."""
    run = runs.get(visit.world, visit.caller, visit.key)
    return visit.show("computation.html", run=run, shown=run.shown, parts=await parts(visit))


async def parts(visit: Visit) -> dict[str, str]:
    """What changes while one looks."""
    world, caller = visit.world, visit.caller
    run = runs.get(world, caller, visit.key)
    plan = steering.plan(world, run.shown.id)
    ended = run.shown.end_status is not None or run.shown.state in ("completed", "failed")
    made = await lineage.made_by(world, caller, run.shown.id)
    results = computations.list_results(world, caller, run.shown.id, None) if run.shown.has_results else None
    drawn = timeline.draw(plan, world.clock.now(), ended=ended)
    told: dict[str, Any] = {"run": run, "shown": run.shown, "plan": plan, "ended": ended}
    return {
        "status": visit.fragment("parts/run_status.html", **told),
        "stop": visit.fragment("parts/run_stop.html", **told),
        "timeline": visit.fragment("parts/timeline.html", timeline=drawn, **told),
        "results": visit.fragment("parts/results.html", results=results, **told),
        "actions": visit.fragment("parts/run_actions.html", made=made, **told),
    }


def stream(visit: Visit) -> Response:
    """The page as it changes."""
    runs.get(visit.world, visit.caller, visit.key)
    return event_stream.stream(visit, event_stream.until_gone(parts))


def browse(visit: Visit) -> Response:
    """A folder of the results, or a file with its preview."""
    run = runs.get(visit.world, visit.caller, visit.key)
    path = visit.asked("path")
    content = file_content.result(visit.world, visit.caller, visit.key, path) if path else None
    folder: Folder | None = None
    if content is None:
        folder = computations.list_results(visit.world, visit.caller, visit.key, path)
    return files.browse(visit, content, folder, section="computations", key=run.shown.id, name=run.shown.name)


def raw(visit: Visit) -> Response:
    """The bytes of a result file."""
    path = visit.asked("path")
    content = file_content.result(visit.world, visit.caller, visit.key, path)
    return files.raw(path, content, download=visit.asked("download") != "")


def rename(visit: Visit) -> Response:
    """Give the run another name."""
    name = visit.form.text("name")
    if not name:
        raise BadRequestError("a run has a name: give one")
    computations.rename(visit.world, visit.caller, visit.key, name[:1000])
    return visit.go("computations", visit.key, note="The run has another name.")


def stop(visit: Visit) -> Response:
    """Stop the run, as the app's button does."""
    run = access.computation(visit.world, visit.caller, visit.key, Role.EDITOR)
    asked = visit.ask_first(f"Stop {run.name}?", "It ends now, as stopped, and leaves no results.", "Stop the run")
    if asked:
        return asked
    steering.stop(visit.world, run.id)
    return visit.go("computations", run.id, note="The run has been stopped.")


def delete(visit: Visit) -> Response:
    """Remove the run."""
    run = access.computation(visit.world, visit.caller, visit.key, Role.EDITOR)
    consequence = "The run and its results are gone then. Data assets that were captured from it stay."
    asked = visit.ask_first(f"Delete {run.name}?", consequence, "Delete the run")
    if asked:
        return asked
    computations.delete(visit.world, visit.caller, run.id)
    return visit.go("computations", note="The run has been deleted.")


def capture(visit: Visit) -> Response:
    """Make a data asset of the results."""
    form = visit.form
    tags = [tag.strip() for tag in form.text("tags").split(",") if tag.strip()]
    source = {"computation": {"id": visit.key, "path": form.optional("path")}}
    params = DataAssetParams.model_validate(
        {
            "name": form.text("name"),
            "mount": form.text("mount"),
            "tags": tags,
            "description": form.optional("description"),
            "source": source,
        }
    )
    made = data_assets.create(visit.world, visit.caller, params)
    return visit.go("data_assets", made.id, note="The results are being captured.")


PAGES = (
    Page("/computations", listing, READ_CAPSULES),
    Page("/computations/{key}", detail, READ_CAPSULES),
    Page("/computations/{key}/live", stream, READ_CAPSULES),
    Page("/computations/{key}/files", browse, READ_CAPSULES),
    Page("/computations/{key}/raw", raw, READ_CAPSULES),
    action("/computations/{key}/rename", rename, WRITE_CAPSULES),
    action("/computations/{key}/stop", stop, WRITE_CAPSULES),
    action("/computations/{key}/delete", delete, WRITE_CAPSULES),
    action("/computations/{key}/capture", capture, CAPTURE),
)
