"""Runs the contract suite as users run it on a deployment, with its default budgets: on a small one and on a large one.

The deployment is a fake that is reached under another name and keeps its control token to itself. What it holds is
compared before and after: every row of its database, but for when a capsule was last used.
"""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.process import COMMAND, environment, started

SIZES = {
    "demo": (),
    "large": ("--data-assets", "100000", "--capsules", "200", "--computations", "2000", "--random-seed", "7"),
}

PROFILES = {"observe": (), "sandboxed": ("--capsule", "1d8288da-0785-4e4f-aa37-2d1db3636bc4")}

SECONDS = 3600

CONTROL_TOKEN = "for-no-suite-to-know"

CONTENT = (
    "bucket",
    "capsule",
    "computation",
    "dataasset",
    "favorite",
    "grant",
    "releasejob",
    "scenario",
    "token",
    "user",
)
"""The tables of what users have; the rest is an index, or counts."""

OF_A_USE = ("last_accessed", "last_used")
"""Columns that reading and running may change."""


def main() -> None:
    """Run all, both sizes at a time, and print what came of it. Exit code 1 when a run fails, or changes something."""
    with ThreadPoolExecutor() as pool:
        results = [line for lines in pool.map(_on, SIZES) for line in lines]
    print("\n".join(line for line, _ in results))
    sys.exit(0 if all(good for _, good in results) else 1)


def _on(size: str) -> list[tuple[str, bool]]:
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if SIZES[size]:
            seed = [COMMAND, "seed", "--data-dir", str(data), *SIZES[size]]
            subprocess.run(seed, check=True, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        name = socket.gethostname()
        options = ("--data-dir", str(data), "--control-token", CONTROL_TOKEN, "--allow-host-name", name)
        with started(*options) as server:
            url = server.url.replace("127.0.0.1", name)
            return list(_runs(size, url, name, data / "default.sqlite", Path(folder)))


def _runs(size: str, url: str, name: str, database: Path, folder: Path) -> Iterator[tuple[str, bool]]:
    for profile, options in PROFILES.items():
        before = _content(database)
        command = [COMMAND, "contract", "--url", url, "--profile", profile, "--allow-host", name, "--json", *options]
        tokens = ("--token", "cop_demo_user", "--other-token", "cop_demo_viewer")
        began = time.monotonic()
        done = subprocess.run(
            [*command, *tokens],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        seconds = time.monotonic() - began
        changed = {table: rows for table, rows in _content(database).items() if rows != before[table]}
        said = json.loads(done.stdout) if done.stdout.startswith("{") else None
        good = done.returncode == 0 and not changed
        yield f"{size} {profile}: exit code {done.returncode}, {seconds:.0f} s, {_words(said, done.stderr)}", good
        yield f"    changed: {', '.join(changed) or 'nothing'}", good


def _words(said: Any, error: str) -> str:
    if said is None:
        return error.strip()
    made = said["made"]
    left_out = "; ".join(said["left_out"]) or "nothing"
    return (
        f"{said['budgets']['requests']['used']} requests, {said['carried_out']['done']} of "
        f"{said['carried_out']['possible']} checks, created {made['created']}, deleted {made['deleted']}, "
        f"left {len(made['left'])}\n    left out: {left_out}\n    {said['sentence']}"
    )


def _content(database: Path) -> dict[str, str]:
    """By table a digest of all of its rows."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return {table: _digest(connection, table) for table in CONTENT}


def _digest(connection: sqlite3.Connection, table: str) -> str:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(f'"{column}"' for column in columns if column not in OF_A_USE)
    rows = sorted(map(repr, connection.execute(f'SELECT {kept} FROM "{table}"')))
    return sha256("\n".join(rows).encode()).hexdigest()


if __name__ == "__main__":
    main()
