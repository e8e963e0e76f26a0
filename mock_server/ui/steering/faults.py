"""Faults: presets, a form for any other, and the list of those that are set."""

from starlette.responses import Response

from mock_server.errors import BadRequestError
from mock_server.services import faults
from mock_server.ui.forms import FieldError, Form
from mock_server.ui.page import in_passing, on_page
from mock_server.ui.page_context import PageContext
from mock_server.ui.steering import world_page
from mock_server.ui.steering.fault_presets import PRESETS
from mock_server.wire.control import Fault

TEXTS = ("name", "operation", "method", "path", "entity", "user", "after", "lasts", "message", "latency", "probability")
NUMBERS = ("nth", "first", "every", "times", "status", "truncate")
FLAGS = ("close", "malform")
"""The fields of a fault in the form."""

WHICH = ("nth", "first", "every")
EFFECTS = ("status", "truncate", *FLAGS)
"""Fields of which one at most is filled in."""


def set_fault(context: PageContext) -> Response:
    """Set a fault by the form."""
    put = faults.put(context.world, Fault.model_validate(_fields(context.form)))
    return context.go("world", note=f"The fault {put.name} is set.")


def _fields(form: Form) -> dict[str, object]:
    """The fault that the form says. Raises `FieldError` for fields that do not go together."""
    given: dict[str, object] = {name: form.optional(name) for name in TEXTS}
    given |= {name: form.number(name) for name in NUMBERS}
    given |= {name: True for name in FLAGS if form.flag(name)}
    given["headers"] = dict(_header(line) for line in form.lines("headers")) or None
    given = {name: value for name, value in given.items() if value is not None}
    for group in (WHICH, EFFECTS):
        if len(both := [name for name in group if name in given]) > 1:
            raise FieldError(both[0], f"goes without {world_page.LABELS[both[1]]}")
    if "status" not in given and ("message" in given or "headers" in given):
        raise FieldError("status", "fill this in for a message or headers")
    if not any(name in given for name in (*EFFECTS, "latency")):
        raise FieldError("status", "say what happens: fill in this, or a delay, or one of the others")
    # Only an answer can be cut.
    given["phase"] = "after" if "truncate" in given else form.optional("phase") or "before"
    return given


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise FieldError("headers", f"not a header: {line[:40]}; write Name: value")
    return name.strip(), value.strip()


def set_preset(context: PageContext) -> Response:
    """Set one of the presets."""
    preset = PRESETS.get(context.form.text("preset"))
    if preset is None:
        raise BadRequestError("there is no such preset")
    faults.put(context.world, preset.fault)
    return context.go_back(f"The fault {preset.fault.name} is set. {preset.does}")


def pause(context: PageContext) -> Response:
    """Let a fault rest, or go on."""
    name, paused = context.form.text("name"), context.form.flag("paused")
    faults.pause(context.world, name, paused=paused)
    return context.go_back(f"The fault {name} {'is paused' if paused else 'goes on'}.")


def remove(context: PageContext) -> Response:
    """Remove one fault, or all."""
    name = context.form.optional("name")
    if name is None:
        faults.clear(context.world)
        return context.go_back("All faults have been removed.")
    faults.forget(context.world, name)
    return context.go_back(f"The fault {name} has been removed.")


PAGES = (
    *on_page("/world/faults", set_fault, world_page.show, "world"),
    in_passing("/faults/preset", set_preset),
    in_passing("/faults/pause", pause),
    in_passing("/faults/remove", remove),
)
