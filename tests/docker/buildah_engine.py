"""WorldDatabases built with buildah, and run without an engine: by util-linux, in namespaces of their own.

The root file system is bound read-only, the server is the first process of its namespace and has no rights, as with
Docker. The network is this machine's.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.docker.engine import (
    BUILD_SECONDS,
    STOP_SECONDS,
    Container,
    NoEngineError,
    Wanted,
    run,
)
from tests.process import PATIENCE

TOOLS = {"buildah": "buildah", "unshare": "util-linux", "nsenter": "util-linux", "chroot": "coreutils"}
"""What has to be there, and the package of Debian that has it."""

# No kernel support and no rights over namespaces are needed for these two.
SETTINGS = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}

START = """
set -e
root=$1; data=$2; user=$3; shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
case $data in
  disk:*) mount -t tmpfs -o "size=${data#disk:},mode=1777" tmpfs "$root/data" ;;
  ?*) mount --bind "$data" "$root/data" ;;
esac
exec chroot --userspec="$user" --groups= "$root" "$@"
"""
"""Runs a command on a root file system as a container would be: `root`, `data` ("disk:BYTES", a directory or nothing),
`user` and the command."""


class Unshared:
    """A container without an engine: the first process of namespaces of its own."""

    def __init__(self, popen: "subprocess.Popen[bytes]", user: str, env: Sequence[str], log: Path, url: str) -> None:
        self._popen, self._user, self._env, self._log = popen, user, env, log
        self.url = url

    def exec(self, *command: str) -> "subprocess.CompletedProcess[str]":
        uid, gid = self._user.split(":")
        place = [
            f"--target={self._first_process()}",
            "--mount",
            "--pid",
            "--root",
            f"--setuid={uid}",
            f"--setgid={gid}",
        ]
        return subprocess.run(
            ["nsenter", *place, *self._env, *command],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def stop(self) -> int:
        os.kill(self._first_process(), signal.SIGTERM)
        return self._popen.wait(STOP_SECONDS)

    def logs(self) -> str:
        return self._log.read_text()

    def _first_process(self) -> int:
        [number] = _children(self._popen)
        return number


class BuildahEngine:
    """Buildah and what runs its images. Raises `NoEngineError` when something is missing."""

    name = "buildah, and util-linux to run what it built"

    def __init__(self) -> None:
        missing = sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})
        if missing:
            raise NoEngineError(f"{', '.join(missing)} not installed")
        if os.geteuid() != 0:
            raise NoEngineError("buildah is installed, but running what it builds without an engine needs root")
        os.environ.update(SETTINGS)

    def build(self, folder: Path, dockerfile: str, image: str, base_image: str | None) -> None:
        arguments = ["--build-arg", f"BASE_IMAGE={base_image}"] if base_image else []
        options = ["--format", "docker", "--network", "host", "--file", str(folder / dockerfile), "--tag", image]
        run("buildah", "bud", *options, *arguments, str(folder), seconds=BUILD_SECONDS)

    def config(self, image: str) -> dict[str, Any]:
        config: dict[str, Any] = json.loads(run("buildah", "inspect", "--type", "image", image))["Docker"]["config"]
        return config

    def size(self, image: str) -> int:
        with tempfile.TemporaryDirectory() as folder:
            archive = f"{folder}/image.tar"
            # Its layers are compressed as they are for a registry.
            run("buildah", "push", "--quiet", image, f"oci-archive:{archive}")
            return Path(archive).stat().st_size

    @contextmanager
    def run(self, wanted: Wanted) -> Iterator[Container]:
        with self._root_of(wanted.image) as root, tempfile.TemporaryDirectory() as volume:
            port = _free_port()
            # The address is this machine's own: nobody else is to reach a test.
            place = {"CODEOCEAN_MOCK_HOST": "127.0.0.1", "CODEOCEAN_MOCK_PORT": str(port)}
            url = f"http://127.0.0.1:{port}"
            env = self._environment(wanted.image, {**place, "CODEOCEAN_MOCK_URL": url, **wanted.env})
            user = self.config(wanted.image)["User"]
            data = (
                str(wanted.data) if wanted.data else f"disk:{wanted.disk}" if wanted.disk else _new_volume(root, volume)
            )
            log = Path(volume) / "log"
            with log.open("wb") as out:
                entry = [*self.config(wanted.image)["Entrypoint"], *wanted.command]
                popen = _unshared(root, data, user, [*env, *entry], out)
            try:
                yield Unshared(popen, user, env, log, url)
            finally:
                _end(popen)

    def run_beside(self, image: str, container: Container, env: Mapping[str, str]) -> str:
        config = self.config(image)
        with self._root_of(image) as root, tempfile.TemporaryFile() as out:
            command = self._environment(image, {"CODEOCEAN_DOMAIN": container.url, **env}) + config["Entrypoint"]
            popen = _unshared(root, "", config["User"], command, out)
            try:
                code = popen.wait(PATIENCE)
            finally:
                _end(popen)
            out.seek(0)
            written = out.read().decode()
        assert code == 0, written
        return written

    def _environment(self, image: str, more: Mapping[str, str]) -> list[str]:
        """What gives a command the environment and the working directory of an image."""
        config = self.config(image)
        variables = [*config["Env"], *(f"{name}={value}" for name, value in more.items())]
        return ["env", "--ignore-environment", f"--chdir={config.get('WorkingDir') or '/'}", *variables]

    @contextmanager
    def _root_of(self, image: str) -> Iterator[Path]:
        """The root file system of an image, as a directory."""
        key = run("buildah", "from", image).strip()
        try:
            yield Path(run("buildah", "mount", key).strip())
        finally:
            run("buildah", "rm", key)


def _unshared(root: Path, data: str, user: str, command: Sequence[str], out: Any) -> "subprocess.Popen[bytes]":
    namespaces = ["unshare", "--mount", "--pid", "--fork"]
    start = ["sh", "-c", START, "start", str(root), data, user, *command]
    return subprocess.Popen([*namespaces, *start], stdout=out, stderr=subprocess.STDOUT)


def _children(popen: "subprocess.Popen[bytes]") -> list[int]:
    """The first process of the namespaces that `popen` has made, by its number outside; none when it has ended."""
    return [int(number) for number in Path(f"/proc/{popen.pid}/task/{popen.pid}/children").read_text().split()]


def _end(popen: "subprocess.Popen[bytes]") -> None:
    """Kill what runs still. With the first process of its namespace all others there are gone."""
    if popen.poll() is None:
        for number in _children(popen):
            os.kill(number, signal.SIGKILL)
        popen.wait(STOP_SECONDS)


def _new_volume(root: Path, folder: str) -> str:
    """A volume as Docker makes it: with the owner and the mode that the directory has in the image."""
    volume = Path(folder) / "data"
    volume.mkdir()
    model = (root / "data").stat()
    os.chown(volume, model.st_uid, model.st_gid)
    volume.chmod(model.st_mode & 0o7777)
    return str(volume)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
