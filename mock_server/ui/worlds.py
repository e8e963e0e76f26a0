"""The worlds of the server and their snapshots: making, switching, saving, putting back, dropping."""

from starlette.responses import Response

from mock_server.services import clock, world_info
from mock_server.ui import paths
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext
from mock_server.wire.control import CreateWorld
from mock_server.world import DEFAULT


def listing(context: PageContext) -> Response:
    """All worlds, and the snapshots that others can be made from."""
    worlds = world_info.list_worlds(context.worlds)
    return context.show("worlds.html", worlds=worlds, snapshots=_snapshots(context), default=DEFAULT)


def _snapshots(context: PageContext) -> list[object]:
    return [world_info.describe_snapshot(snapshot) for snapshot in context.worlds.snapshots.all()]


def switch(context: PageContext) -> Response:
    """Go to another world, to the same kind of page."""
    name = context.form.text("name")
    return context.leave(paths.of_world(context.worlds.require(name).name))


async def make(context: PageContext) -> Response:
    """Make a world."""
    form = context.form
    params = CreateWorld.model_validate(
        {
            "name": form.text("name"),
            "seed": form.optional("seed"),
            "snapshot": form.optional("snapshot"),
            "random_seed": form.number("random_seed"),
            "clock": {"mode": form.text("mode")} if form.text("mode") else None,
        }
    )
    setting = clock.setting(params.clock) if params.clock else None
    if params.snapshot is not None:
        made = await context.worlds.create_from_snapshot(params.name, params.snapshot, setting)
    else:
        made = await context.worlds.create_from_seed(params.name, params.seed, params.random_seed, setting)
    return context.leave(paths.of_world(made.name), f"The world {made.name} has been made.")


def drop(context: PageContext) -> Response:
    """Drop the world."""
    name = context.world.name
    asked = context.ask_first(f"Drop the world {name}?", "All that is in it is gone then.", "Drop the world")
    if asked:
        return asked
    context.worlds.drop(name)
    return context.leave(paths.of_world(DEFAULT, "worlds"), f"The world {name} has been dropped.")


async def reset(context: PageContext) -> Response:
    """Put the world back to its seed."""
    name = context.world.name
    consequence = "What was made since is gone then; the clock, scenarios and faults are as they were at first."
    asked = context.ask_first(f"Reset the world {name}?", consequence, "Reset the world")
    if asked:
        return asked
    await context.worlds.reset(context.world)
    return context.go("world", note=f"The world {name} is as it was at first.")


def save(context: PageContext) -> Response:
    """Save the world as a snapshot."""
    name = context.form.text("name")
    there = any(snapshot.name == name for snapshot in context.worlds.snapshots.all())
    consequence = "It takes the place of the snapshot of that name." if there else "The world itself does not change."
    asked = context.ask_first(f"Save the world as {name}?", consequence, "Save a snapshot")
    if asked:
        return asked
    context.worlds.save(context.world, name)
    return context.go("world", note=f"The world has been saved as {name}.")


async def load(context: PageContext) -> Response:
    """Put the world back to a snapshot."""
    name = context.form.text("name")
    consequence = f"All that is in the world {context.world.name} now is gone then, its clock and journal included."
    asked = context.ask_first(f"Put the world back to {name}?", consequence, "Load the snapshot")
    if asked:
        return asked
    await context.worlds.load(context.world, name)
    return context.go("world", note=f"The world is as it was saved as {name}.")


def forget(context: PageContext) -> Response:
    """Forget a snapshot."""
    name = context.form.text("name")
    asked = context.ask_first(
        f"Delete the snapshot {name}?", "It cannot be loaded any more then.", "Delete the snapshot"
    )
    if asked:
        return asked
    context.worlds.snapshots.delete(name)
    return context.go("world", note=f"The snapshot {name} has been deleted.")


PAGES = (
    Page("/worlds", listing),
    action("/switch", switch),
    action("/worlds/make", make),
    action("/world/drop", drop),
    action("/world/reset", reset),
    action("/world/snapshots/save", save),
    action("/world/snapshots/load", load),
    action("/world/snapshots/delete", forget),
)
