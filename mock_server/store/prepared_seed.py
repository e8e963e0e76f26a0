"""The rows of seeds that were read and checked before the release, as JSON: reading YAML takes longer than a start."""

import json
from typing import Any

from mock_server.store import queries
from mock_server.store.database import Database

FILLED = (
    queries.USERS,
    queries.TOKENS,
    queries.BUCKETS,
    queries.TREES,
    queries.SCENARIOS,
    queries.DATA_ASSETS,
    queries.CAPSULES,
    queries.COMPUTATIONS,
    queries.DRIVEN,
    queries.RELEASE_JOBS,
    queries.GRANTS,
    queries.FAVORITES,
)
"""The tables that a seed fills."""


def load(db: Database, content: dict[str, Any]) -> None:
    """Write the rows that `rows_of` gave; call it inside a transaction."""
    for table in FILLED:
        table.insert_stored(db, content[table.table])


def rows_of(db: Database) -> dict[str, Any]:
    """Return everything that a seed has filled, and the custom metadata of the world."""
    world = queries.WORLD.get(db, queries.WORLD_ID)
    metadata = world.custom_metadata if world else {}
    return {"custom_metadata": metadata} | {table.table: table.stored(db) for table in FILLED}


def dump(content: dict[str, Any]) -> str:
    """What `rows_of` gave as JSON, a row a line."""
    lines = [f'"custom_metadata": {json.dumps(content["custom_metadata"])}']
    for table in FILLED:
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in content[table.table])
        lines.append(f'"{table.table}": [\n{rows}\n]' if rows else f'"{table.table}": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"
