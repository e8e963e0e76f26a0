"""Runs a command with a Docker engine: the one that answers, else one that is started for it and ended afterwards.

    python -m tools.docker_engine COMMAND…

An own one needs root and `dockerd`; its socket and all that it stores are in a temporary folder. Without either, the
command runs nevertheless, and a line says what is missing.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

START_SECONDS = 60.0
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.2


def main() -> None:
    command = sys.argv[1:]
    if not command:
        sys.exit((__doc__ or "").strip())
    with docker_host() as environment:
        done = subprocess.run(command, env={**os.environ, **environment}, check=False)
    sys.exit(done.returncode)


@contextmanager
def docker_host() -> Iterator[dict[str, str]]:
    """What to add to the environment so that an engine answers."""
    missing = why_none()
    if answers({}):
        yield {}
    elif missing:
        print(f"no Docker engine answers, and none can be started: {missing}", file=sys.stderr)
        yield {}
    else:
        with (
            TemporaryDirectory(prefix="docker-", ignore_cleanup_errors=True) as folder,
            own(Path(folder)) as environment,
        ):
            yield environment


def why_none() -> str | None:
    """What is missing for an engine of our own."""
    if os.geteuid() != 0:
        return "that needs root"
    return None if shutil.which("dockerd") else "dockerd is not installed (Debian's package is docker.io)"


@contextmanager
def own(folder: Path) -> Iterator[dict[str, str]]:
    environment = {"DOCKER_HOST": f"unix://{folder}/docker.sock"}
    places = ("--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "pid")
    command = ["dockerd", "--host", environment["DOCKER_HOST"], *map(str, places)]
    log = folder / "log"
    with log.open("wb") as written:
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=written, stderr=written)
    try:
        end = time.monotonic() + START_SECONDS
        while not answers(environment):
            if daemon.poll() is not None or time.monotonic() > end:
                sys.exit(f"dockerd did not start: {log.read_text().strip().splitlines()[-1:]}")
            time.sleep(LOOK_SECONDS)
        yield environment
    finally:
        daemon.terminate()
        daemon.wait(STOP_SECONDS)


def answers(environment: dict[str, str]) -> bool:
    """Whether an engine does."""
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "version"], env={**os.environ, **environment}, capture_output=True, check=False)
    return asked.returncode == 0


if __name__ == "__main__":
    main()
