"""A data directory that an earlier release wrote, and what has to be found in it."""

import sqlite3
from pathlib import Path

import requests
from codeocean import CodeOcean
from codeocean.computation import ComputationEndStatus, ComputationState, RunParams
from codeocean.data_asset import DataAssetState

WRITTEN = Path(__file__).parent / "data" / "schema-1.sql"
CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RUN = "8b14de4e-c666-4c54-b7dc-5bcb17e6a95e"
LONG_RUN = "0f6a98ce-becd-45bd-a1d0-6cd64c1a1740"
ASSET = "a7a84cc1-dd5f-4db8-a8c1-0d4932a712e7"


def write_directory(folder: Path) -> Path:
    """Write the database of schema version 1 into `folder`; its path."""
    folder.mkdir(exist_ok=True)
    path = folder / "default.sqlite"
    connection = sqlite3.connect(path)
    # An index is made with it; SQLite's own knows ASCII alone.
    connection.create_function("lower", 1, str.lower, deterministic=True)
    connection.executescript(WRITTEN.read_text())
    # The earlier release left it so.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return path


def assert_all_is_there(client: CodeOcean) -> None:
    """Everything that the earlier release kept is there, and can be worked with."""
    run = client.computations.get_computation(RUN)
    assert (run.state, run.end_status) == (ComputationState.Completed, ComputationEndStatus.Succeeded)
    assert [(one.param_name, one.value) for one in run.parameters] == [("rows", "7")]
    assert [item.name for item in client.computations.list_computation_results(RUN).items] == [
        "big.bin",
        "output",
        "table.csv",
    ]
    asset = client.data_assets.get_data_asset(ASSET)
    assert (asset.state, asset.name, asset.tags) == (DataAssetState.Ready, "Captured by an earlier release", ["kept"])
    assert asset.provenance.computation == RUN
    url = client.data_assets.get_data_asset_file_urls(ASSET, "table.csv").download_url
    assert requests.get(url, timeout=20).text == "row,value\n1,0.25\n"
    long_run = client.computations.get_computation(LONG_RUN)
    assert [attached.id for attached in long_run.data_assets] == [ASSET]
    new = client.computations.run_capsule(RunParams(capsule_id=CAPSULE))
    assert new.created >= long_run.created
    assert {new.id, RUN} <= {entry.id for entry in client.capsules.list_computations(CAPSULE)}
