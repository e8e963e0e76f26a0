"""One run or data asset of a world, as somebody drives it (docs/driven-runs.md)."""

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel

from mock_server.client.arguments import Length, body, id_of
from mock_server.client.connection import Connection
from mock_server.client.errors import WrongArgumentError
from mock_server.domain import tar_streams
from mock_server.wire import driven as wire
from mock_server.wire.control import RunPlan

Model = TypeVar("Model", bound=BaseModel)

Content = str | bytes | Path | Iterable[bytes]
"""What is in a file: text, bytes, where it lies, or its bytes piece by piece."""

TAR = "application/x-tar"

PIECE = 1024**2
"""How many bytes are sent at once."""

SPOOLED = 16 * 1024**2
"""Up to how many bytes are held in memory until their number is known."""


class ComputationControl:
    """A run of a world, whether it is there or not. With a `lease` everything is said as the runner that holds it."""

    def __init__(self, connection: Connection, world_path: str, computation_id: str, lease: str | None = None) -> None:
        self.id = computation_id
        self.lease = lease
        self._connection = connection
        self._path = f"{world_path}/computations/{id_of('computation', computation_id)}"

    def __repr__(self) -> str:
        return f"<ComputationControl of {self.id}>"

    def plan(self) -> RunPlan:
        """What drives the run, and where it stands."""
        return self._ask("GET", "", RunPlan)

    def stop(self) -> RunPlan:
        """Stop the run, as the app's button does."""
        return self._ask("POST", "/stop", RunPlan)

    def start(self) -> RunPlan:
        """The run has begun to execute its code: it is `running`."""
        return self._progress("running")

    def finalize(self) -> RunPlan:
        """The code has ended, and results are collected: the run is `finalizing`."""
        return self._progress("finalizing")

    def finish(
        self,
        *,
        exit_code: int | None = 0,
        end_status: str | None = None,
        has_results: bool | None = None,
        state: str = "completed",
        log: str | bytes | None = None,
        results: Mapping[str, Content] | None = None,
    ) -> RunPlan:
        """End the run, after its last lines were added to the `log` and these `results` were put in. Raises
        `ControlError` with status 409 when it has ended otherwise.
        """
        request = body(wire.Finish, state=state, end_status=end_status, exit_code=exit_code, has_results=has_results)
        if exit_code is None:
            request["exit_code"] = None
        if log is not None:
            self.append_log(log)
        if results:
            self.put_results(results)
        return self._ask("POST", "/finish", RunPlan, json=request)

    def append_log(self, text: str | bytes, *, offset: int | None = None) -> int:
        """Add to the log, and say how many bytes it has then. With an `offset`, how many it had before, the same may be
        said twice.
        """
        params = {} if offset is None else {"offset": offset}
        return self._ask("POST", "/log", wire.LogLength, content=_bytes(text), params=params).length

    def log(self, *, offset: int = 0) -> bytes:
        """The log from an offset on."""
        return self._connection.send("GET", f"{self._path}/log", params=self._params({"offset": offset})).content

    def put_result(self, path: str, content: Content) -> wire.ResultFiles:
        """Put a file into the results; one at the same path is replaced. It is sent as a stream."""
        if not all(path.split("/")):
            raise WrongArgumentError(f"{path!r} is not a path of a result file, such as figures/one.png")
        where = f"/results/{'/'.join(id_of('result file', part) for part in path.split('/'))}"
        with _opened(content) as sent:
            return self._ask("PUT", where, wire.ResultFiles, content=sent)

    def put_results(self, files: Mapping[str, Content] | BinaryIO | Iterable[bytes]) -> wire.ResultFiles:
        """Put many files into the results, all or none: by their paths, or as a tar."""
        tar = _tar(files) if isinstance(files, Mapping) else files
        return self._ask("PUT", "/results", wire.ResultFiles, content=tar, headers={"Content-Type": TAR})

    def renew(self, seconds: Length = 30) -> wire.Renewed:
        """Renew the lease, for as many seconds of real time; whether the run is still to go on."""
        return self._ask("PUT", "/lease", wire.Renewed, json=body(wire.LeaseRequest, seconds=seconds))

    def give_back(self) -> None:
        """Give the run back, to be handed out again: what was put in is dropped."""
        self._connection.send("DELETE", f"{self._path}/lease", params=self._params())

    def _progress(self, state: str) -> RunPlan:
        return self._ask("POST", "/progress", RunPlan, json=body(wire.Progress, state=state))

    def _params(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {**(given or {}), **({} if self.lease is None else {"lease": self.lease})}

    def _ask(
        self, method: str, path: str, answer: type[Model], params: Mapping[str, Any] | None = None, **more: Any
    ) -> Model:
        return self._connection.ask(method, self._path + path, answer, params=self._params(params), **more)


class DataAssetControl:
    """A data asset of a world, whether it is there or not."""

    def __init__(self, connection: Connection, world_path: str, data_asset_id: str) -> None:
        self.id = data_asset_id
        self._connection = connection
        self._path = f"{world_path}/data_assets/{id_of('data asset', data_asset_id)}"

    def __repr__(self) -> str:
        return f"<DataAssetControl of {self.id}>"

    def plan(self) -> wire.DataAssetPlan:
        """Where it stands."""
        return self._connection.ask("GET", self._path, wire.DataAssetPlan)

    def ready(self) -> wire.DataAssetPlan:
        """A driven data asset is ready. Raises `ControlError` with status 409 when it has failed."""
        return self._finish()

    def fail(self, reason: str) -> wire.DataAssetPlan:
        """A driven data asset has failed. Raises `ControlError` with status 409 when it is ready."""
        return self._finish(failure_reason=reason)

    def download(self, into: BinaryIO) -> int:
        """Write its files into `into`, as a tar; how many bytes."""
        return self._connection.download(f"{self._path}/tar", into)

    def _finish(self, **fields: Any) -> wire.DataAssetPlan:
        request = body(wire.FinishDataAsset, **fields)
        return self._connection.ask("POST", f"{self._path}/finish", wire.DataAssetPlan, json=request)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@contextmanager
def _opened(content: Content) -> Iterator[bytes | Iterable[bytes]]:
    """What is to be sent. Raises `WrongArgumentError` for a file that cannot be read."""
    if not isinstance(content, Path):
        yield _bytes(content) if isinstance(content, str) else content
        return
    try:
        file = content.open("rb")
    except OSError as problem:
        raise WrongArgumentError(f"{content} cannot be read: {problem.strerror}") from None
    with file:
        yield file


def _tar(files: Mapping[str, Content]) -> Iterator[bytes]:
    """A tar of files by their paths, piece by piece."""
    return tar_streams.packed(_sized(files))


def _sized(files: Mapping[str, Content]) -> Iterator[tuple[str, int, Iterable[bytes]]]:
    for path, content in files.items():
        with _spooled(content) as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            yield path, size, iter(partial(file.read, PIECE), b"")


@contextmanager
def _spooled(content: Content) -> Iterator[BinaryIO]:
    """The content as a file: how large it is has to be known before it is sent."""
    with _opened(content) as given, tempfile.SpooledTemporaryFile(max_size=SPOOLED) as spool:
        if isinstance(content, Path):
            yield given  # type: ignore[misc] # An opened file is what its bytes are iterated from.
            return
        for piece in [given] if isinstance(given, bytes) else given:
            spool.write(piece)
        yield spool  # type: ignore[misc] # A spooled file has all of the methods that are called.
