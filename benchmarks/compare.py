"""GET of an object, a durable POST, data assets created and updated: all servers in turn, ratios paired by round."""

import statistics
from contextlib import ExitStack

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.load import CONNECTIONS, http
from benchmarks.measuring import (
    ASSET_PATH,
    CHANGES,
    CREATE,
    GET,
    NEW_ASSET,
    POST,
    RUN,
    UPDATES,
    Sample,
    measure,
)
from benchmarks.servers import ITEM_PATH, S3_AUTHORIZATION, USER, Server

ROUNDS = 5
SECONDS = 3.0
WARM_UP = 1.0

TARGETS = {
    ("GET", "bare FastAPI"): 0.6,
    ("GET", "moto"): 6.0,
    ("POST", "bare FastAPI"): 1.0,
    ("POST", "moto"): 4.0,
    ("create", "bare FastAPI"): 0.6,
    ("update", "bare FastAPI"): 0.6,
}
"""The least that the fake is to reach, as a multiple of what the other does."""

MADE = (servers.bare, servers.fake, servers.fake_with_a_fault, servers.moto)


def requests(found: dict[str, Server]) -> dict[tuple[str, str], bytes | list[bytes]]:
    """What each server is asked, by operation; all objects have the same size."""
    fake = found["codeocean-mock"]
    size = len(httpx.get(f"http://127.0.0.1:{fake.port}{ITEM_PATH}", auth=(USER, "")).content)
    body = b"x" * size
    httpx.put(
        f"http://127.0.0.1:{found['moto'].port}/bench/object", content=body, headers={"Authorization": S3_AUTHORIZATION}
    ).raise_for_status()
    bare_updates = [http("PUT", ASSET_PATH, change, Content_Type="application/json") for change in CHANGES]
    return {
        ("GET", "bare FastAPI"): http("GET", ITEM_PATH),
        ("GET", "codeocean-mock"): GET,
        ("GET", "with a fault"): GET,
        ("GET", "moto"): http("GET", "/bench/object", Authorization=S3_AUTHORIZATION),
        ("POST", "bare FastAPI"): http("POST", "/api/v1/computations", RUN, Content_Type="application/json"),
        ("POST", "codeocean-mock"): POST,
        ("create", "bare FastAPI"): http("POST", "/api/v1/data_assets", NEW_ASSET, Content_Type="application/json"),
        ("create", "codeocean-mock"): CREATE,
        ("update", "bare FastAPI"): bare_updates,
        ("update", "codeocean-mock"): UPDATES,
        ("POST", "moto"): http("PUT", "/bench/object", body, Authorization=S3_AUTHORIZATION),
    }


def compare(console: Console) -> None:
    """Measure all servers in turn, several rounds, and print medians and paired ratios."""
    samples: dict[tuple[str, str], list[Sample]] = {}
    with ExitStack() as stack:
        started = [stack.enter_context(make()) for make in MADE]
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
        f"Medians of {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} keep-alive connections. POST to moto is an S3 PUT;"
        " create and update are of data assets."
        " The fault that is set matches nothing."
    )
