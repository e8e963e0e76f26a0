"""The folder in which a runner works, and finding those of runners that are dead."""

import fcntl
import os
import platform
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from mock_server.runner.failures import RunnerError

LOCK = "lock"


class Workplace:
    """A folder of this runner below `root`, locked for as long as it lives, however it ends. Raises `RunnerError`."""

    def __init__(self, root: Path) -> None:
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder = Path(mkdtemp(prefix="runner-", dir=root.absolute()))
            self.lock = self.folder / LOCK
            # Nobody is to find it before it is locked.
            made = self.folder / "new-lock"
            self._held = os.open(made, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._held, fcntl.LOCK_EX)
            made.rename(self.lock)
        except OSError as problem:
            raise RunnerError(f"the runner cannot work in {root}: {problem.strerror}") from None
        self.machine = platform.node()

    @property
    def key(self) -> str:
        """The runner's own name among all that ever worked below the same folder."""
        return self.folder.name

    def remove_dead(self) -> None:
        """Remove the folders of runners beside this one that are dead."""
        for folder in self.folder.parent.glob("runner-*"):
            if folder != self.folder and is_dead(folder / LOCK):
                remove(folder)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the folder."""
        remove(self.folder)
        os.close(self._held)


def is_dead(lock: Path) -> bool:
    """Whether the runner that held a lock is dead. One that has no lock yet is just starting."""
    try:
        held = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return not lock.parent.exists()
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(held)
    return True


def remove(folder: Path) -> None:
    """Remove a folder, whatever modes a script has left in it, and however deep it is."""
    try:
        folder.chmod(0o700)
        waiting = [path for path in folder.iterdir() if _is_folder(path)]
        while waiting:
            place = waiting.pop()
            place.chmod(0o700)
            for path in list(place.iterdir()):
                if _is_folder(path):
                    path.chmod(0o700)
                    # Brought up, for a path that is too long for the system cannot be removed.
                    waiting.append(path.rename(mkdtemp(dir=folder)))
                else:
                    path.unlink()
            place.rmdir()
        # The lock of a runner is among these: as long as it is there, the next one that starts finds the rest.
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    except OSError:
        # What is still there is found by the next runner that starts.
        return


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
