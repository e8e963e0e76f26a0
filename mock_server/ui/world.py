"""The page of one world: its clock, scenarios, faults and snapshots."""

from starlette.responses import Response

from mock_server.domain.faults import KNOWN_OPERATIONS
from mock_server.services import clock, faults, scenarios, world_info
from mock_server.ui import formats
from mock_server.ui.page import Page, action
from mock_server.ui.page_context import PageContext
from mock_server.wire.control import AdvanceClock, Fault, SetClock
from mock_server.world import DEFAULT

MODES = {
    "wall": "real time",
    "frozen": "it stands",
    "offset": "ahead of real time",
    "scaled": "faster or slower than real time",
    "skipping": "it stands, and polls move it",
}

TEXTS = ("name", "operation", "method", "path", "entity", "user", "after", "lasts", "message", "latency")
NUMBERS = ("nth", "first", "every", "times", "status", "truncate")
"""The fields of a fault in the form."""


def show(context: PageContext) -> Response:
    """The page."""
    world = context.world
    return context.show(
        "world.html",
        world=world_info.describe_world(context.worlds, world),
        modes=MODES,
        scenarios=scenarios.listed(world),
        faults=faults.listed(world).faults,
        operations=sorted(KNOWN_OPERATIONS),
        snapshots=[world_info.describe_snapshot(snapshot) for snapshot in context.worlds.snapshots.all()],
        default=DEFAULT,
    )


def set_clock(context: PageContext) -> Response:
    """Let the clock run otherwise."""
    form = context.form
    given = {name: form.optional(name) for name in ("at", "offset", "scale")}
    params = SetClock.model_validate({"mode": form.text("mode"), **given})
    consequence = f"The clock is {params.mode} then: {MODES[params.mode]}. It cannot be turned back."
    asked = context.ask_first("Change how the clock runs?", consequence, "Change the clock")
    if asked:
        return asked
    clock.set_clock(context.world, params)
    return context.go("world", note=f"The clock is {params.mode}.")


def advance(context: PageContext) -> Response:
    """Move the clock forwards."""
    form = context.form
    given = {"by": form.optional("by"), "to": form.optional("to"), "next_change": form.flag("next_change")}
    params = AdvanceClock.model_validate(given)
    asked = context.ask_first("Move the clock?", "Time goes on at once; it cannot be turned back.", "Move the clock")
    if asked:
        return asked
    done = clock.advance(context.world, params)
    return context.show("advanced.html", done=done)


async def load_scenarios(context: PageContext) -> Response:
    """Load scenarios from a text."""
    replace = context.form.flag("replace")
    consequence = (
        "They take the place of those that are there." if replace else "They stand behind those that are there."
    )
    asked = context.ask_first("Load these scenarios?", consequence, "Load scenarios")
    if asked:
        return asked
    text, files = context.form.text("text"), context.worlds.settings.readable_files
    listed = await scenarios.load(context.world, text, "the form", files, replace=replace)
    return context.go("world", note=f"{formats.counted(len(listed.scenarios), 'scenario')} loaded.")


def forget_scenarios(context: PageContext) -> Response:
    """Forget one scenario, or all."""
    name = context.form.optional("name")
    what = f"the scenario {name}" if name else "all scenarios"
    asked = context.ask_first(f"Forget {what}?", "Runs that have been started keep their plans.", "Forget")
    if asked:
        return asked
    scenarios.forget(context.world, name)
    return context.go("world", note=f"Forgot {what}.")


def set_fault(context: PageContext) -> Response:
    """Set a fault."""
    form = context.form
    given: dict[str, object] = {name: form.optional(name) for name in TEXTS}
    given |= {name: form.number(name) for name in NUMBERS}
    given |= {"probability": form.optional("probability"), "phase": form.optional("phase") or "before"}
    given |= {name: form.flag(name) for name in ("close", "malform")}
    given["headers"] = dict(_header(line) for line in form.lines("headers"))
    fault = Fault.model_validate({key: value for key, value in given.items() if value is not None})
    asked = context.ask_first("Set this fault?", "Requests that it fits fail from now on.", "Set the fault")
    if asked:
        return asked
    put = faults.put(context.world, fault)
    return context.go("world", note=f"The fault {put.name} is set.")


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def forget_faults(context: PageContext) -> Response:
    """Forget one fault, or all."""
    name = context.form.optional("name")
    what = f"the fault {name}" if name else "all faults"
    asked = context.ask_first(f"Forget {what}?", "Requests are answered as they should be again.", "Forget")
    if asked:
        return asked
    if name:
        faults.forget(context.world, name)
    else:
        faults.clear(context.world)
    return context.go("world", note=f"Forgot {what}.")


PAGES = (
    Page("/world", show),
    action("/world/clock", set_clock),
    action("/world/clock/advance", advance),
    action("/world/scenarios", load_scenarios),
    action("/world/scenarios/forget", forget_scenarios),
    action("/world/faults", set_fault),
    action("/world/faults/forget", forget_faults),
)
