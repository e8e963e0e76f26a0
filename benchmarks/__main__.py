"""`make bench`: GET of an object and a durable POST, in turn on all servers, with ratios paired round by round."""

import base64
import json
import statistics
from contextlib import ExitStack
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.load import CONNECTIONS, http, put_load_on
from benchmarks.servers import AUTHORIZATION, ITEM_PATH, Server

ROUNDS = 5
SECONDS = 3.0
WARM_UP = 1.0
STARTS = 3

TOKEN = base64.b64encode(b"cop_demo_user:").decode()
RUN = json.dumps(
    {
        "capsule_id": "0b4f6f7c-7f4b-4f0a-9a77-3d7c1f5a2e10",
        "named_parameters": [{"param_name": "threads", "value": "2"}],
    }
).encode()

TARGETS = {
    ("GET", "bare FastAPI"): 0.6,
    ("GET", "moto"): 6.0,
    ("POST", "bare FastAPI"): 0.55,
    ("POST", "moto"): 4.0,
}
"""The least that the fake is to reach, as a multiple of what the other does."""


class Sample(NamedTuple):
    """One server under one kind of load in one round."""

    per_second: float
    cpu_us: float
    p50: float
    p99: float
    wrong: int


def measure(server: Server, request: bytes, seconds: float) -> Sample:
    """Put load on a server, and ask the system what it cost."""
    before = server.cpu_seconds()
    load = put_load_on(server.port, request, seconds)
    used = server.cpu_seconds() - before
    return Sample(load.per_second, used / max(1, load.requests) * 1e6, load.p50, load.p99, load.wrong)


def requests(found: dict[str, Server]) -> dict[tuple[str, str], bytes]:
    """What each server is asked, by operation; all objects have the same size."""
    fake = found["codeocean-mock"]
    size = len(httpx.get(f"http://127.0.0.1:{fake.port}{ITEM_PATH}", auth=("cop_demo_user", "")).content)
    body = b"x" * size
    httpx.put(
        f"http://127.0.0.1:{found['moto'].port}/bench/object", content=body, headers={"Authorization": AUTHORIZATION}
    ).raise_for_status()
    post = http("POST", "/api/v1/computations", RUN, Content_Type="application/json")
    return {
        ("GET", "bare FastAPI"): http("GET", ITEM_PATH),
        ("GET", "codeocean-mock"): http("GET", ITEM_PATH, Authorization=f"Basic {TOKEN}"),
        ("GET", "moto"): http("GET", "/bench/object", Authorization=AUTHORIZATION),
        ("POST", "bare FastAPI"): post,
        ("POST", "codeocean-mock"): post.replace(b"\r\n", f"\r\nAuthorization: Basic {TOKEN}\r\n".encode(), 1),
        ("POST", "moto"): http("PUT", "/bench/object", body, Authorization=AUTHORIZATION),
    }


def compare(console: Console) -> None:
    """Measure all servers in turn, several rounds, and print medians and paired ratios."""
    samples: dict[tuple[str, str], list[Sample]] = {}
    with ExitStack() as stack:
        started = [stack.enter_context(make()) for make in (servers.bare, servers.fake, servers.moto)]
        found = {server.name: server for server in started}
        asked = requests(found)
        for (_, name), request in asked.items():
            measure(found[name], request, WARM_UP)
        for number in range(ROUNDS):
            console.print(f"round {number + 1} of {ROUNDS} …", style="dim")
            for (method, name), request in asked.items():
                samples.setdefault((method, name), []).append(measure(found[name], request, SECONDS))
    table = Table(
        "operation", "server", "req/s", "CPU µs/req", "p50 ms", "p99 ms", "wrong", "ours / this (min-max)", "target"
    )
    for (method, name), runs in samples.items():
        ours = samples[(method, "codeocean-mock")]
        ratios = [mine.per_second / other.per_second for mine, other in zip(ours, runs, strict=True)]
        target = TARGETS.get((method, name))
        middle = statistics.median(ratios)
        verdict = "" if target is None else f"{target:g} {'met' if middle >= target else 'MISSED'}"
        values = [statistics.median(column) for column in zip(*(run[:4] for run in runs), strict=True)]
        table.add_row(
            method,
            name,
            *(f"{value:,.0f}" for value in values[:2]),
            *(f"{value:.1f}" for value in values[2:]),
            str(sum(run.wrong for run in runs)),
            f"{middle:.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
            verdict,
        )
    console.print(table)
    console.print(
        f"Medians of {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} keep-alive connections. POST to moto is an S3 PUT."
    )


def starts(console: Console) -> None:
    """Print how long the servers take to their first answer, and what that costs."""
    table = Table("server", "first 200 after s", "CPU s", "memory MB")
    for make in (servers.bare, servers.fake, servers.moto):
        seen = []
        for _ in range(STARTS):
            with make() as server:
                seen.append((server.ready_after, server.cpu_seconds(), server.memory_mb()))
        middle = [statistics.median(column) for column in zip(*seen, strict=True)]
        table.add_row(server.name, f"{middle[0]:.2f}", f"{middle[1]:.2f}", f"{middle[2]:.0f}")
    console.print(table)
    console.print(f"Medians of {STARTS} cold starts with byte code present.")


if __name__ == "__main__":
    shown = Console(width=140)
    starts(shown)
    compare(shown)
