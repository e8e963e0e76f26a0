"""A server for several processes that may need one: it listens at once, and starts when the first of them asks."""

import select
import socket
import threading
from collections.abc import Sequence


class SharedServer:
    """A server with data in memory, at `url` until `stop`. Clients that come while it starts wait for their answer."""

    def __init__(self, allowed_host_names: Sequence[str] = ()) -> None:
        self._allowed_host_names = allowed_host_names
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._stopped, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and return when it has stopped."""
        self._stop.close()
        self._thread.join()
        self._stopped.close()

    def _run(self) -> None:
        # Closing the listener lets those that wait know when the server did not start.
        with self._listener:
            asked, _, _ = select.select([self._listener, self._stopped], [], [])
            if self._stopped not in asked:
                self._serve()

    def _serve(self) -> None:
        from mock_server.embedded import MockCodeOcean  # Late: it takes a second to import.

        with MockCodeOcean(listener=self._listener, world_idle=0, allowed_host_names=self._allowed_host_names):
            self._stopped.recv(1)
