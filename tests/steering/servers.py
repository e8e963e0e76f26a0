"""Servers without a network, on a clock that the test moves."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx

from mock_server.app import Application, create_app
from mock_server.settings import Settings
from tests.conftest import USER, HandClock


class Lifespan:
    """An application between the start and the stop of its server."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start, and wait until it has started."""
        self._task = asyncio.create_task(self.app({"type": "lifespan"}, self._messages.get, self._answers.put))
        await self._go("startup")

    async def stop(self) -> None:
        """Stop, and close its worlds."""
        await self._go("shutdown")
        assert self._task is not None
        await self._task
        self.app.worlds.close()

    async def _go(self, what: str) -> None:
        await self._messages.put({"type": f"lifespan.{what}"})
        assert (await self._answers.get())["type"] == f"lifespan.{what}.complete"


class Servers:
    """Two servers on one data directory, in this process; one of them is spoken to."""

    def __init__(self, real: HandClock) -> None:
        self._real = real
        self._directory = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._apps = [self._app(), self._app()]
        self.chosen = 0

    def restart(self) -> None:
        """Stop the server that is spoken to, and start it again."""
        self._runner.run(self._apps[self.chosen].stop())
        self._apps[self.chosen] = self._app()

    def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the answer."""
        response = self.send(method, path, **more)
        return response.status_code, response.json() if response.content else None

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The response to a request."""
        return self._runner.run(self._ask(method, path, **more))

    def close(self) -> None:
        """Stop both."""
        for app in self._apps:
            self._runner.run(app.stop())
        self._runner.close()
        self._directory.cleanup()

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        app: Any = self._apps[self.chosen].app
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", auth=(USER, ""), verify=False
        ) as client:
            return await client.request(method, path, **more)

    def _app(self) -> Lifespan:
        app = Lifespan(create_app(Settings(data_dir=Path(self._directory.name), random_seed=7), self._real))
        self._runner.run(app.start())
        return app
