"""The control plane of one server: its health, worlds and snapshots."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - whoever waits for a server waits in real time
from types import TracebackType
from typing import BinaryIO, Self, Unpack

import httpx

from mock_server.client.arguments import Length, WorldFields, body, dump, model, name_of
from mock_server.client.connection import Connection
from mock_server.client.driven import ComputationControl
from mock_server.client.errors import ControlError, UntrustedError
from mock_server.client.world import WorldControl
from mock_server.domain.naming import DEFAULT_WORLD
from mock_server.wire import control as wire
from mock_server.wire import driven

POLL_SECONDS = 0.1
"""Between two looks at a server that is not ready yet."""


class Control:
    """The control plane of the server at `url`. `token` is what the server has as `--control-token`, `timeout` the
    seconds that an answer may take. A `transport` takes the place of the network, in tests. `ca_file` has the
    authorities to trust under HTTPS, else those are that the environment names (docs/https.md). Raises `ControlError`
    when they cannot be read.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = 30,
        transport: httpx.BaseTransport | None = None,
        ca_file: Path | str | None = None,
    ) -> None:
        self._connection = Connection(url, token, timeout, transport, ca_file)

    def __repr__(self) -> str:
        return f"<Control of {self.url}>"

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def url(self) -> str:
        """The server's URL."""
        return self._connection.url

    @property
    def ca_file(self) -> Path | None:
        """The file of the authorities to trust, where the server speaks HTTPS and one is named."""
        return self._connection.ca_file

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def health(self) -> wire.Health:
        """The server's word that it is well. Raises `ControlError` when it is not, or not there."""
        return self._health(self._connection.timeout)

    def wait_until_ready(self, timeout: float = 30) -> wire.Health:
        """Wait for a server that is starting. Raises the last `ControlError` when that takes longer than `timeout`."""
        end = monotonic() + timeout
        while True:
            left = max(end - monotonic(), POLL_SECONDS)
            try:
                return self._health(min(self._connection.timeout, left))
            except ControlError as problem:
                # A token that was refused will be refused again, and so will plain HTTP where HTTPS is spoken.
                is_final = problem.status in (400, 401, 403) or isinstance(problem, UntrustedError)
                if is_final or monotonic() + POLL_SECONDS > end:
                    raise
            sleep(POLL_SECONDS)

    def worlds(self) -> list[wire.WorldInfo]:
        """All worlds that are there now."""
        return self._connection.ask("GET", "/worlds", wire.WorldList).worlds

    def create_world(self, name: str, **fields: Unpack[WorldFields]) -> WorldControl:
        """Create a world. Raises `ControlError`."""
        self._connection.ask("POST", "/worlds", wire.WorldInfo, json=body(wire.CreateWorld, name=name, **fields))
        return self.world(name)

    def world(self, name: str = DEFAULT_WORLD) -> WorldControl:
        """The world of that name, whether it is there or not; nothing is asked."""
        return WorldControl(self._connection, name)

    def delete_world(self, name: str) -> None:
        """Drop a world."""
        self.world(name).delete()

    def claim(
        self,
        runner: str,
        *,
        world: str | None = None,
        capsules: Sequence[str] | None = None,
        folders: bool = False,
        wait: Length = 0,
        lease: Length = 30,
        retries: int = 0,
    ) -> driven.Work | None:
        """Claim a driven run as the `runner` of that name: of that `world`, of those `capsules`, or of those alone that
        have `folders`; None when none comes within `wait`. See `wire.driven.ClaimRequest`.
        """
        request = model(
            driven.ClaimRequest,
            {
                "runner": runner,
                "world": world,
                "capsules": None if capsules is None else list(capsules),
                "folders": folders,
                "wait": wait,
                "lease": lease,
                "retries": retries,
            },
        )
        patience = request.wait + self._connection.timeout
        sent = dump(request)
        return self._connection.ask("POST", "/work/claim", driven.Claimed, json=sent, timeout=patience).work

    def driving(self, work: driven.Work) -> ComputationControl:
        """The run that was claimed, to be driven as its runner."""
        return self.world(work.world).computation(work.id, lease=work.lease)

    def snapshots(self) -> list[wire.SnapshotInfo]:
        """All snapshots of the server."""
        return self._connection.ask("GET", "/snapshots", wire.SnapshotList).snapshots

    def delete_snapshot(self, name: str) -> None:
        """Forget a snapshot."""
        self._connection.send("DELETE", f"/snapshots/{name_of('snapshot', name)}")

    def export_snapshot(self, name: str) -> bytes:
        """A snapshot as one file, for `import_snapshot` of any server."""
        return self._connection.send("GET", f"/snapshots/{name_of('snapshot', name)}/file").content

    def download_snapshot(self, name: str, into: BinaryIO) -> int:
        """Write what `export_snapshot` gives into a file, however large it is; how many bytes."""
        return self._connection.download(f"/snapshots/{name_of('snapshot', name)}/file", into)

    def import_snapshot(self, name: str, content: bytes | Iterable[bytes]) -> wire.SnapshotInfo:
        """Take in what `export_snapshot` gave, as bytes or piece by piece."""
        headers = {"Content-Type": "application/octet-stream"}
        path = f"/snapshots/{name_of('snapshot', name)}/file"
        return self._connection.ask("PUT", path, wire.SnapshotInfo, content=content, headers=headers)

    def _health(self, timeout: float) -> wire.Health:
        return self._connection.ask("GET", "/health", wire.Health, timeout=timeout)
