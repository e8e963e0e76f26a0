"""The worlds of the server and their snapshots: making, switching, saving, putting back, dropping."""

from starlette.responses import Response

from mock_server.services import steering, world_info
from mock_server.ui import paths
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import Visit
from mock_server.wire.control import WorldWish
from mock_server.world import DEFAULT


def listing(visit: Visit) -> Response:
    """All worlds, and the snapshots that others can be made from."""
    worlds = [world_info.of_world(visit.worlds, world) for world in visit.worlds.all()]
    return visit.show("worlds.html", worlds=worlds, snapshots=_snapshots(visit), default=DEFAULT)


def _snapshots(visit: Visit) -> list[object]:
    return [world_info.of_snapshot(snapshot) for snapshot in visit.worlds.snapshots.all()]


def switch(visit: Visit) -> Response:
    """Go to another world, to the same kind of page."""
    name = visit.form.text("name")
    return visit.leave(paths.of_world(visit.worlds.named(name).name))


def make(visit: Visit) -> Response:
    """Make a world."""
    form = visit.form
    wish = WorldWish.model_validate(
        {
            "name": form.text("name"),
            "seed": form.optional("seed"),
            "snapshot": form.optional("snapshot"),
            "random_seed": form.number("random_seed"),
            "clock": {"mode": form.text("mode")} if form.text("mode") else None,
        }
    )
    clock = steering.pace(wish.clock) if wish.clock else None
    if wish.snapshot is not None:
        made = visit.worlds.make_from_snapshot(wish.name, wish.snapshot, clock)
    else:
        made = visit.worlds.make(wish.name, wish.seed, wish.random_seed, clock)
    return visit.leave(paths.of_world(made.name), f"The world {made.name} has been made.")


def drop(visit: Visit) -> Response:
    """Drop the world."""
    name = visit.world.name
    asked = visit.ask_first(f"Drop the world {name}?", "All that is in it is gone then.", "Drop the world")
    if asked:
        return asked
    visit.worlds.drop(name)
    return visit.leave(paths.of_world(DEFAULT, "worlds"), f"The world {name} has been dropped.")


def reset(visit: Visit) -> Response:
    """Put the world back to its seed."""
    name = visit.world.name
    consequence = "What was made since is gone then; the clock, scenarios and faults are as they were at first."
    asked = visit.ask_first(f"Reset the world {name}?", consequence, "Reset the world")
    if asked:
        return asked
    visit.worlds.reset(visit.world)
    return visit.go("world", note=f"The world {name} is as it was at first.")


def save(visit: Visit) -> Response:
    """Save the world as a snapshot."""
    name = visit.form.text("name")
    there = any(snapshot.name == name for snapshot in visit.worlds.snapshots.all())
    consequence = "It takes the place of the snapshot of that name." if there else "The world itself does not change."
    asked = visit.ask_first(f"Save the world as {name}?", consequence, "Save a snapshot")
    if asked:
        return asked
    visit.worlds.save(visit.world, name)
    return visit.go("world", note=f"The world has been saved as {name}.")


def load(visit: Visit) -> Response:
    """Put the world back to a snapshot."""
    name = visit.form.text("name")
    consequence = f"All that is in the world {visit.world.name} now is gone then, its clock and journal included."
    asked = visit.ask_first(f"Put the world back to {name}?", consequence, "Load the snapshot")
    if asked:
        return asked
    visit.worlds.load(visit.world, name)
    return visit.go("world", note=f"The world is as it was saved as {name}.")


def forget(visit: Visit) -> Response:
    """Forget a snapshot."""
    name = visit.form.text("name")
    asked = visit.ask_first(f"Delete the snapshot {name}?", "It cannot be loaded any more then.", "Delete the snapshot")
    if asked:
        return asked
    visit.worlds.snapshots.delete(name)
    return visit.go("world", note=f"The snapshot {name} has been deleted.")


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
