"""Scenarios: chosen from a list for the next run or all runs, or loaded from a file's text."""

from starlette.responses import Response

from mock_server.documents.document_error import DocumentError
from mock_server.domain.scenario_matching import Target
from mock_server.services import scenarios
from mock_server.ui import formats
from mock_server.ui.forms import FieldError
from mock_server.ui.page import in_passing, on_page
from mock_server.ui.page_context import PageContext
from mock_server.ui.steering import world_page


def choose(context: PageContext) -> Response:
    """Choose a scenario for the next run, or all runs, of a capsule, a pipeline or any of them."""
    form = context.form
    scenario, once = form.text("scenario"), form.text("span") != "all"
    target = Target(form.optional("capsule"), form.text("kind") == "pipeline")
    scenarios.choose(context.world, scenario, target, once=once)
    return context.go_back(f"{'The next run' if once else 'All runs'} will use the scenario {scenario}.")


def forget(context: PageContext) -> Response:
    """Forget one scenario, or all."""
    name = context.form.optional("name")
    scenarios.forget(context.world, name)
    return context.go_back(f"The scenario {name} has been removed." if name else "All scenarios have been removed.")


async def load(context: PageContext) -> Response:
    """Load scenarios from a text."""
    text, files = context.form.text("text"), context.worlds.settings.readable_files
    if not text:
        raise FieldError("text", "fill this in")
    try:
        listed = await scenarios.load(context.world, text, "the form", files, replace=context.form.flag("replace"))
    except DocumentError as problem:
        raise FieldError("text", str(problem)) from None
    return context.go("world", note=f"{formats.counted(len(listed.scenarios), 'scenario')} loaded.")


PAGES = (
    in_passing("/scenarios/choose", choose),
    in_passing("/scenarios/forget", forget),
    *on_page("/world/scenarios", load, world_page.show, "world"),
)
