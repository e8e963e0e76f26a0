"""Writes the rows of the packaged seeds, `mock_server/seeds/*.json`, from their YAML: `make seeds`."""

from pathlib import Path

from mock_server import seeds
from mock_server.clock import real_time
from mock_server.settings import Settings
from mock_server.store import prepared_seed
from mock_server.world_databases import WorldDatabases


def prepared(name: str) -> str:
    """The rows of a packaged seed, as they stand in its file."""
    databases = WorldDatabases(Settings(data_dir=None), real_time)
    db = databases.from_seed(name, seeds.text_of(name))
    try:
        return prepared_seed.dump(prepared_seed.rows_of(db))
    finally:
        db.close()


if __name__ == "__main__":
    for seed in seeds.PACKAGED:
        Path(seeds.__file__).with_name(f"{seed}.json").write_text(prepared(seed), "utf-8")
