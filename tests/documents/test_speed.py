"""Large files are read in time that grows with their length, not with its square."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.local_files import ALL_FILES
from mock_server.services import scenarios
from mock_server.settings import Settings
from mock_server.world import World
from mock_server.worlds import Worlds
from tests.processor import seconds


@pytest.fixture
def world() -> Iterator[World]:
    worlds = Worlds(Settings(data_dir=None))
    yield worlds.default
    worlds.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", ["", ", when: {name: 'x%d'}", ", when: {parameter: {rows: %d}}", ", kind: data_asset, when: {name: 'x%d'}"]
)
def test_20_000_scenarios_are_loaded_in_a_moment(world: World, more: str) -> None:
    """It took 11 seconds, and minutes when they had conditions."""
    lines = (f"  - {{name: s{at}{more.replace('%d', str(at))}}}\n" for at in range(20_000))
    text = "version: 1\nscenarios:\n" + "".join(lines)
    # A second on an idle machine; the rest is for one that is not.
    assert seconds(lambda: asyncio.run(scenarios.load(world, text, "the text", ALL_FILES, replace=True))) < 5
    assert len(world.scenarios.loaded) == 20_000
    assert seconds(lambda: scenarios.forget(world, None)) < 5


def listed(form: str, count: int = 60_000) -> str:
    return ", ".join(form.format(at) for at in range(count))


USERS = "version: 1\nusers: [{id: u, email: a@b, name: A}]\ntokens: [{token: t, user: a@b}]\n"
ONE = "id: c, slug: '1234567', name: C, owner: a@b, created: 1"
ASSET = "name: D, mount: d, owner: a@b, created: 1"

SEEDS = {
    "mounts": f"{USERS}data_assets: [{{id: d, {ASSET}}}]\ncapsules:\n"
    f"  - {{{ONE}, data_assets: [{listed('{{id: d, mount: m{}}}')}]}}\n",
    "parameters": f"{USERS}capsules:\n  - {{{ONE}, parameters: [{listed('{{name: p{0}, param_name: p{0}}}')}]}}\n",
    "processes": f"{USERS}pipelines:\n  - {{{ONE}, processes: [{listed('{{name: p{}, capsule_id: c}}')}]}}\n",
    "metadata": f"{USERS}custom_metadata: {{fields: [{listed('{{name: f{}, type: string}}', 20_000)}]}}\n"
    f"data_assets: [{listed(f'{{{{id: d{{}}, {ASSET}}}}}', 20_000)}]\n",
    "groups": f"version: 1\nusers: [{listed('{{id: u{0}, email: u{0}@b, name: A}}', 6000)}]\ntokens: []\ngroups:\n"
    f"  - {{name: g, members: &all [{listed('u{}@b', 6000)}]}}\n"
    + "".join(f"  - {{name: g{at}, members: *all}}\n" for at in range(150)),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", SEEDS.values(), ids=SEEDS)
def test_a_seed_of_many_parts_is_loaded_in_a_moment(text: str, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(text)
    assert seconds(lambda: Worlds(Settings(data_dir=None, seed=str(seed))).close()) < 10
