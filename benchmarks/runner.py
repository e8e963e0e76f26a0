"""The most memory that a server and a runner need for a run that leaves 3 GB and writes a million lines.

python -m benchmarks.runner [ENGINE] [OPTIONS of codeocean-mock runner]…
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.servers import BIN, FAKE, free_port

RESULT_BYTES = 3_000_000_000
LINES = 1_000_000
MOST_MB = 150
"""What each of them may need."""

PATIENCE = 1800.0
LOOK_SECONDS = 0.2
ID = "bbbbbbbb-0000-4000-8000-000000000001"
SCRIPT = f"""set -e
seq -f 'line %.0f of the log, as long as lines of logs are' {LINES}
yes 'what a result may look like' | head -c {RESULT_BYTES} > ../results/large
"""
AUTHORIZATION = ("cop_demo_user", "")


def main() -> None:
    """Print the memory and the time of one run; fail when it is too much."""
    engine, options = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("process", [])
    with tempfile.TemporaryDirectory() as folder:
        capsule = Path(folder, "capsule/code/run")
        capsule.parent.mkdir(parents=True)
        capsule.write_text(SCRIPT)
        url = f"http://127.0.0.1:{(port := free_port())}"
        served = ["--capsule", f"{ID}={Path(folder, 'capsule')}", "--data-dir", str(Path(folder, "data"))]
        runs = ["--url", url, "--engine", engine, "--work-dir", str(Path(folder, "work")), *options]
        with (
            started("serve", "--port", str(port), *served) as server,
            started("runner", *runs) as runner,
        ):
            before = {name: peak(process) for name, process in (("server", server), ("runner", runner))}
            began = time.perf_counter()
            ended = executed(url)
            seconds = time.perf_counter() - began
            after = {"server": peak(server), "runner": peak(runner)}
    show(engine, before, after, seconds)
    if ended.get("exit_code") != 0 or max(after.values()) > MOST_MB:
        sys.exit(f"the run ended as {ended}; each may need {MOST_MB} MB")


@contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A command that has said that it is ready."""
    process = subprocess.Popen([BIN / FAKE, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def executed(url: str) -> dict[str, Any]:
    """The run, once it has ended, and its results are as many bytes as they should be."""
    with httpx.Client(base_url=f"{url}/api/v1", auth=AUTHORIZATION, timeout=PATIENCE) as client:
        run = client.post("/computations", json={"capsule_id": ID}).raise_for_status().json()
        end = time.monotonic() + PATIENCE
        while run["state"] not in ("completed", "failed") and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
            run = client.get(f"/computations/{run['id']}").json()
        found = client.post(f"/computations/{run['id']}/results", json={"path": ""}).json()["items"]
    sizes = {item["name"]: item["size"] for item in found}
    assert sizes["large"] == RESULT_BYTES, sizes
    assert sizes["output"] > 40 * LINES, sizes
    answer: dict[str, Any] = run
    return answer


def peak(process: "subprocess.Popen[bytes]") -> float:
    """The most megabytes of memory that a process ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def show(engine: str, before: dict[str, float], after: dict[str, float], seconds: float) -> None:
    """Print the figures."""
    table = Table(title=f"{RESULT_BYTES / 1e9:.0f} GB of results and {LINES} lines, {engine}, {seconds:.0f} s")
    for heading in ("", "MB when ready", "MB at most", "target"):
        table.add_column(heading, justify="right")
    for name, most in after.items():
        table.add_row(name, f"{before[name]:.0f}", f"{most:.0f}", f"≤ {MOST_MB}")
    Console().print(table)


if __name__ == "__main__":
    main()
