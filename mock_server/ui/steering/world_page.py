"""The page of one world: its clock, faults, scenarios and snapshots."""

from typing import Any

from starlette.responses import Response

from mock_server.domain.faults import KNOWN_OPERATIONS
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.services import faults, scenarios, world_info
from mock_server.ui import formats
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext
from mock_server.ui.steering import scenario_words
from mock_server.ui.steering.fault_presets import PRESETS
from mock_server.wire.control import Fault

MODES = {
    "wall": "real time",
    "frozen": "stopped",
    "offset": "ahead of or behind real time",
    "scaled": "faster or slower than real time",
    "skipping": "stopped; polls advance it",
}

LABELS = {
    "operation": "Operation",
    "method": "Method",
    "path": "Path",
    "entity": "Id",
    "user": "User",
    "nth": "Only the nth",
    "first": "Only the first",
    "every": "Every nth",
    "probability": "Probability",
    "after": "Start after",
    "lasts": "Duration",
    "times": "Max. hits",
    "status": "Status",
    "message": "Message",
    "headers": "Headers",
    "latency": "Delay",
    "truncate": "Truncate after bytes",
    "phase": "When",
    "close": "Close the connection",
    "malform": "Malform the body",
}
"""The fields of a fault in a user's words."""

DURATIONS = {"after", "lasts", "latency"}


def show(context: PageContext) -> Response:
    """The page."""
    world = context.world
    listed = scenarios.listed(world)
    return context.show(
        "world.html",
        world=world_info.describe_world(context.worlds, world),
        modes=MODES,
        labels=LABELS,
        presets=PRESETS,
        operations=sorted(KNOWN_OPERATIONS),
        faults=[(fault, in_words(fault.spec)) for fault in faults.listed(world).faults],
        scenarios=listed,
        scenario_options=scenario_words.options(world),
        chosen=scenario_words.chosen(world, None),
        snapshots=[world_info.describe_snapshot(snapshot) for snapshot in context.worlds.snapshots.all()],
        default=DEFAULT_WORLD,
    )


def in_words(fault: Fault) -> list[tuple[str, str]]:
    """What a fault does: the labels of its fields, with their values."""
    given = fault.model_dump(mode="json", exclude_defaults=True, exclude={"name", "paused"})
    return [(LABELS[name], _value(name, value)) for name, value in given.items()]


def _value(field: str, value: Any) -> str:
    if field == "headers":
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if field in DURATIONS:
        return " to ".join(formats.lasting(one) for one in (value if isinstance(value, list) else [value]))
    return "yes" if value is True else str(value)


PAGES = (Page("/world", show),)
