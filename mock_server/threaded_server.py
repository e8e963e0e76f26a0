"""A server in a thread of this process."""

import threading
from socket import socket
from types import TracebackType
from typing import Self

import uvicorn

from mock_server.server import ASGIApplication, listen, url_of, uvicorn_config

START_SECONDS = 30


class _Ready(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        self.ready.set()


class LiveServer:
    """Serves `app` inside a `with` block; `url` is where. `listener` is a socket that listens already."""

    def __init__(self, app: ASGIApplication, listener: socket | None = None) -> None:
        self._listener = listener or listen("127.0.0.1", 0)
        self.url = url_of(self._listener)
        self._server = _Ready(uvicorn_config(app))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)

    def __enter__(self) -> Self:
        """Start, and return when it answers. Raises `TimeoutError` when it does not."""
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise TimeoutError(f"the server did not start within {START_SECONDS} seconds")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and return when it has stopped."""
        self._server.should_exit = True
        self._thread.join()
