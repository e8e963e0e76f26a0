"""Snapshots of worlds: saving, loading, deleting."""

from starlette.responses import Response

from mock_server.errors import ApiError
from mock_server.ui.forms import FieldError
from mock_server.ui.page import in_passing, on_page
from mock_server.ui.page_context import PageContext
from mock_server.ui.steering import world_page


def save(context: PageContext) -> Response:
    """Save the world as a snapshot; in the place of another one when that has been agreed to."""
    name = context.form.text("name")
    if any(snapshot.name == name for snapshot in context.worlds.snapshots.all()):
        asked = context.ask_first(
            f"Replace the snapshot {name}?",
            "The existing snapshot is overwritten.",
            "Replace the snapshot",
        )
        if asked:
            return asked
    try:
        context.worlds.save(context.world, name)
    except ApiError as problem:
        raise FieldError("name", problem.message) from None
    return context.go("world", note=f"The world has been saved as {name}.")


def _named(context: PageContext) -> str:
    """The name of the snapshot that a form is about. Raises `NotFoundError` for one that is not there any more: nobody
    is asked about that.
    """
    name = context.form.text("name")
    context.worlds.snapshots.open(name).close()
    return name


async def load(context: PageContext) -> Response:
    """Put the world back to a snapshot."""
    name, world = _named(context), context.world
    asked = context.ask_first(
        f"Load the snapshot {name}?",
        f"Everything in the world {world.name} is replaced, including its clock and journal.",
        "Load the snapshot",
    )
    if asked:
        return asked
    await context.worlds.load(world, name)
    return context.go("world", note=f"The snapshot {name} has been loaded.")


def delete(context: PageContext) -> Response:
    """Delete a snapshot."""
    name = _named(context)
    asked = context.ask_first(f"Delete the snapshot {name}?", "It can no longer be loaded.", "Delete the snapshot")
    if asked:
        return asked
    context.worlds.snapshots.delete(name)
    return context.go("world", note=f"The snapshot {name} has been deleted.")


PAGES = (
    *on_page("/world/snapshots/save", save, world_page.show, "world"),
    in_passing("/world/snapshots/load", load),
    in_passing("/world/snapshots/delete", delete),
)
