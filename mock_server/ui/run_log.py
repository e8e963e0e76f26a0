"""The log of a driven run: its end, as it grows, and the whole of it."""

from typing import NamedTuple

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.domain.content import Content
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


def whole(context: PageContext) -> Response:
    """The log as it is now, as text."""
    log = contents.of_run(context.world, context.caller, context.key).log
    return files.raw("log.txt", log, download=context.asked("download") != "")


PAGES = (Page("/computations/{key}/log", whole, READ_CAPSULES),)
