"""The one composition root: settings in, an ASGI application out."""

import asyncio
from functools import cached_property
from typing import Any

from mock_server import control, manual, ui
from mock_server.api import docs_page, routers
from mock_server.api.dispatch import Dispatch
from mock_server.api.docs_page import DocsPage
from mock_server.api.versioning import ApiVersion
from mock_server.asgi import origin_check
from mock_server.asgi.kept_answers import KeptAnswer
from mock_server.asgi.responses import date_header, failure, send_reply
from mock_server.clock import RealTime, real_time
from mock_server.control import ControlPlane
from mock_server.domain.versions import Version
from mock_server.services import signed_urls
from mock_server.serving.service import ASGIApplication
from mock_server.settings import Settings
from mock_server.worlds import Worlds


class Application:
    """The server: the public API, the files behind signed URLs, the spec with its page, the documentation, the control
    plane and the dashboard. What is not needed for an answer of the public API is imported and built when it is first
    asked for.
    """

    def __init__(self, worlds: Worlds, api_version: ApiVersion) -> None:
        self.worlds = worlds
        self._allowed = worlds.settings.allowed_host_names
        self._api = Dispatch(worlds, routers.routes(routers.routers()), api_version)
        self._docs = DocsPage(worlds.default, lambda: _spec(api_version))
        self._control = ControlPlane(worlds)

    @cached_property
    def _files(self) -> ASGIApplication:
        from mock_server.api.signed_files import FilesApp

        return FilesApp(self.worlds)

    @cached_property
    def _dashboard(self) -> ASGIApplication:
        from mock_server.ui.dashboard import Dashboard

        return Dashboard(self.worlds, self)

    @cached_property
    def _manual(self) -> ASGIApplication:
        from mock_server.manual.pages import Manual

        return Manual(self.worlds.default)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand a request to the part that serves its path, unless it calls the server by a name that is not its own."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path = scope["path"]
        # Control plane and dashboard have guards of their own, which look at the name too.
        if control.owns(path):
            await self._control(scope, receive, KeptAnswer(self.worlds, send))
        elif ui.owns(path):
            await self._dashboard(scope, receive, KeptAnswer(self.worlds, send))
        elif problem := origin_check.host_refusal(scope, self._allowed):
            await send_reply(send, failure(problem), date_header(self.worlds.default.clock.now()))
        else:
            await self._part(path)(scope, receive, send)

    def _part(self, path: str) -> ASGIApplication:
        """The part that serves a path that is open to everybody; the public API also has what nobody serves."""
        if path.startswith("/api/"):
            return self._api
        if signed_urls.owns(path):
            return self._files
        if manual.owns(path):
            return self._manual
        return self._docs if docs_page.owns(path) else self._api

    async def _other(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Start and stop of the server, and websockets, which are not served."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        watching = [asyncio.create_task(self.worlds.watch.run())]
        if self.worlds.storage is not None:
            from mock_server.services.objects.worker import ObjectWorker  # Late: hardly any server has S3.

            watching.append(asyncio.create_task(ObjectWorker(self.worlds, self.worlds.storage).run()))
        self._control.start()
        try:
            while True:
                message = await receive()
                kind = message["type"].removeprefix("lifespan.")
                await send({"type": f"lifespan.{kind}.complete"})
                if kind == "shutdown":
                    return
        finally:
            self._control.stop()
            for task in watching:
                task.cancel()


def create_app(settings: Settings, real: RealTime = real_time) -> Application:
    """The application on the world that `settings` name.

    `real` tells real time in Unix seconds. Raises `StartError` when the data directory or the seed cannot be used.
    """
    api_version = ApiVersion(settings.platform_version, settings.documented_names)
    if settings.s3 is None:
        return Application(Worlds(settings, real), api_version)
    from mock_server.services.objects import start  # Late: hardly any server has S3.

    storage = start.storage(settings.s3)
    try:
        worlds = Worlds(settings, real, storage)
        start.fill_buckets(worlds.default)
        return Application(worlds, api_version)
    except BaseException:
        storage.close()
        raise


def spec_of(version: Version) -> dict[str, Any]:
    """Return the OpenAPI document of the public API at a platform version."""
    return _spec(ApiVersion(version))


def _spec(api_version: ApiVersion) -> dict[str, Any]:
    from mock_server.api import openapi  # Late: only the spec needs FastAPI.

    return openapi.document(openapi.declare(routers.routers(), api_version.version), api_version)
