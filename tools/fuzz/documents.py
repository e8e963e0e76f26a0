"""Odd documents: scenario files as YAML, and snapshots that were tampered with."""

import hashlib
import json
import random
import re
import sqlite3
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tools.fuzz import values
from tools.fuzz.schemas import Sampler

SEXAGESIMAL = "1" + ":59" * 4000
LAUGHTER = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(24))
BOMBS = (
    LAUGHTER, "a: &a\n  <<: *a\n", "&a [*a]", "[" * 3000, "{a: " * 3000, "- " * 3000, "a: " + SEXAGESIMAL,
    "? " * 2000, "!!python/object/apply:os.system ['true']", "a: !!binary '=='", "a: !!timestamp 2024-02-30",
    "a: !!int '0x'", "a: !!float '1e999'", "a: 0o777", "a: 0b" + "1" * 5000, "a: 1_000",
    "a: 2024-01-01 00:00:00 +99:99", "%YAML 9.9\n---\na: 1", "---\na: 1\n---\nb: 2\n", "a: 1\na: 2\n", "\ta: 1",
    "a: |\n  x\n y", "? [1, 2]\n: 3", "{[1]: 2}", "{{}: 1}", "a: \"\\ud800\"", "version: 1\nscenarios: []\n",
    "version: 1\nscenarios: {}\n", "version: 2\n", "scenarios:\n" + "- {name: s}\n" * 2000,
)  # fmt: skip
STATEMENTS = (
    "UPDATE {table} SET {column} = NULL", "UPDATE {table} SET {column} = '{{'", "UPDATE {table} SET {column} = -1",
    "UPDATE {table} SET {column} = 1e300", "UPDATE {table} SET {column} = x'ff00'", "UPDATE {table} SET {column} = ''",
    "UPDATE {table} SET {column} = '9' || {column}", "DELETE FROM {table}", "DROP TABLE {table}",
    "ALTER TABLE {table} DROP COLUMN {column}", "ALTER TABLE {table} RENAME TO other", "PRAGMA user_version = 0",
)  # fmt: skip


class ScenarioFiles:
    """Scenario files, drawn from the schema of seed files."""

    def __init__(self, schema: dict[str, Any]) -> None:
        names = ("succeeds", "fails", "stuck", "slow", "flaky", "s1", "s2")
        durations = ("1s", "10m", ["1s", "5s"], 3, 1e12)
        pools = {
            "name": names, "like": names, "directory": ("/etc", "/proc/self", "/usr", "/dev", "no/such"),
            "capsule": ("1d8288da-0785-4e4f-aa37-2d1db3636bc4",), "running": durations, "draft": durations,
        }  # fmt: skip
        self._sampler = Sampler(schema, pools, oddness=0.03)
        self._list = schema["properties"]["scenarios"]

    def draw(self, rng: random.Random) -> bytes:
        """One file, as YAML or JSON, or something that only looks like one."""
        draw = rng.random()
        if draw < 0.15:
            return rng.choice(BOMBS).encode("utf-8", "surrogatepass")
        content = {"version": 1, "scenarios": self._sampler.value(rng, self._list)}
        if rng.random() < 0.2:
            content = values.changed(rng, content)
        if draw < 0.5:
            return values.as_json(rng, content)
        try:
            text = yaml.safe_dump(content, allow_unicode=rng.random() < 0.5)
        except yaml.YAMLError:
            return values.as_json(rng, content)
        data = text.encode("utf-8", "surrogatepass")
        return data if draw < 0.8 else values.bytes_changed(rng, data)


def tampered(rng: random.Random, snapshot: bytes) -> bytes:
    """A snapshot with something wrong in it: in its bytes, in what it says of itself, or, with a right hash, inside."""
    draw = rng.random()
    if draw < 0.3:
        return values.bytes_changed(rng, snapshot)
    magic, head_line, body = snapshot.split(b"\n", 2)
    head = json.loads(head_line)
    if draw < 0.5:
        head = values.changed(rng, head)
    else:
        image = _operated(rng, zlib.decompress(body))
        head |= {"length": len(image), "hash": hashlib.sha256(image).hexdigest()}
        body = zlib.compress(image, 1)
    return b"\n".join((magic, json.dumps(head).encode(), body))


def _operated(rng: random.Random, image: bytes) -> bytes:
    """A database with one statement run on one of its tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "database"
        path.write_bytes(image)
        database = sqlite3.connect(path)
        database.execute("PRAGMA foreign_keys = OFF")
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        table, _ = rng.choice([row for row in rows if re.match("CREATE TABLE", row[1] or "")])
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        statement = rng.choice(STATEMENTS).format(table=f'"{table}"', column=f'"{rng.choice(columns)}"')
        try:
            database.execute(statement)
            database.commit()
        except sqlite3.Error:
            database.rollback()
        database.close()
        return path.read_bytes()
