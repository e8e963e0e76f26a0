"""The clock: the keys of the bar that every page has, and the forms of the world page."""

from starlette.responses import Response

from mock_server.errors import BadRequestError
from mock_server.services import clock
from mock_server.ui import formats
from mock_server.ui.forms import FieldError, Form
from mock_server.ui.page import in_passing, on_page
from mock_server.ui.page_context import PageContext
from mock_server.ui.steering import world_page
from mock_server.wire.control import CLOCK_FIELDS, AdvanceClock, Advanced, SetClock

FREEZE = "freeze"

MOST_NAMED = 3
"""How many changes a note names."""


def step(context: PageContext) -> Response:
    """Move the clock forwards by a key of the bar."""
    form = context.form
    request = AdvanceClock(by=form.optional("by"), next_change=form.flag("next_change"))
    return context.go_back(_moved(clock.advance(context.world, request)))


def advance(context: PageContext) -> Response:
    """Move the clock forwards by what was typed."""
    by, to = (context.form.optional(name) for name in ("by", "to"))
    if (by is None) == (to is None):
        raise FieldError("by", "fill in this or the time, not both" if by else "fill in this or the time")
    request = AdvanceClock.model_validate({"by": by, "to": to})
    try:
        done = clock.advance(context.world, request)
    except BadRequestError as problem:
        raise FieldError("to" if to else "by", problem.message) from None
    return context.go("world", note=_moved(done))


def _moved(done: Advanced) -> str:
    """What an advance did, in one note."""
    moved = f"The clock moved by {formats.lasting(round(done.now - done.before, 1))}, to {formats.when(done.now)}."
    named = [
        f"{change.name or change.kind.replace('_', ' ')}: {change.before} → {change.after}"
        for change in done.changes[:MOST_NAMED]
    ]
    left = len(done.changes) + done.more - len(named)
    if left:
        named.append(formats.counted(left, "more change"))
    return f"{moved} {'; '.join(named)}." if named else moved


def pace(context: PageContext) -> Response:
    """Freeze the clock, or let it run so many times as fast as real time from where it is."""
    chosen = context.form.text("pace")
    if chosen == FREEZE:
        clock.set_clock(context.world, SetClock(mode="frozen"))
        return context.go_back("The clock is frozen.")
    clock.set_clock(context.world, SetClock.model_validate({"mode": "scaled", "scale": chosen}))
    return context.go_back(f"The clock runs at {'the speed of' if chosen == '1' else chosen + ' times'} real time.")


async def real(context: PageContext) -> Response:
    """Let the clock show real time. One that is ahead of it cannot: the world is reset then, which asks first."""
    world = context.world
    if clock.hands(world).ahead <= 0:
        clock.set_clock(world, SetClock(mode="wall"))
        return context.go_back("The clock shows real time.")
    asked = context.ask_first(
        "Reset the world for real time?",
        "The clock is ahead of real time, and a world's clock never runs backwards. A reset deletes "
        f"everything created in the world {world.name} since it was seeded, and restarts its clock.",
        "Reset the world",
    )
    if asked:
        return asked
    await context.worlds.reset(world)
    return context.go_back(f"The world {world.name} has been reset.")


def change_mode(context: PageContext) -> Response:
    """Change how the clock runs."""
    params = SetClock.model_validate(_mode(context.form))
    try:
        clock.set_clock(context.world, params)
    except BadRequestError as problem:
        raise FieldError("at" if params.at is not None else "mode", problem.message) from None
    return context.go("world", note=f"The clock's mode is {params.mode}: {world_page.MODES[params.mode]}.")


def _mode(form: Form) -> dict[str, str]:
    """The fields of the form. Raises `FieldError` for one that does not go with the mode, or that it lacks."""
    mode = form.text("mode")
    given = {name: form.text(name) for name in ("at", "offset", "scale") if form.text(name)}
    for name in given:
        if name not in CLOCK_FIELDS.get(mode, ()):
            raise FieldError(name, f"does not go with the mode {mode}")
    if mode == "scaled" and "scale" not in given:
        raise FieldError("scale", "fill this in for the mode scaled")
    if mode == "offset" and len(given) != 1:
        raise FieldError("offset", "fill in this or the time, not both, for the mode offset")
    return {"mode": mode, **given}


PAGES = (
    in_passing("/clock/step", step),
    in_passing("/clock/pace", pace),
    in_passing("/clock/real", real),
    *on_page("/world/clock/advance", advance, world_page.show, "world"),
    *on_page("/world/clock/mode", change_mode, world_page.show, "world"),
)
