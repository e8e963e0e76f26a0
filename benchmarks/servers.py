"""The servers under measurement, each a process of its own, and what the system says of them."""

import base64
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx

START_SECONDS, STOP_SECONDS = 60, 30
S3_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=mock/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)
"""Tells moto's server that S3 is meant; it checks no signature."""
BIN = Path(sys.executable).parent
FAKE, FAULTY, BARE, MOTO = "codeocean-mock", "with a fault", "bare FastAPI", "moto"
USER = "cop_demo_user"
Env = Mapping[str, str] | None
ITEM_PATH = "/api/v1/computations/8f174aed-64ce-43eb-9c16-64d25da84bda"


class Server:
    """A running server and its process."""

    def __init__(self, name: str, port: int, process: "subprocess.Popen[bytes]", ready_after: float) -> None:
        self.name, self.port, self.process, self.ready_after = name, port, process, ready_after

    def cpu_seconds(self) -> float:
        """Processor time that the server has used so far."""
        return process_seconds(self.process.pid)

    def memory_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def most_memory_mb(self) -> float:
        """The most resident memory that it ever had."""
        return most_memory_mb(self.process.pid)

    def children(self) -> list[int]:
        """The processes that it has started."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def process_seconds(pid: int) -> float:
    """Processor time that a process has used so far."""
    # As clock_getcpuclockid(3) of Linux names it: /proc counts in hundredths of a second.
    return time.clock_gettime((~pid << 3) | 2)


def most_memory_mb(pid: int) -> float:
    """The most resident memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


Make = Callable[[], AbstractContextManager[Server]]
"""Starts a server."""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def authorization(token: str) -> str:
    """The header that names a user by token."""
    return "Basic " + base64.b64encode(f"{token}:".encode()).decode()


def _answers(port: int, path: str, headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status == 200
    except (ConnectionError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running(name: str, command: list[str], port: int, path: str, token: str = "", env: Env = None) -> Iterator[Server]:
    """Start a server, wait for its first answer to `path` and stop it at the end. `env` is set beside what is."""
    headers = {"Authorization": authorization(token)} if token else {}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})}
    )
    try:
        while not _answers(port, path, headers):
            if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise RuntimeError(f"{name} did not start")
            time.sleep(0.005)
        yield Server(name, port, process, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@contextmanager
def bare(app: str = "benchmarks.bare:app", path: str = ITEM_PATH, env: Env = None) -> Iterator[Server]:
    """FastAPI with nothing behind it."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log"]
    with running(BARE, command, port, path, env=env) as server:
        yield server


@contextmanager
def fake(name: str = FAKE, command: Path = BIN / FAKE, env: Env = None) -> Iterator[Server]:
    """The fake as `make run` starts it, on a data directory of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        serve = [str(command), "serve", "--port", str(port), "--data-dir", folder]
        with running(name, serve, port, ITEM_PATH, USER, env) as server:
            yield server


@contextmanager
def fake_with_a_fault() -> Iterator[Server]:
    """The fake with one fault set, for requests that nobody sends here."""
    with fake(FAULTY) as server:
        url = f"http://127.0.0.1:{server.port}/_mock/worlds/default/faults"
        httpx.post(url, json={"operation": "delete_computation", "status": 503}).raise_for_status()
        yield server


@contextmanager
def moto() -> Iterator[Server]:
    """moto's server with a bucket for S3 objects."""
    port = free_port()
    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with running(MOTO, command, port, "/") as server:
        put_object(server, "", b"")
        yield server


def put_object(server: Server, key: str, content: bytes) -> None:
    """Put an object into moto's bucket; without a key, make the bucket."""
    url = f"http://127.0.0.1:{server.port}/bench{key}"
    httpx.put(url, content=content, headers={"Authorization": S3_AUTHORIZATION}).raise_for_status()
