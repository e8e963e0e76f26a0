"""The fake in this process, with a change that can be exchanged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mock_server.app import Application, create_app
from mock_server.client import CodeOceanServer, Control
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tools.mutants.mutant import Answer, Change, Request, Scope


class Host:
    """The application with a change in front of it, or none."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.change: Change | None = None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        change = self.change
        if change is None or scope["type"] != "http" or scope["path"].startswith("/_mock"):
            await self._app(scope, receive, send)
            return
        answer = await change(self._ask, Request(scope, await _body(receive)))
        headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _ask(self, request: Request) -> Answer:
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        pending = [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(request.scope, receive, send)
        return Answer(start["status"], list(start["headers"]), b"".join(parts))


async def _body(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


@contextmanager
def host() -> Iterator[tuple[Host, CodeOceanServer]]:
    """A running host and its control plane."""
    app = create_app(Settings(data_dir=None, random_seed=7, world_idle=0))
    mutable = Host(app)
    with LiveServer(mutable) as live:
        server = CodeOceanServer(Control(live.url))
        yield mutable, server
        server.close()
    app.worlds.close()
