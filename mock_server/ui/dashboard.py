"""The dashboard as an ASGI application: guarded, and built when it is first asked for."""

import logging
from collections.abc import AsyncIterator, Iterator, MutableMapping
from functools import cached_property, partial
from itertools import chain
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from mock_server.asgi import bodies, origin_check
from mock_server.asgi.context import Receive, Scope, Send
from mock_server.asgi.responses import http_date
from mock_server.documents.document_error import DocumentError
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.errors import ApiError, DamagedError, NotFoundError, UnavailableError
from mock_server.ui import (
    capsules,
    computations,
    data_assets,
    driving,
    overview,
    paths,
    run_log,
    static_files,
    tour,
)
from mock_server.ui.forms import MOST_BYTES, in_one_line
from mock_server.ui.journal import polling, replaying, requests, unused
from mock_server.ui.login import Login
from mock_server.ui.once import Once
from mock_server.ui.page import Page
from mock_server.ui.page_context import (
    FOR_THE_PAGE,
    Cookies,
    PageContext,
    Serve,
    outside,
    refusal,
    sent_form,
    set_cookie,
)
from mock_server.ui.runs import comparing
from mock_server.ui.runs import listing as run_list
from mock_server.ui.sessions import Sessions
from mock_server.ui.steering import clock, faults, scenarios, snapshots, world_page, worlds
from mock_server.worlds import Worlds

RUNS = (run_list, comparing, computations, run_log, driving)
JOURNAL = (polling, unused, requests, replaying)
STEERING = (world_page, worlds, clock, faults, scenarios, snapshots)
PARTS = (overview, tour, capsules, *RUNS, data_assets, *JOURNAL, *STEERING)

log = logging.getLogger("codeocean_mock")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy: the browser asks no host but this one, and runs no script but ours."""

HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
}
"""What every answer carries unless it says otherwise itself."""


class Dashboard:
    """An ASGI application for everything below `paths.ROOT`, and for `/`, which leads there. `serve` is the server that
    it belongs to.
    """

    def __init__(self, worlds_: Worlds, serve: Serve) -> None:
        self._worlds, self._serve = worlds_, serve
        self._sessions = Sessions(worlds_.settings.control_token)
        self._login = Login(self._sessions, worlds_.settings)
        self._once = Once()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        date = http_date(int(self._worlds.default.clock.now()))

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                more = [pair for pair in HEADERS.items() if pair[0] not in given]
                message["headers"] = [*message["headers"], *more, (b"date", date)]
            await send(message)

        try:
            problem = origin_check.refusal(scope, "the dashboard", self._worlds.settings)
            if problem is not None:
                raise problem
            body = await bodies.read(scope, receive, MOST_BYTES)
        except ApiError as refused:
            await refusal(refused)(scope, receive, send_with_headers)
        except bodies.ClientGoneError:
            return
        else:
            await self._app(scope, bodies.replayed(body, receive), send_with_headers)

    @cached_property
    def _app(self) -> Starlette:
        # Late, as the control plane: a server that nobody looks at does not pay for it.
        pages = chain.from_iterable(part.PAGES for part in PARTS)
        handlers = {HTTPException: _not_served, UnavailableError: _unavailable}
        return Starlette(routes=list(self._routes(pages)), exception_handlers=handlers)

    def _routes(self, pages: Iterator[Page]) -> Iterator[Route]:
        yield Route("/", _lead_in)
        yield Route(paths.ROOT, _lead_in)
        yield Route(f"{paths.ROOT}/", _lead_in)
        yield Route(f"{paths.STATIC}/{{name}}", _static)
        yield Route(paths.LOGIN, self._login.enter, methods=["GET", "POST"])
        yield Route(paths.LOGOUT, self._login.leave, methods=["POST"])
        for page in pages:
            path = f"{paths.WORLDS}/{{world}}{page.path}"
            yield Route(path, self._endpoint(page), methods=[page.method])

    def _endpoint(self, page: Page) -> Any:
        async def answer(request: Request) -> Response:
            session = self._sessions.of(request.cookies.get(Cookies(request).session))
            if not session.trusted:
                return await self._login.first(request)
            response = await self._once_answered(request, page)
            if request.method == "HEAD" and isinstance(response, StreamingResponse):
                # Nobody reads it, and some have no end.
                response.body_iterator = _nothing()
            if session.is_new:
                set_cookie(request, response, Cookies(request).session, session.cookie)
            return response

        return answer

    async def _once_answered(self, request: Request, page: Page) -> Response:
        if page.method != "POST":
            return await self._answer(request, page)
        act = partial(self._answer, request, page)
        return await self._once.answer(request.scope["path"], await request.body(), act)

    async def _answer(self, request: Request, page: Page) -> Response:
        try:
            world = self._worlds.get(request.path_params["world"])
            if world is None:
                raise NotFoundError("there is no such world")
            context = PageContext(request, self._worlds, world, self._serve)
        except ApiError as problem:
            return refusal(problem)
        try:
            if page.method == "POST":
                context.form = await sent_form(request)
            context.need(page.scopes)
            answer = page.answer(context)
            return tour.follow(context, answer if isinstance(answer, Response) else await answer)
        except DamagedError:
            # The frame of a page reads the world, too: this is answered without.
            raise
        except ApiError as problem:
            return _problem_page(context, problem.status, problem.message or "this cannot be done")
        except DocumentError as problem:
            return _problem_page(context, 400, str(problem))
        except ValidationError as problem:
            return _problem_page(context, 400, in_one_line(problem))
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            return refusal(ApiError("internal error"))


async def _nothing() -> AsyncIterator[bytes]:
    """A body without a byte."""
    return
    yield b""


async def _lead_in(_request: Request) -> Response:
    return RedirectResponse(paths.of_world(DEFAULT_WORLD), 303)


async def _static(request: Request) -> Response:
    try:
        return static_files.serve(request)
    except NotFoundError as problem:
        return refusal(problem)


def _problem_page(context: PageContext, status: int, message: str) -> Response:
    """A page of the world that says what was wrong; outside of it when the world was dropped meanwhile."""
    if context.world.closed:
        return refusal(NotFoundError("there is no such world"))
    page = context.show("problem.html", status, message=message, code=status, back=context.came_from())
    page.headers.update(FOR_THE_PAGE)
    return page


async def _not_served(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    return outside(str(problem.detail).lower(), problem.status_code)


async def _unavailable(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, UnavailableError)
    return refusal(problem)
