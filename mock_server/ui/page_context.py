"""One request of a browser, as the pages see it: the world, the user they act as, and how to answer."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mock_server import ids
from mock_server.asgi.context import Receive, Scope, Send
from mock_server.domain.access import Caller
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.errors import ApiError, ForbiddenError
from mock_server.services import access
from mock_server.ui import in_force, once, paths, pieces
from mock_server.ui.forms import Form, Refusal
from mock_server.ui.templating import render
from mock_server.world import World
from mock_server.worlds import Worlds

NOBODY = Caller("", "nobody", admin=False, scopes=frozenset())

CONFIRMED, BACK = "confirmed", "back"
"""Fields of a page that asks: that the answer is yes, and where the form was."""

FOR_THE_DIALOG = {"HX-Retarget": "#ask", "HX-Reselect": "#question", "HX-Reswap": "innerHTML ignoreTitle:true"}
FOR_THE_PAGE = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML show:window:top"}
"""Headers that tell a page's scripts where an answer goes that is not the one that they have asked for: into the
dialog, or in the place of all that the page shows.
"""

Serve = Callable[[Scope, Receive, Send], Awaitable[None]]
"""The server as an ASGI application."""


class Cookies:
    """The names of the dashboard's cookies. Browsers share cookies between the ports of a host, servers do not."""

    def __init__(self, request: Request) -> None:
        port = (request.scope.get("server") or ("", 0))[1]
        names = ("session", "user", "note", "tour")
        self.session, self.user, self.note, self.tour = (f"codeocean_mock_{name}_{port}" for name in names)


def set_cookie(request: Request, response: Response, name: str, value: str, lasts: int | None = None) -> None:
    """Give the browser a cookie that no script reads and no other site's page sends, under HTTPS over HTTPS alone. It
    is kept for `lasts` seconds, or until the browser is closed.
    """
    is_secure = request.url.scheme == "https"
    response.set_cookie(name, value, lasts, path=paths.ROOT, httponly=True, samesite="strict", secure=is_secure)


async def sent_form(request: Request) -> Form:
    """Return the form of a request. Raises `ForbiddenError` for one that a page of another site has sent.

    `Origin` has been compared before; browsers that know `Sec-Fetch-Site` are refused by it too, and the session's
    cookie is not sent along from elsewhere (decision 10).
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForbiddenError("pages of other sites may not use the dashboard")
    return Form(await request.body())


def came_from(request: Request, form: Form) -> str:
    """The page of the dashboard on which a form was, as far as it or the browser tells; empty when neither does."""
    referrer = urlsplit(request.headers.get("referer", ""))
    path = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    path = form.text(BACK) or path
    return path if paths.is_own(path) else ""


def outside(message: str, status: int) -> Response:
    """A page that belongs to no world."""
    return HTMLResponse(render("outside.html", message=message), status, FOR_THE_PAGE)


def refusal(problem: ApiError) -> Response:
    """The page outside of all worlds that says what was wrong."""
    return outside(problem.message, problem.status)


class PageContext:
    """A request for a page of `world`, by somebody who acts as the user behind `token`. `serve` is the whole server,
    for requests that the page sends as a client does.
    """

    def __init__(self, request: Request, worlds: Worlds, world: World, serve: Serve) -> None:
        self.request, self.worlds, self.world, self.serve = request, worlds, world, serve
        self.form = Form()
        self.refusal: Refusal | None = None
        self.cookies = Cookies(request)
        self.can_log_out = worlds.settings.control_token is not None
        self.tokens = access.tokens(world)
        self._suffix = "" if world.name == DEFAULT_WORLD else f"@{world.name}"
        self.token = self._chosen()
        self.caller = world.caller(self.token.removesuffix(self._suffix)) or NOBODY
        tone, _, note = request.cookies.get(self.cookies.note, "").partition(".")
        self._tone, self._note = (tone, unquote(note)) if tone in ("good", "bad") else ("good", "")

    def _chosen(self) -> str:
        """The token that the browser has chosen, else the first one; empty when the world has none."""
        chosen = unquote(self.request.cookies.get(self.cookies.user, "")) + self._suffix
        return chosen if chosen in self.tokens else next(iter(self.tokens), "")

    def remember(self, token: str, response: Response) -> None:
        """Let the browser act as the user behind `token` from now on, in every world that knows it."""
        set_cookie(self.request, response, self.cookies.user, quote(token.removesuffix(self._suffix)))

    @cached_property
    def once(self) -> str:
        """The field of this page's forms by which one that is sent twice by one press is told apart."""
        return pieces.hidden(once.FIELD, ids.random_token())

    @property
    def key(self) -> str:
        """The id in the path."""
        key: str = self.request.path_params["key"]
        return key

    def asked(self, name: str) -> str:
        """A parameter of the query, empty when it is not there."""
        return self.request.query_params.get(name, "").strip()

    def each_asked(self, name: str) -> list[str]:
        """The values of a parameter that stands in the query several times, each once."""
        return list(dict.fromkeys(value.strip() for value in self.request.query_params.getlist(name) if value.strip()))

    def page_number(self) -> int:
        """Which page of a list is wanted, from 0."""
        text = self.asked("page")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0

    def to(self, *parts: str, **query: object) -> str:
        """The path of a page of this world."""
        return paths.of_world(self.world.name, *parts, **query)

    def need(self, scopes: tuple[str, ...]) -> None:
        """Raise `ForbiddenError` unless the token carries all of `scopes`, as the API does."""
        for scope in scopes:
            if scope not in self.caller.scopes:
                raise ForbiddenError(f"the token {self.token} lacks the scope {scope}; act as somebody else")

    def given(self, form: str, name: str, default: str = "") -> str:
        """What a field of a form shows: what was typed when the form was refused."""
        return self.form.typed(name) if self.refusal and self.refusal.form == form else default

    def wrong(self, form: str, name: str) -> str:
        """What is wrong in a field of a form; empty when nothing is."""
        return self.refusal.fields.get(name, "") if self.refusal and self.refusal.form == form else ""

    def tied(self, form: str, name: str, field: str, helped: object = False) -> str:
        """The attributes of the input `name` of a form, with the id `field`."""
        wrong = self.wrong(form, name) != ""
        first = wrong and self.is_first_wrong(form, name)
        return pieces.tied(name, field, wrong=wrong, first=first, helped=bool(helped))

    def wrong_in_words(self, form: str, name: str, field: str, label: str) -> str:
        """What is wrong in the input `name` of a form, with its label, to stand beside it."""
        return pieces.in_words(field, label, self.wrong(form, name))

    def beside(self, form: str, name: str, field: str, label: str, text: str) -> str:
        """What stands beside the input `name` of a form: what is wrong in it, and the `text` that helps."""
        return self.wrong_in_words(form, name, field, label) + pieces.helping(field, text)

    def is_first_wrong(self, form: str, name: str) -> bool:
        """Whether it is the first wrong field, in the order in which the browser has sent them."""
        return next((key for key, _ in self.form if self.wrong(form, key)), None) == name

    def fragment(self, template: str, **values: Any) -> str:
        """HTML of a part of a page."""
        return render(template, context=self, **values)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A whole page; of a form that was refused, with the status that says so."""
        status = self.refusal.status if self.refusal else status
        html = self.fragment(template, bar=in_force.bar(self.world), note=self._note, tone=self._tone, **values)
        response = HTMLResponse(html.encode("utf-8", "replace"), status)
        if self._note:
            response.delete_cookie(self.cookies.note, path=paths.ROOT, httponly=True, samesite="strict")
        return response

    def go(self, *parts: str, note: str = "", **query: object) -> Response:
        """Send the browser to another page of this world, with a note to show there."""
        return self.leave(self.to(*parts, **query), note)

    def go_back(self, note: str = "", tone: str = "good") -> Response:
        """Send the browser to the page on which the form was."""
        return self.leave(self.came_from(), note, tone)

    def leave(self, path: str, note: str = "", tone: str = "good") -> Response:
        """Send the browser to another page of the dashboard."""
        response = RedirectResponse(path, 303)
        if note:
            text = f"{tone}.{quote(note[:500].encode('utf-8', 'replace'))}"
            set_cookie(self.request, response, self.cookies.note, text)
        return response

    def ask_first(self, question: str, consequence: str, button: str) -> Response | None:
        """A page that asks whether to do what the form says, or None when that has been answered with yes. A form that
        a script has sent gets the question for the dialog of the page that it is on.
        """
        if self.form.flag(CONFIRMED):
            return None
        page = self.show(
            "confirm.html",
            question=question,
            consequence=consequence,
            button=button,
            action=paths.quoted(self.request.scope["path"]),
            fields=[(name, value) for name, value in self.form if name not in (once.FIELD, BACK)],
            back=self.came_from(),
        )
        if "hx-request" in self.request.headers:
            page.headers.update(FOR_THE_DIALOG)
        return page

    def came_from(self) -> str:
        """The page on which a form was, as far as the browser tells, or the page that asked."""
        return came_from(self.request, self.form) or self.to()
