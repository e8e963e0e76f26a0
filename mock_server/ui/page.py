"""What a module of pages declares."""

import inspect
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import ValidationError
from starlette.responses import Response

from mock_server.documents.document_error import DocumentError
from mock_server.errors import ApiError, BadRequestError
from mock_server.ui.forms import FieldError, Refusal, in_one_line
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


def on_page(path: str, act: Answer, shown: Answer, back: str, scopes: tuple[str, ...] = ()) -> tuple[Page, Page]:
    """What a form is sent to, on whose page, `shown`, it is seen again with what was wrong in it when it is refused.
    The browser stands at the form's path then; who comes back to it is led to the page at `back`.
    """

    async def refused(context: PageContext, _problem: ApiError) -> Response:
        return await _awaited(shown(context))

    return _pages(path, act, refused, scopes, lambda context: context.go(*back.split("/")))


def in_place(section: str, name: str, act: Answer, refused: Refused, scopes: tuple[str, ...]) -> tuple[Page, Page]:
    """The same for a form of a thing's page."""
    path = f"/{section}/{{key}}/{name}"
    return _pages(path, act, refused, scopes, lambda context: context.go(section, context.key))


def in_passing(path: str, act: Answer) -> Page:
    """What a button is sent to that stands on several pages: the browser goes back to where it was, with a note of what
    was wrong if it was refused.
    """

    async def answer(context: PageContext) -> Response:
        try:
            return await _awaited(act(context))
        except (ApiError, DocumentError, ValidationError) as problem:
            return context.go_back(_said(problem).message, "bad")

    return action(path, answer)


def _pages(
    path: str, act: Answer, refused: Refused, scopes: tuple[str, ...], lead: Callable[[PageContext], Response]
) -> tuple[Page, Page]:
    form = path.rpartition("/")[2]

    async def answer(context: PageContext) -> Response:
        try:
            return await _awaited(act(context))
        except (ApiError, DocumentError, ValidationError) as problem:
            context.refusal = Refusal.of(form, problem, context.form.names)
            return await _awaited(refused(context, _said(problem)))

    return action(path, answer, scopes), Page(path, lead)


def _said(problem: ApiError | DocumentError | ValidationError) -> ApiError:
    """What is said where a page has no place beside the field."""
    if isinstance(problem, FieldError):
        return BadRequestError(f"{problem.field}: {problem.message}")
    if isinstance(problem, ValidationError):
        return BadRequestError(in_one_line(problem))
    return problem if isinstance(problem, ApiError) else BadRequestError(str(problem))


async def _awaited(answer: Response | Awaitable[Response]) -> Response:
    return await answer if inspect.isawaitable(answer) else answer
