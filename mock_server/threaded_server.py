"""A server in a thread of this process."""

import ssl
import threading
from socket import socket
from types import TracebackType
from typing import Self

from mock_server.serving.limits import Limits
from mock_server.serving.listening import listen, url_of
from mock_server.serving.server import DEFAULT_LIMITS, Server
from mock_server.serving.service import ASGIApplication

START_SECONDS = 30


class LiveServer:
    """Serves `app` inside a `with` block; `url` is where. `listener` is a socket that listens already.
    With a context for `tls` it speaks HTTPS.
    """

    def __init__(
        self,
        app: ASGIApplication,
        listener: socket | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        listener = listener or listen("127.0.0.1", 0)
        self.url = url_of(listener, "http" if tls is None else "https")
        self._ready = threading.Event()
        self._server = Server(app, listener, self._ready.set, limits, tls=tls)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        """Start, and return when it answers. Raises `TimeoutError` when it does not."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError(f"the server did not start within {START_SECONDS} seconds")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and return when it has stopped."""
        self._server.should_exit = True
        self._thread.join()
