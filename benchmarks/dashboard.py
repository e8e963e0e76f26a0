"""`make bench-ui`: every page of the dashboard over a large world, and what open pages cost a server that is idle."""

import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.servers import BIN, ITEM_PATH, USER, Server, free_port, running

DATA_ASSETS, COMPUTATIONS, CAPSULES = 100_000, 1_000, 200
REQUESTS = 2_500
"""More than the journal keeps."""

ROUNDS = 30
WARM_UP = 3
MOST_MS = 100.0

OPEN = 10
IDLE_SECONDS = 20.0
MOST_CPU_MS = 1.0
"""What an open page may cost in a second, in milliseconds of processor time: a thousandth."""

WORLD = "/_ui/worlds/default"
CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RUN = "86a79b7f-ab60-4141-a97c-b1dbbb94decb"
OTHER_RUN = "9390055d-7884-4997-8dfc-88bf7445b617"
PIPELINE = "cd4ef788-b404-4406-8bda-76b5e41a7b8d"


def pages(client: httpx.Client) -> dict[str, str]:
    """The pages to measure, with data assets that are there."""
    body = {"limit": 1, "type": "result"}
    found = client.post("/api/v1/data_assets/search", json=body, auth=(USER, "")).raise_for_status().json()
    asset = found["results"][0]["id"]
    return {
        "overview": "",
        "capsules": "/capsules",
        "capsules, searched": "/capsules?query=tag:genomics",
        "capsule": f"/capsules/{CAPSULE}",
        "pipeline": f"/pipelines/{PIPELINE}",
        "computations": "/computations",
        "computations, last page": f"/computations?page={COMPUTATIONS // 50 - 1}",
        "computations, filtered": "/computations?state=failed&name=run&capsule=a",
        "two runs": f"/computations/compare?run={RUN}&run={OTHER_RUN}",
        "what differs in a file": f"/computations/compare?run={RUN}&run={OTHER_RUN}&path=output",
        "computation": f"/computations/{RUN}",
        "results": f"/computations/{RUN}/files",
        "preview": f"/computations/{RUN}/files?path=table.csv",
        "data assets": "/data_assets",
        "data assets, searched": "/data_assets?query=ecephys",
        "data asset": f"/data_assets/{asset}",
        "data asset's files": f"/data_assets/{asset}/files",
        "journal": "/journal",
        "journal, by operation": "/journal?operation=delete_capsule",
        "journal, by id": f"/journal?entity={asset}",
        "journal, polling": f"/journal/polling?entity={CAPSULE}",
        "journal, never called": "/journal/unused",
        "request": f"/journal/{REQUESTS}",
        "world": "/world",
        "worlds": "/worlds",
    }


def filled(folder: Path) -> None:
    """Fill a data directory with a large world."""
    sizes = {"data-assets": DATA_ASSETS, "computations": COMPUTATIONS, "capsules": CAPSULES, "random-seed": 1}
    options = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    command = [str(BIN / "codeocean-mock"), "seed", *options, "--data-dir", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def measure(server: Server, client: httpx.Client, path: str) -> tuple[float, float, float]:
    """The median and the worst milliseconds of a page, and those of processor time that the server uses for it."""
    times, used = [], 0.0
    for number in range(WARM_UP + ROUNDS):
        if number == WARM_UP:
            used = server.cpu_seconds()
        started = time.perf_counter()
        client.get(f"{WORLD}{path}").raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[WARM_UP:]), max(times[WARM_UP:]), (server.cpu_seconds() - used) / ROUNDS * 1000


def speed(console: Console, server: Server, client: httpx.Client) -> None:
    """Print how long each page takes."""
    table = Table("page", "p50 ms", "worst ms", "processor ms", "target")
    for name, path in pages(client).items():
        middle, worst, used = measure(server, client, path)
        target = f"< {MOST_MS:g} {_verdict(middle < MOST_MS)}"
        table.add_row(name, f"{middle:.1f}", f"{worst:.1f}", f"{used:.1f}", target)
    console.print(table)
    console.print(f"{DATA_ASSETS:,} data assets, {COMPUTATIONS:,} runs, {CAPSULES:,} capsules; {ROUNDS} rounds.")


def idling(console: Console, server: Server, client: httpx.Client) -> None:
    """Print what a server that nobody asks anything uses, without and with open pages."""
    alone = _used(server)
    with ExitStack() as stack:
        for path in ("/live", f"/computations/{RUN}/live", "/journal/live"):
            for _ in range(OPEN):
                answer = stack.enter_context(client.stream("GET", f"{WORLD}{path}", timeout=None))
                next(answer.iter_raw())
        time.sleep(2)
        opened = _used(server)
    each = max(0.0, opened - alone) / (3 * OPEN)
    console.print(
        f"Idle for {IDLE_SECONDS:g} s: {alone:.1f} ms of processor time a second without open pages, {opened:.1f} ms"
        f" with {3 * OPEN}: {each:.2f} ms a page (< {MOST_CPU_MS:g} {_verdict(each < MOST_CPU_MS)})."
    )


def _used(server: Server) -> float:
    """Milliseconds of processor time that the server uses in a second."""
    before = server.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    return (server.cpu_seconds() - before) / IDLE_SECONDS * 1000


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def main() -> None:
    """Measure."""
    console = Console(width=140)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        filled(data)
        command = [str(BIN / "codeocean-mock"), "serve", "--port", str(port), "--data-dir", str(data)]
        limits = httpx.Limits(max_connections=None)
        with (
            running("codeocean-mock", command, port, ITEM_PATH, USER) as server,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client,
        ):
            for _ in range(REQUESTS):
                client.get(ITEM_PATH, auth=(USER, "")).raise_for_status()
            speed(console, server, client)
            idling(console, server, client)


if __name__ == "__main__":
    main()
