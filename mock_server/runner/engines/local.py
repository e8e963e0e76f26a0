"""What the engines that run on this machine have in common: folders on its disk, and a supervised process."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import IO, BinaryIO

from mock_server.runner.capsules import Machine
from mock_server.runner.engines import supervisor
from mock_server.runner.engines.engine import PLACES, Ended
from mock_server.runner.failures import CannotRunError
from mock_server.runner.leftovers import remove
from mock_server.runner.results import PIECE, Entry

KEPT = ("LANG", "LC_ALL", "TZ")
"""What a script sees of the runner's own environment, beside PATH."""


def machine() -> Machine:
    """This machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores, memory)


def variables(own: Mapping[str, str], home: str) -> dict[str, str]:
    """The environment of a script: what it is given, and what any program needs."""
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, **inherited, **own}


class LocalExecution:
    """A run in a folder of this machine: its places, and beside them the data assets."""

    build_log: bytes | None = None

    def __init__(self, root: Path, memory: int | None) -> None:
        self.root = root
        self._memory = memory or 0
        self._process: subprocess.Popen[bytes] | None = None
        self._status: IO[bytes] | None = None
        self._lock = Lock()
        self.mounts: set[str] = set()
        for place in (*PLACES, "assets"):
            (root / place).mkdir(parents=True)

    def copy(self, folder: Path, place: str, skip: Collection[str] = ()) -> None:
        """Copy a folder's content. Sockets, pipes and devices stay where they are."""
        into = self.root / place
        try:
            for source in folder.iterdir():
                if source.name in skip:
                    continue
                if source.is_dir() and not source.is_symlink():
                    shutil.copytree(source, into / source.name, symlinks=True, ignore=_special_files)
                elif source.is_symlink() or source.is_file():
                    shutil.copy2(source, into / source.name, follow_symlinks=False)
        except shutil.Error as problem:
            first, _, reason = problem.args[0][0]
            raise OSError(0, str(reason), first) from None

    def unpack(self, tar: BinaryIO, mount: str) -> None:
        """Unpack plain files and folders; nothing else, and nothing outside."""
        into = self.asset(mount)
        # What came before a download broke off is not kept.
        remove(into)
        into.mkdir(parents=True)
        self.mounts.add(mount)
        with tarfile.open(fileobj=tar, mode="r|") as entries:
            for entry in entries:
                # Else it remembers them all.
                entries.members = []  # type: ignore[attr-defined]
                path = into.joinpath(*_inside(entry.name))
                if entry.isdir():
                    path.mkdir(parents=True, exist_ok=True)
                elif entry.isreg() and (content := entries.extractfile(entry)):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        shutil.copyfileobj(content, file, PIECE)
                    path.chmod(0o444)
        # From within: what lies in a folder that may not be written cannot be changed any more.
        for folder, _, _ in os.walk(into, topdown=False):
            Path(folder).chmod(0o555)

    def asset(self, mount: str) -> Path:
        """Where a data asset is kept."""
        return self.root / "assets" / mount

    def launch(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start a command in a folder, under supervision. Raises `CannotRunError`."""
        reading, writing = os.pipe()
        supervising = [sys.executable, "-I", supervisor.__file__, str(writing), str(self._memory)]
        try:
            with self._lock:
                self._process = subprocess.Popen(  # noqa: S603 - no shell, and what is run is the operator's
                    [*supervising, *command],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=dict(environment),
                    pass_fds=(writing,),
                    start_new_session=True,
                )
        except (OSError, ValueError) as problem:
            os.close(reading)
            raise CannotRunError(f"the script cannot be started: {problem}") from None
        finally:
            os.close(writing)
        self._status = os.fdopen(reading, "rb")

    def output(self) -> Iterator[bytes]:
        """What it writes."""
        assert self._process is not None
        assert self._process.stdout is not None
        while piece := os.read(self._process.stdout.fileno(), 65536):
            yield piece

    def ended(self) -> Ended:
        """How it ended, as its supervisor says. One that was killed itself has nothing to say."""
        assert self._process is not None
        assert self._status is not None
        written = self._status.read()
        self._process.wait()
        return Ended(**json.loads(written)) if written else Ended(128 + 9)

    def kill(self) -> None:
        """Kill it: its supervisor sees the pipe close."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()

    def results(self) -> Iterator[Entry]:
        """All that is in its folder for results, unless the script has put something else in its place."""
        root = self.root / "results"
        if not stat.S_ISDIR(_kind(root)):
            yield Entry("", _kind(root))
            return
        folders = [""]
        while folders:
            folder = folders.pop()
            for name in _names(root / folder):
                path = f"{folder}/{name}" if folder else name
                kind = _kind(root / path)
                if stat.S_ISDIR(kind):
                    folders.append(path)
                    yield Entry(path, kind)
                elif stat.S_ISLNK(kind):
                    yield Entry(path, kind, target=str((root / path).readlink()))
                elif stat.S_ISREG(kind):
                    with self.result(path) as entry:
                        yield entry or Entry(path, 0)
                else:
                    yield Entry(path, kind)

    @contextmanager
    def result(self, path: str) -> Iterator[Entry | None]:
        """One plain file in it."""
        whole = self.root / "results" / path
        if not stat.S_ISREG(_kind(whole)):
            yield None
            return
        try:
            file = _opened(whole)
        except OSError:
            yield None
            return
        with file:
            yield Entry(path, stat.S_IFREG, os.fstat(file.fileno()).st_size, content=file)

    def close(self) -> None:
        """Kill it if it still runs, and remove its folder."""
        self.kill()
        if self._process is not None:
            for _ in self.output():
                pass
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
        if self._status is not None:
            self._status.close()
        remove(self.root)


def _special_files(folder: str, names: list[str]) -> list[str]:
    kinds = {name: _kind(Path(folder, name)) for name in names}
    plain = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    return [name for name, kind in kinds.items() if not any(test(kind) for test in plain)]


def _inside(name: str) -> Sequence[str]:
    """The parts of a path in a data asset. Raises `OSError` for one that leads out of it."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise OSError(0, "a path leads out of the data asset", name)
    return parts


def _names(folder: Path) -> list[str]:
    """What is in a folder; a script may have locked it."""
    with suppress(OSError):
        folder.chmod(0o700)
        return sorted(path.name for path in folder.iterdir())
    return []


def _kind(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _opened(path: Path) -> BinaryIO:
    """A plain file; a script may have locked it."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(path, flags), "rb")
    except PermissionError:
        path.chmod(0o600)
        return os.fdopen(os.open(path, flags), "rb")
