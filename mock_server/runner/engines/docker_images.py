"""The images of capsules: built from `environment/Dockerfile`, once for each content of that folder."""

import re
import stat
from collections import defaultdict
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any

from mock_server.runner.capsules import CapsuleFolder
from mock_server.runner.engines.tars import end, file_entry
from mock_server.runner.failures import CannotRunError
from mock_server.runner.options import EngineOptions

if TYPE_CHECKING:
    from docker import APIClient

REPOSITORY = "codeocean-mock-environment"

STUBS = ("git-askpass", "git-ask-pass")
"""Files that the platform puts beside a Dockerfile, and no repository holds."""

STUB = b'#!/bin/sh\necho "$GIT_ACCESS_TOKEN"\n'

SECRET_MOUNT = re.compile(
    rb"--mount=type=secret\S*\s+(?:\.|source)\s+/run/secrets/\S+\s*&&\s*|--mount=type=secret\S*\s+"
)
"""How a Dockerfile takes secrets while it is built, which needs BuildKit."""

MOST_OF_LOG = 4 * 1024**2
"""How many bytes of a build log are kept."""


class Images:
    """Finds an image, or builds it. Raises `CannotRunError` with the build log when that fails."""

    def __init__(self, client: "APIClient", options: EngineOptions) -> None:
        self._client = client
        self._options = options
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def image(self, capsule: CapsuleFolder, check: Callable[[], None]) -> tuple[str, bytes | None]:
        """The image for a capsule, and what its build wrote if it was built just now."""
        if self._options.image is not None:
            return self._named(self._options.image), None
        if not (capsule.environment / "Dockerfile").is_file():
            raise CannotRunError(f"there is no environment/Dockerfile in {capsule.path}, and no --image was given")
        try:
            tag = f"{REPOSITORY}:{capsule.environment_hash(self._options.registry_host)[:32]}"
        except OSError as problem:
            raise CannotRunError(f"environment cannot be read: {problem.strerror}") from None
        # Of runs that need the same image at once, one builds it.
        with self._locks[tag]:
            if self._is_there(tag):
                return tag, None
            return tag, self._built(capsule, tag, check)

    def _is_there(self, name: str) -> bool:
        from docker.errors import ImageNotFound

        inspect: Callable[[str], object] = self._client.inspect_image
        try:
            inspect(name)
        except ImageNotFound:
            return False
        return True

    def _named(self, name: str) -> str:
        from docker.errors import DockerException

        if not self._is_there(name):
            repository, _, tag = name.rpartition(":")
            known = (repository, tag) if repository and "/" not in tag else (name, "latest")
            try:
                self._client.pull(*known)
            except DockerException as problem:
                raise CannotRunError(f"the image {name} cannot be had: {problem}") from None
        return name

    def _built(self, capsule: CapsuleFolder, tag: str, check: Callable[[], None]) -> bytes:
        from docker.errors import DockerException

        log = bytearray()
        dockerfile = (capsule.environment / "Dockerfile").read_bytes()
        arguments = {"REGISTRY_HOST": self._options.registry_host} if b"REGISTRY_HOST" in dockerfile else {}
        with TemporaryFile() as context:
            for piece in _context(capsule, dockerfile):
                context.write(piece)
            context.seek(0)
            try:
                for event in self._client.build(
                    fileobj=context,
                    custom_context=True,
                    tag=tag,
                    buildargs=arguments,
                    rm=True,
                    forcerm=True,
                    decode=True,
                    labels={"codeocean-mock.environment": str(capsule.path)},
                ):
                    check()
                    log += _text(event)[: MOST_OF_LOG - len(log)]
                    if "error" in event:
                        raise BuildError(bytes(log), "building the environment failed")
            except DockerException as problem:
                raise BuildError(bytes(log), f"building the environment failed: {problem}") from None
        return bytes(log)


class BuildError(CannotRunError):
    """An environment cannot be built; `log` is what the build wrote."""

    def __init__(self, log: bytes, message: str) -> None:
        self.log = log
        super().__init__(message)


def _text(event: dict[str, Any]) -> bytes:
    """What an event of a build says; layers that are pulled say too much."""
    if "stream" in event:
        return str(event["stream"]).encode()
    line = event.get("error") or ("" if "progressDetail" in event else event.get("status"))
    return f"{line}\n".encode() if line else b""


def _context(capsule: CapsuleFolder, dockerfile: bytes) -> Iterator[bytes]:
    """Its environment as Docker wants it: with what the platform adds, and without what only BuildKit understands."""
    names = set()
    for path in capsule.environment_files():
        name = str(path.relative_to(capsule.environment))
        if name == "Dockerfile":
            continue
        names.add(name)
        executable = name == "postInstall" or path.stat().st_mode & stat.S_IXUSR
        yield file_entry(name, path.read_bytes(), 0o755 if executable else 0o644)
    for name in STUBS:
        if name not in names:
            yield file_entry(name, STUB, 0o755)
    yield file_entry("Dockerfile", SECRET_MOUNT.sub(b"", dockerfile))
    yield end()
