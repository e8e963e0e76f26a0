"""What a module of pages declares."""

import inspect
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import ValidationError
from starlette.responses import Response

from mock_server.asgi.responses import explain
from mock_server.errors import ApiError, BadRequestError
from mock_server.ui.page_context import PageContext

Answer = Callable[[PageContext], Response | Awaitable[Response]]

Refused = Callable[[PageContext, ApiError], Response | Awaitable[Response]]
"""The page that holds a form, with what was wrong in it and with what was filled in."""


class Page(NamedTuple):
    """A page below a world: where it is, what answers it, and the scopes that the user's token needs for it."""

    path: str
    answer: Answer
    scopes: tuple[str, ...] = ()
    method: str = "GET"


def action(path: str, answer: Answer, scopes: tuple[str, ...] = ()) -> Page:
    """What a form is sent to."""
    return Page(path, answer, scopes, "POST")


def in_place(section: str, name: str, act: Answer, refused: Refused, scopes: tuple[str, ...]) -> tuple[Page, Page]:
    """What a form of a thing's page is sent to, which shows that page again when the form is refused. The browser
    stands at the form's path then; who comes back to it is led to the page.
    """

    async def answer(context: PageContext) -> Response:
        try:
            return await _awaited(act(context))
        except ApiError as problem:
            return await _awaited(refused(context, problem))
        except ValidationError as problem:
            return await _awaited(refused(context, BadRequestError(explain(problem, "the form"))))

    path = f"/{section}/{{key}}/{name}"
    return action(path, answer, scopes), Page(path, lambda context: context.go(section, context.key))


async def _awaited(answer: Response | Awaitable[Response]) -> Response:
    return await answer if inspect.isawaitable(answer) else answer
