"""What a module of pages declares."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.responses import Response

from mock_server.ui.page_context import PageContext

Answer = Callable[[PageContext], Response | Awaitable[Response]]


class Page(NamedTuple):
    """A page below a world: where it is, what answers it, and the scopes that the user's token needs for it."""

    path: str
    answer: Answer
    scopes: tuple[str, ...] = ()
    method: str = "GET"


def action(path: str, answer: Answer, scopes: tuple[str, ...] = ()) -> Page:
    """What a form is sent to."""
    return Page(path, answer, scopes, "POST")
