"""64 writers and `kill -9`: nothing that was acknowledged is lost, and nothing is there by half.

`KILL_ROUNDS=200 python -m pytest tests/test_killed_groups.py` kills that often.
"""

import asyncio
import base64
import json
import os
import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from mock_server.worlds import DATABASE_NAME
from tests import ids
from tests.conftest import USER
from tests.process import PATIENCE, started

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
WRITERS = 64
ENOUGH = 300
"""After so many answers the server is killed, at a moment that is drawn."""

AUTHORIZATION = base64.b64encode(f"{USER}:".encode()).decode()
RUN = {"capsule_id": ids.CAPSULE}


@dataclass
class Acknowledged:
    """What a server has said is done: runs, and the data assets by the name that each was given last."""

    runs: set[str] = field(default_factory=set)
    assets: dict[str, str] = field(default_factory=dict)
    renaming: dict[str, str] = field(default_factory=dict)
    answers: int = 0


async def ask(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], method: str, path: str, body: Mapping[str, object]
) -> dict[str, object]:
    """Send a request on a connection; the JSON of its answer."""
    reader, writer = streams
    content = json.dumps(body).encode()
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {AUTHORIZATION}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    assert lines[0].split()[1] == "200", lines[0]
    [length] = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")]
    found: dict[str, object] = json.loads(await reader.readexactly(length))
    return found


async def write(port: int, done: Acknowledged, names: "count[int]") -> None:
    """Start runs, make data assets, rename them and search for some, until the server is gone."""
    with suppress(OSError, asyncio.IncompleteReadError):
        streams = await asyncio.open_connection("127.0.0.1", port)
        try:
            while True:
                done.runs.add(str((await ask(streams, "POST", "/computations", RUN))["id"]))
                name = f"first {next(names)}"
                source = {"aws": {"bucket": "b", "prefix": name}}
                asset = {"name": name, "tags": [], "mount": "m", "source": source}
                key = str((await ask(streams, "POST", "/data_assets", asset))["id"])
                done.assets[key] = name
                done.renaming[key] = renamed = f"second {next(names)}"
                await ask(streams, "PUT", f"/data_assets/{key}", {"name": renamed})
                done.assets[key] = renamed
                del done.renaming[key]
                done.answers += 3
                if done.answers % 8 == 0:
                    await ask(streams, "POST", "/data_assets/search", {"limit": 1})
        finally:
            streams[1].close()


async def search(port: int) -> None:
    """Search once."""
    streams = await asyncio.open_connection("127.0.0.1", port)
    await ask(streams, "POST", "/data_assets/search", {"limit": 1})
    streams[1].close()


async def killed_under_load(port: int, kill: Callable[[], None], done: Acknowledged, draws: random.Random) -> None:
    """Put writers on a server, and kill it at a moment that is drawn."""
    names = count()
    before = done.answers
    writers = [asyncio.create_task(write(port, done, names)) for _ in range(WRITERS)]
    async with asyncio.timeout(PATIENCE):
        while done.answers < before + ENOUGH:
            await asyncio.sleep(0.001)
        await asyncio.sleep(draws.uniform(0, 0.05))
        kill()
        await asyncio.gather(*writers)


def check(path: Path, done: Acknowledged) -> None:
    """Check that all is there, and that what is there is whole."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.execute("INSERT INTO term (term) VALUES ('integrity-check')")
        db.rollback()
        runs = {key for (key,) in db.execute("SELECT id FROM computation")}
        assert done.runs <= runs
        names = dict(db.execute("SELECT id, name FROM dataasset"))
        for key, name in done.assets.items():
            # An update that was on its way may have been kept, and its answer lost.
            assert names[key] in (name, done.renaming.get(key))
        # What no search has asked for since is still to be entered, and known to be.
        stale = {key for (key,) in db.execute("SELECT id FROM stale")}
        entries = dict(db.execute("SELECT id, name FROM entry WHERE kind = 'data_asset'"))
        assert entries.keys() <= names.keys()
        assert {key for key, name in names.items() if entries.get(key) != name} <= stale
        trees = "SELECT count(*) FROM dataasset WHERE tree != '' AND tree NOT IN (SELECT hash FROM tree)"
        assert db.execute(trees).fetchone() == (0,)


def test_kill_in_the_middle_of_groups(tmp_path: Path) -> None:
    done, draws = Acknowledged(), random.Random(5)
    for _ in range(ROUNDS):
        before = len(done.runs)
        with started("--data-dir", str(tmp_path)) as server:
            port = int(server.url.rpartition(":")[2])
            asyncio.run(killed_under_load(port, server.kill, done, draws))
        assert len(done.runs) > before
        check(tmp_path / DATABASE_NAME, done)
    with started("--data-dir", str(tmp_path)) as server:
        assert server.ready["new"] is False
        asyncio.run(search(int(server.url.rpartition(":")[2])))
        assert server.stop()[0] == 0
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as db:
        entries = db.execute("SELECT id, name FROM entry WHERE kind = 'data_asset' ORDER BY id").fetchall()
        assert entries == db.execute("SELECT id, name FROM dataasset ORDER BY id").fetchall()
