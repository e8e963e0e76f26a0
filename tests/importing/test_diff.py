"""What `--diff` says of a deployment that has changed since it was imported."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.stand_in import TOKEN, StandIn, run_stand_in
from tests.importing.conftest import CAPSULE, importing

ALL = ("--capsules", "", "--data-assets", "")


@pytest.fixture
def seed(real: StandIn, tmp_path: Path) -> Path:
    out = tmp_path / "world.yaml"
    assert importing(real.url, *ALL, "--out", out).code == 0
    return out


@pytest.fixture
def api(real: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{real.url}/api/v1", auth=(TOKEN, "")) as client:
        yield client


def differences(real: StandIn, seed: Path, *options: str, code: int) -> list[str]:
    done = importing(real.url, "--diff", seed, *options)
    assert done.code == code, done
    return done.out.splitlines()


@pytest.mark.slow
def test_nothing_has_changed(real: StandIn, seed: Path) -> None:
    """Neither for what is replaced, whose stand-ins are others each time, nor for runs that have been made since."""
    real.post("/computations", {"capsule_id": CAPSULE})
    assert differences(real, seed, code=0) == []
    assert differences(real, seed, *ALL, code=0) == []
    assert f"nothing that {seed} holds has changed" in importing(real.url, "--diff", seed).err
    assert sorted(path.name for path in seed.parent.iterdir()) == ["stand-in.yaml", "world.yaml"]


@pytest.mark.slow
def test_what_was_changed_added_and_deleted_is_named(real: StandIn, seed: Path, api: httpx.Client) -> None:
    rows = api.post("/data_assets/search", json={"ownership": "created", "limit": 1000}).json()["results"]
    changed = next(one["id"] for one in rows if one["type"] == "dataset" and not one.get("source_bucket"))
    api.put(f"/data_assets/{changed}", json={"tags": ["another"], "description": "Another text."}).raise_for_status()
    run = next(
        run["id"]
        for run in api.get(f"/capsules/{CAPSULE}/computations").raise_for_status().json()
        if run["state"] == "completed"
    )
    api.delete(f"/computations/{run}").raise_for_status()
    params = {"name": "new", "tags": [], "mount": "new", "source": {"aws": {"bucket": "b", "public": True}}}
    added = api.post("/data_assets", json=params).json().get("id")
    found = differences(real, seed, *ALL, code=1)
    assert f"changed: data asset {changed}: description" in found
    assert f"changed: data asset {changed}: tags" in found
    assert f"gone: computation {run}" in found
    assert not added or f"added: data asset {added} new" in found


def test_a_changed_panel_is_told_by_its_parameters(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    out = tmp_path / "world.yaml"
    with run_stand_in(before) as real:
        assert importing(real.url, "--capsule", CAPSULE, "--out", out).code == 0
    with run_stand_in(after, seed=str(_with_another_panel(before / "stand-in.yaml", after))) as real:
        done = importing(real.url, "--diff", out)
    assert done.code == 1, done
    assert (
        f"changed: capsule {CAPSULE}: app panel: parameters (Seed added, Label gone, Number of rows changed)"
        in done.out
    )


def test_what_is_added_alone_is_no_failure(real: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "one.yaml"
    assert importing(real.url, "--capsule", CAPSULE, "--out", out).code == 0
    found = differences(real, out, "--capsules", "", code=0)
    assert found
    assert all(line.startswith("added: ") for line in found)


@pytest.mark.slow
def test_what_is_gone_is_named(real: StandIn, seed: Path, tmp_path: Path) -> None:
    text = seed.read_text()
    other = tmp_path / "other.yaml"
    other.write_text(text.replace(CAPSULE, "00000000-0000-4000-8000-000000000009"))
    found = differences(real, other, code=1)
    assert "gone: capsule 00000000-0000-4000-8000-000000000009" in found


def _with_another_panel(seed: Path, folder: Path) -> Path:
    text = seed.read_text()
    old = "{name: Label, param_name: label, default_value: demo, category: output, help_text: Any text}"
    assert old in text
    text = text.replace(old, "{name: Seed, param_name: seed}", 1).replace("maximum: 1000}", "maximum: 10}", 1)
    text = text.replace("parameters.label", "parameters.seed")
    path = folder / "changed.yaml"
    path.write_text(text)
    return path
