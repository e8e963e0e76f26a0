"""The log of a run: its end, as it grows, and the whole of it."""

from typing import NamedTuple

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.domain.content import Content, Text
from mock_server.errors import ConflictError
from mock_server.services import access, computations
from mock_server.services.driven import contents
from mock_server.ui import files
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext

SHOWN = 64 * 1024
"""How many bytes of a log are shown at most: an open page is sent them once a second while it grows."""


class Tail(NamedTuple):
    """The end of a log of `size` bytes; `cut` when that is not the whole of it."""

    text: str
    size: int
    cut: bool


def tail(log: Content) -> Tail:
    """The end of a log that is shown: from the beginning of a line on, if there is one."""
    start = max(0, log.size - SHOWN)
    end = b"".join(log.read(start, log.size))
    if start:
        end = end.partition(b"\n")[2] or end
    return Tail(end.decode("utf-8", "replace"), log.size, start > 0)


def so_far(context: PageContext) -> Content | None:
    """The log of the page's run as it is now; None when it has none."""
    world, caller = context.world, context.caller
    if access.computation(world, caller, context.key).plan.driven:
        return contents.of_run(world, caller, context.key).log
    log = computations.log_so_far(world, caller, context.key)
    return None if log is None else Text(log)


def whole(context: PageContext) -> Response:
    """The log as it is now, as text."""
    log = so_far(context)
    if log is None:
        raise ConflictError("the run has no log")
    return files.raw("log.txt", log, download=context.asked("download") != "")


PAGES = (Page("/computations/{key}/log", whole, READ_CAPSULES),)
