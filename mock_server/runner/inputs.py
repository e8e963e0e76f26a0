"""What a run is given: its code, the local files of its `/data`, and its data assets."""

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import BinaryIO, cast

from mock_server.client import ControlError, WorldControl
from mock_server.runner.capsules import CapsuleFolder
from mock_server.runner.engines.engine import Execution
from mock_server.runner.failures import CannotRunError, files_of
from mock_server.runner.lease import Lease
from mock_server.wire.driven import Work, WorkDataAsset

MOST_OF_NAME = 255
"""How many bytes the name of a folder may have."""


def check_mounts(work: Work) -> None:
    """Raise `CannotRunError` when a data asset cannot be mounted where it should be."""
    mounts: list[str] = []
    for asset in work.data_assets:
        mount = asset.mount
        if not mount.isprintable() or not all(map(_is_name, mount.split("/"))):
            reason = f"the data asset {asset.id} cannot be mounted at {mount!r}: not a folder below /data"
            raise CannotRunError(reason)
        clash = next((other for other in mounts if _is_inside(mount, other) or _is_inside(other, mount)), None)
        if clash is not None:
            raise CannotRunError(f"two data assets are to be mounted at /data/{clash} and /data/{mount}")
        mounts.append(mount)


def _is_inside(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


def _is_name(name: str) -> bool:
    return name not in ("", ".", "..") and len(name.encode()) <= MOST_OF_NAME


def check_size(work: Work, capsule: CapsuleFolder, most: int) -> None:
    """Raise `CannotRunError` when a run's data is larger than it may be."""
    with files_of("data"):
        size = sum(asset.size for asset in work.data_assets) + size_of(capsule.data, mounted_folders(work))
    if size > most:
        raise CannotRunError(f"the data of this run has {size} bytes, and --max-input allows {most}")


def mounted_folders(work: Work) -> set[str]:
    """The folders directly below `/data` where data assets are mounted: local files in them are not seen."""
    return {asset.mount.partition("/")[0] for asset in work.data_assets}


def size_of(folder: Path, skip: set[str]) -> int:
    """The bytes of all files in a folder, but for what stands directly in it under a name to `skip`."""
    size = 0
    for place, folders, names in os.walk(folder):
        if Path(place) == folder:
            folders[:] = [name for name in folders if name not in skip]
            names = [name for name in names if name not in skip]
        size += sum(Path(place, name).lstat().st_size for name in names)
    return size


def hand_in(work: Work, capsule: CapsuleFolder, execution: Execution, world: WorldControl, lease: Lease) -> None:
    """Copy and download everything to where the script will find it. Raises `CannotRunError`, `BrokenOffError`."""
    with files_of("code"):
        if capsule.code.is_dir():
            execution.copy(capsule.code, "code")
    with files_of("data"):
        if capsule.data.is_dir():
            execution.copy(capsule.data, "data", mounted_folders(work))
    for asset in work.data_assets:
        lease.check()
        try:
            lease.insist(lambda asset=asset: _unpack(asset, execution, world))  # type: ignore[misc]
        except ControlError as problem:
            raise CannotRunError(f"the data asset {asset.name} cannot be had: {problem.message}") from None


def _unpack(asset: WorkDataAsset, execution: Execution, world: WorldControl) -> None:
    with downloaded(world.data_asset(asset.id).download) as (tar, failure):
        try:
            with files_of(f"the data asset {asset.name}"):
                execution.unpack(tar, asset.mount)
        except (tarfile.TarError, CannotRunError) as problem:
            # A download that breaks off leaves half a tar; it may be whole the next time.
            raise failure() or CannotRunError(f"the data asset {asset.name} cannot be unpacked: {problem}") from None


@contextmanager
def downloaded(download: Callable[[BinaryIO], object]) -> Iterator[tuple[BinaryIO, Callable[[], ControlError | None]]]:
    """What is downloaded, as a file to be read meanwhile, and why the download has failed, once it has."""
    reading, writing = os.pipe()
    failures: list[ControlError] = []

    def fill() -> None:
        try:
            with os.fdopen(writing, "wb") as into:
                download(into)
        except ControlError as problem:
            failures.append(problem)
        except OSError:
            # Nobody reads any more.
            return

    thread = Thread(target=fill, name="download", daemon=True)
    with os.fdopen(reading, "rb") as tar:

        def failure() -> ControlError | None:
            tar.close()
            thread.join()
            return failures[0] if failures else None

        thread.start()
        yield cast(BinaryIO, tar), failure
    thread.join()
    if failures:
        raise failures[0]
