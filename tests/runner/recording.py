"""A run as its runner sees it, kept in memory: what it says is recorded, and the server may be away for a while."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from mock_server.client import ControlError
from mock_server.wire.driven import Renewed, Work, WorkDataAsset


class Recording:
    """Stands for the run, its lease and its world. While `away` calls fail as without a server; `once_lost` names
    calls whose first answer is lost after they had their effect.
    """

    id = "run"

    def __init__(self, once_lost: Iterable[str] = ()) -> None:
        self.away = False
        self.log = bytearray()
        self.states: list[str] = []
        self.results: dict[str, bytes] = {}
        self.build_log: bytes | None = None
        """Beside the results: whichever test is the first to need an image has it."""
        self.finished: dict[str, Any] | None = None
        self.given_back = False
        self.renewed = Renewed(go_on=True)
        self.renewals = 0
        self.assets: dict[str, dict[str, bytes]] = {}
        self.full_disk = 0
        self._lost = set(once_lost)

    def data_asset(self, key: str) -> "_DataAsset":
        return _DataAsset(self.assets[key], self)

    def renew(self, seconds: float) -> Renewed:
        self.renewals += 1
        self.answer("renew")
        return self.renewed

    def start(self) -> None:
        self.states.append("running")
        self.answer("start")

    def finalize(self) -> None:
        self.states.append("finalizing")
        self.answer("finalize")

    def append_log(self, text: bytes, *, offset: int) -> int:
        self.require()
        assert offset <= len(self.log)
        self.log += text[len(self.log) - offset :]
        self.answer("append_log")
        return len(self.log)

    def put_results(self, tar: Iterable[bytes]) -> None:
        self.require()
        if self.full_disk:
            self.full_disk -= 1
            raise ControlError("the file cannot be written: No space left on device", 503)
        with tarfile.open(fileobj=io.BytesIO(b"".join(tar)), mode="r:", encoding="utf-8", errors="strict") as entries:
            for entry in entries:
                content = entries.extractfile(entry)
                assert content is not None
                self.results[entry.name] = content.read()
        self.build_log = self.results.pop("buildLog", None)
        self.answer("put_results")

    def finish(self, **end: Any) -> None:
        self.require()
        assert self.finished in (None, end)
        self.finished = end
        self.answer("finish")

    def give_back(self) -> None:
        self.given_back = True

    def require(self) -> None:
        if self.away:
            raise ControlError("nothing answers")

    def answer(self, call: str) -> None:
        self.require()
        if call in self._lost:
            self._lost.remove(call)
            raise ControlError("the answer was lost")

    @property
    def text(self) -> str:
        return self.log.decode()


class _DataAsset:
    def __init__(self, files: dict[str, bytes], run: Recording) -> None:
        self._files = files
        self._run = run

    def download(self, into: BinaryIO) -> None:
        with tarfile.open(fileobj=into, mode="w|") as tar:
            for name, content in self._files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
            self._run.answer("download")


def work_of(folder: Path, *arguments: str, mounts: dict[str, str] | None = None, size: int = 0, **more: Any) -> Work:
    """A run of a capsule that was handed out; `mounts` are data assets by where they are mounted."""
    assets = [
        WorkDataAsset(id=key, name=f"asset {key}", mount=mount, files=1, size=size)
        for mount, key in (mounts or {}).items()
    ]
    fields = {"seconds": 60.0, "attempt": 1, **more}
    return Work(
        world="default",
        id="run",
        lease="secret",
        log_length=0,
        kind="capsule",
        capsule_id="capsule",
        capsule_name="Capsule",
        folder=str(folder),
        arguments=list(arguments),
        data_assets=assets,
        **fields,
    )
