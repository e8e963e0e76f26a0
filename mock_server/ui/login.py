"""Logging in with the control token, and out."""

import re
import shlex

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mock_server.errors import ApiError
from mock_server.settings import Settings
from mock_server.ui import paths
from mock_server.ui.page_context import BACK, FOR_THE_DIALOG, Cookies, came_from, refusal, sent_form, set_cookie
from mock_server.ui.sessions import Sessions
from mock_server.ui.templating import render

CONTAINER_ID = re.compile("[0-9a-f]{12}")


class Login:
    """The login of one server."""

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self._sessions = sessions
        self._needed = settings.control_token is not None
        self._file = settings.control_token_file
        self._command = _command(settings)

    async def enter(self, request: Request) -> Response:
        """The page that asks for the control token, and what its form is sent to."""
        cookie = Cookies(request).session
        session = self._sessions.of(request.cookies.get(cookie))
        leads_to = request.query_params.get("next", "")
        status, problem = 200, ""
        if request.method == "POST":
            try:
                form = await sent_form(request)
            except ApiError as refused:
                return refusal(refused)
            trusted = self._sessions.login(form.text("control_token"))
            if trusted is not None:
                response: Response = RedirectResponse(leads_to if paths.is_own(leads_to) else paths.ROOT, 303)
                set_cookie(request, response, cookie, trusted.cookie)
                return response
            status, problem = 403, "That is not the control token of this server."
        words = {"needed": self._needed, "file": self._file, "command": self._command, "problem": problem}
        response = HTMLResponse(render("login.html", action=paths.login(leads_to), **words), status)
        if session.is_new:
            set_cookie(request, response, cookie, session.cookie)
        return response

    async def first(self, request: Request) -> Response:
        """What a browser is shown that has to log in first. A form that it has sent is not lost: it is shown to be sent
        again, in the dialog of its page where a script has sent it.
        """
        has_scripts = "hx-request" in request.headers
        if request.method != "POST":
            query = f"?{request.url.query}" if request.url.query else ""
            login = paths.login(paths.quoted(request.scope["path"]) + query)
            return Response(headers={"HX-Redirect": login}) if has_scripts else RedirectResponse(login, 303)
        try:
            form = await sent_form(request)
        except ApiError as refused:
            return refusal(refused)
        back = came_from(request, form) or paths.ROOT
        fields = [*((name, value) for name, value in form if name != BACK), (BACK, back)]
        words = {"action": paths.quoted(request.scope["path"]), "fields": fields, "back": back}
        return HTMLResponse(render("logged_out.html", **words), 403, FOR_THE_DIALOG)

    async def leave(self, request: Request) -> Response:
        """Forget that the browser has logged in."""
        try:
            await sent_form(request)
        except ApiError as refused:
            return refusal(refused)
        response = RedirectResponse(paths.LOGIN, 303)
        response.delete_cookie(Cookies(request).session, path=paths.ROOT, httponly=True, samesite="strict")
        return response


def _command(settings: Settings) -> str:
    """The line for a shell that shows the control token; empty when no file holds it."""
    if settings.control_token_file is None:
        return ""
    shown = f"cat {shlex.quote(str(settings.control_token_file))}"
    if settings.container is None:
        return shown
    # Docker calls a container what its own host name is, unless somebody has given it another one.
    name = settings.container if CONTAINER_ID.fullmatch(settings.container) else "CONTAINER"
    return f"docker exec {name} {shown}"
