"""The S3 servers that the tests are run against: moto's, and SeaweedFS (`make test-s3`)."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mock_server.s3.embedded import EmbeddedS3
from mock_server.s3.endpoint import Endpoint, EndpointOptions, Keys
from mock_server.s3.failures import S3Error
from mock_server.s3.places import ensure_bucket
from tests.process import PATIENCE, until

CHOSEN = "S3_SERVER"
"""The variable with the path of SeaweedFS's program, weed."""

ATTEMPTS = 5

KEYS = Keys("tests-key", "tests-secret")


@contextmanager
def running(folder: Path) -> Iterator[Endpoint]:
    """The endpoint of the server that the tests are to use, which keeps what it has to keep in a folder."""
    program = Path(os.environ.get(CHOSEN, "moto"))
    if program.name == "moto":
        with EmbeddedS3() as embedded:
            yield embedded.endpoint
        return
    try:
        for attempt in range(ATTEMPTS):
            place = folder / str(attempt)
            place.mkdir()
            with seaweedfs_at(str(program), place) as endpoint:
                if endpoint is not None:
                    yield endpoint
                    return
        raise AssertionError("it does not start")
    finally:
        # Gigabytes, which pytest would keep for three sessions.
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def seaweedfs_at(program: str, folder: Path) -> Iterator[Endpoint | None]:
    """The endpoint of SeaweedFS; None when it has not started, as another server had one of its ports by then."""
    port = free_port()
    command = seaweedfs(program, port, folder)
    with (folder / "log").open("wb") as log:
        # SeaweedFS makes seven volumes for a new bucket otherwise.
        env = os.environ | {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
    endpoint = Endpoint(EndpointOptions(f"http://127.0.0.1:{port}", region="us-east-1", attempts=1), KEYS)
    try:
        until(lambda: process.poll() is not None or takes_objects(endpoint))
        if process.poll() is None:
            yield Endpoint(EndpointOptions(endpoint.url, region="us-east-1"), KEYS)
        else:
            yield None
    finally:
        endpoint.close()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()


def takes_objects(endpoint: Endpoint) -> bool:
    """Whether a server is ready."""
    try:
        ensure_bucket(endpoint, "ready")
        endpoint.client.put_object(Bucket="ready", Key="ready", Body=b"ready")
    except (S3Error, endpoint.client.exceptions.ClientError):
        return False
    return True


def seaweedfs(program: str, port: int, folder: Path) -> list[str]:
    """The command of SeaweedFS, all of it on the loopback interface, where only our keys are let in."""
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": KEYS.access_key_id, "secretKey": KEYS.secret_access_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    settings = folder / "identities.json"
    settings.write_text(json.dumps({"identities": [identity]}))
    parts = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
    ports = [f"-{part}={free_port()}" for part in (*parts, "s3.port.grpc")]
    return [
        program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.port={port}",
        f"-s3.config={settings}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64",
        "-volume.max=5000", "-master.telemetry=false", *ports,
    ]  # fmt: skip


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
