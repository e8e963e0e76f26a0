"""`codeocean-mock seed` with numbers: believable records in bulk, the same for the same seed."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.data_asset import DataAssetSearchParams
from typer.testing import CliRunner

from mock_server.cli import app
from mock_server.domain import metadata
from mock_server.errors import BadRequestError
from mock_server.services import populate
from mock_server.settings import Settings
from mock_server.store import queries
from mock_server.store.search.optimize import merge
from mock_server.store.statement import Statement
from mock_server.worlds import Worlds
from tests.conftest import USER
from tests.process import started
from tests.search.test_index import check

ASKED = ("--data-assets", "120", "--capsules", "15", "--computations", "40", "--random-seed", "3")


def seed(folder: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["seed", *options, "--data-dir", str(folder)])


def content(folder: Path, world_seed: str = "demo") -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that are filled."""
    worlds = Worlds(Settings(data_dir=folder, seed=world_seed))
    found = {
        name: worlds.default.db.all(Statement(f'SELECT * FROM "{name}" ORDER BY id'), {})
        for name in ("capsule", "computation", "dataasset", "entry")
    }
    worlds.close()
    return found


def test_the_same_seed_gives_the_same_records(tmp_path: Path) -> None:
    for name in ("one", "other"):
        done = seed(tmp_path / name, *ASKED)
        assert done.exit_code == 0
        assert done.stdout == f"{tmp_path / name}: added 15 capsules, 40 computations, 120 data assets\n"
    assert content(tmp_path / "one") == content(tmp_path / "other")
    seed(tmp_path / "third", *ASKED[:-1], "4")
    assert content(tmp_path / "third") != content(tmp_path / "one")


def test_the_sdk_reads_what_was_filled_in(tmp_path: Path) -> None:
    seed(tmp_path, *ASKED)
    with started("--data-dir", str(tmp_path)) as server:
        sdk = CodeOcean(domain=server.url, token="cop_demo_admin")
        assets = list(sdk.data_assets.search_data_assets_iterator(DataAssetSearchParams(limit=50)))
        assert len({asset.id for asset in assets}) == len(assets) >= 120
        made = [asset for asset in assets if "recording of the" in (asset.description or "")]
        assert len(made) > 100
        assert {asset.state.value for asset in made} == {"ready"}
        assert sdk.data_assets.list_data_asset_files(next(a.id for a in made if a.type.value == "result")).items
        user = CodeOcean(domain=server.url, token=USER)
        seen = {asset.id for asset in user.data_assets.search_data_assets_iterator(DataAssetSearchParams())}
        assert 0 < len(seen) < len(assets)
        sdk.session.close()
        user.session.close()


def test_a_second_filling_comes_after_the_first(tmp_path: Path) -> None:
    seed(tmp_path, *ASKED)
    before = content(tmp_path)
    assert seed(tmp_path, "--data-assets", "30", "--random-seed", "3").exit_code == 0
    after = content(tmp_path)
    assert set(before["dataasset"]) < set(after["dataasset"])
    assert len(after["dataasset"]) == len(before["dataasset"]) + 30
    assert len(after["entry"]) == len(before["entry"]) + 30


def test_custom_metadata_fits_the_deployment() -> None:
    worlds = Worlds(Settings(data_dir=None, random_seed=1))
    world = worlds.default
    before = {row.id for row in world_assets(worlds)}
    for _ in populate.fill(world, data_assets=200, capsules=0, computations=0, random_seed=1):
        pass
    made = [row for row in world_assets(worlds) if row.id not in before]
    declared = queries.WORLD.get(world.db, queries.WORLD_ID).custom_metadata["fields"]  # type: ignore[union-attr]
    for row in made:
        metadata.check(declared, row.more["custom_metadata"])
    assert len({row.name for row in made}) > 190
    assert set(Counter(row.type for row in made)) == {"dataset", "result"}
    worlds.close()


def test_a_large_filling_leaves_the_index_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populate, "BATCH", 20)
    worlds = Worlds(Settings(data_dir=None, seed="empty", random_seed=1))
    world = worlds.default

    def pieces_after(data_assets: int) -> bool:
        list(populate.fill(world, data_assets=data_assets, capsules=0, computations=0, random_seed=1))
        check(world.db)
        with world.write():
            return merge(world.db, begin=True)

    assert not pieces_after(200)
    assert pieces_after(20)
    check(world.db)
    worlds.close()


def world_assets(worlds: Worlds) -> list[Any]:
    found = worlds.default.db.all(Statement("SELECT id FROM dataasset"), {})
    return queries.DATA_ASSETS.named(worlds.default.db, [key for (key,) in found])


def test_runs_need_a_capsule(tmp_path: Path) -> None:
    done = seed(tmp_path, "--computations", "1", "--seed", "empty")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "codeocean-mock: there is no capsule that computations could be of; add some with --capsules"
    )
    assert seed(tmp_path, "--computations", "1", "--capsules", "1").exit_code == 0
    worlds = Worlds(Settings(data_dir=None, seed="empty"))
    with pytest.raises(BadRequestError):
        list(populate.fill(worlds.default, data_assets=0, capsules=0, computations=1, random_seed=0))
    worlds.close()


def test_what_cannot_be_filled_is_said_in_one_line(tmp_path: Path) -> None:
    assert seed(tmp_path).exit_code == 2
    assert seed(tmp_path, "--data-assets", "-1").exit_code == 2
    (tmp_path / "file").write_text("x")
    done = seed(tmp_path / "file" / "x", "--data-assets", "1")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
