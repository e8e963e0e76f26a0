"""Servers without a network, on a clock that the test moves."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx

from mock_server.app import create_app
from mock_server.settings import Settings
from tests.conftest import USER, HandClock


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
        self._apps[self.chosen].worlds.close()
        self._apps[self.chosen] = self._app()

    def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the answer."""
        response = self._runner.run(self._ask(method, path, **more))
        return response.status_code, response.json() if response.content else None

    def close(self) -> None:
        """Stop both."""
        for app in self._apps:
            app.worlds.close()
        self._runner.close()
        self._directory.cleanup()

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._apps[self.chosen])
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", auth=(USER, ""), verify=False
        ) as client:
            return await client.request(method, path, **more)

    def _app(self) -> Any:
        return create_app(Settings(data_dir=Path(self._directory.name), random_seed=7), self._real)
