"""A server for several processes that may need one: it listens at once, and starts when the first of them asks."""

import select
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory


class SharedServer:
    """A server with data in memory, at `url` until `stop`. Clients that come while it starts wait for their answer.
    With `tls` it speaks HTTPS, and `ca_file` is what they have to trust. Raises `StartError` when it cannot.
    """

    def __init__(self, allowed_host_names: Sequence[str] = (), *, tls: bool = False) -> None:
        self._allowed_host_names = allowed_host_names
        self._folder: TemporaryDirectory[str] | None = None
        self.ca_file: Path | None = None
        if tls:
            from mock_server.serving.certificates import authority  # Late: it needs the extra `tls`.

            self._folder = TemporaryDirectory(prefix="codeocean-mock-tls-")
            self.ca_file = Path(self._folder.name, "ca.pem")
            authority(self.ca_file)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._stopped, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and return when it has stopped."""
        self._stop.close()
        self._thread.join()
        self._stopped.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _run(self) -> None:
        # Closing the listener lets those that wait know when the server did not start.
        with self._listener:
            asked, _, _ = select.select([self._listener, self._stopped], [], [])
            if self._stopped not in asked:
                self._serve()

    def _serve(self) -> None:
        from mock_server.embedded import MockCodeOcean  # Late: it takes a second to import.
        from mock_server.settings import TlsSetting

        tls = None if self.ca_file is None else TlsSetting(ca_file=self.ca_file)
        allowed = self._allowed_host_names
        with MockCodeOcean(listener=self._listener, world_idle=0, allowed_host_names=allowed, tls=tls):
            self._stopped.recv(1)
