"""The worlds of the server: listing, making, switching, resetting, dropping."""

from starlette.responses import Response

from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.errors import ApiError
from mock_server.services import clock, world_info
from mock_server.ui import paths
from mock_server.ui.forms import FieldError
from mock_server.ui.page import Page, action, in_passing, on_page
from mock_server.ui.page_context import PageContext
from mock_server.wire.control import CreateWorld


def listing(context: PageContext) -> Response:
    """All worlds, and the snapshots that others can be made from."""
    snapshots = [snapshot.name for snapshot in context.worlds.snapshots.all()]
    worlds = world_info.list_worlds(context.worlds)
    return context.show("worlds.html", worlds=worlds, snapshots=snapshots, default=DEFAULT_WORLD)


def switch(context: PageContext) -> Response:
    """Go to another world."""
    name = context.form.text("name")
    return context.leave(paths.of_world(context.worlds.require(name).name))


async def make(context: PageContext) -> Response:
    """Create a world."""
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
    try:
        if params.snapshot is not None:
            await context.worlds.create_from_snapshot(params.name, params.snapshot, setting)
        else:
            await context.worlds.create_from_seed(params.name, params.seed, params.random_seed, setting)
    except ApiError as problem:
        raise FieldError("name" if problem.status == 409 else "seed", problem.message) from None
    return context.go("worlds", note=f"The world {params.name} has been created.")


def drop(context: PageContext) -> Response:
    """Drop the world."""
    name = context.world.name
    asked = context.ask_first(f"Drop the world {name}?", "Everything in it is deleted.", "Drop the world")
    if asked:
        return asked
    context.worlds.drop(name)
    return context.leave(paths.of_world(DEFAULT_WORLD, "worlds"), f"The world {name} has been dropped.")


async def reset(context: PageContext) -> Response:
    """Put the world back to its seed."""
    name = context.world.name
    asked = context.ask_first(
        f"Reset the world {name}?",
        "Everything created since it was seeded is deleted; the clock, scenarios and faults start afresh.",
        "Reset the world",
    )
    if asked:
        return asked
    await context.worlds.reset(context.world)
    return context.go_back(f"The world {name} has been reset.")


PAGES = (
    Page("/worlds", listing),
    action("/switch", switch),
    *on_page("/worlds/make", make, listing, "worlds"),
    action("/world/drop", drop),
    in_passing("/world/reset", reset),
)
