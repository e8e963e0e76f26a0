"""What an import sends to a deployment."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mock_server.documents.seed_file import read
from tests.conftest import Server
from tests.contract.stand_in import StandIn
from tests.importing.conftest import CAPSULE, importing
from tests.importing.flaky_proxy import flaky_proxy

ALL = ("--capsules", "", "--data-assets", "")


def planned(url: str, *options: str) -> tuple[int, int]:
    """The fewest and the most requests of a plan."""
    done = importing(url, *options, "--plan")
    assert done.code == 0, done.err
    found = re.search(r"^(\d+)(?: to (\d+)| or more)? requests to", done.out, re.MULTILINE)
    assert found
    return int(found[1]), int(found[2] or (10**9 if "or more" in found[0] else found[1]))


def test_a_plan_sends_nothing(real: StandIn) -> None:
    planned(real.url, *ALL)
    assert real.received == []


@pytest.mark.parametrize(
    "options",
    [
        ("--capsule", CAPSULE, "--files", "none"),
        ("--capsule", CAPSULE, "--computations", "0", "--permissions", "none"),
        ("--capsule", CAPSULE, "--data-asset", "ASSET", "--files", "none", "--permissions", "capsules"),
    ],
    ids=str,
)
def test_as_many_requests_are_sent_as_the_plan_says(real: StandIn, tmp_path: Path, options: tuple[str, ...]) -> None:
    options = tuple(option.replace("ASSET", _an_asset(real)) for option in options)
    least, most = planned(real.url, *options)
    real.received.clear()
    done = importing(real.url, *options, "--out", tmp_path / "world.yaml")
    assert done.code == 0, done.err
    assert (least, most) == (len(real.received), len(real.received))
    assert f"; {least} requests" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("options", [ALL, (*ALL, "--files", "small", "--follow"), ("--yes",)], ids=str)
def test_requests_read_alone_and_lie_in_the_range_of_the_plan(
    real: StandIn, tmp_path: Path, options: tuple[str, ...]
) -> None:
    before = real.counts()
    least, most = planned(real.url, *options)
    real.received.clear()
    done = importing(real.url, *options, "--out", tmp_path / "world.yaml")
    assert done.code == 0, done.err
    assert real.changes == []
    assert least <= len(real.received) <= most
    assert f"; {sum(path.startswith('/api/') for _, path in real.received)} requests" in done.out or "small" in options
    assert real.counts() == before


@pytest.mark.slow
def test_a_proxy_that_fails_now_and_then_changes_nothing(real: StandIn, tmp_path: Path) -> None:
    clear, shaken = tmp_path / "clear.yaml", tmp_path / "shaken.yaml"
    options = (*ALL, "--files", "small", "--keep", "all")
    assert importing(real.url, *options, "--out", clear).code == 0
    with flaky_proxy(real.url, 151) as proxy:
        done = importing(proxy.url, *options, "--out", shaken)
    assert done.code == 0, done.err
    assert len(proxy.failures) == 4
    assert shaken.read_bytes() == clear.read_bytes()


@pytest.mark.slow
def test_a_budget_that_is_spent_ends_the_import_which_can_go_on(real: StandIn, tmp_path: Path) -> None:
    out, whole = tmp_path / "world.yaml", tmp_path / "whole.yaml"
    assert importing(real.url, *ALL, "--keep", "all", "--out", whole).code == 0
    done = importing(real.url, *ALL, "--keep", "all", "--out", out, "--max-requests", "30")
    assert done.code == 2
    assert "budget exhausted: 30 requests; raise it with --max-requests" in done.err
    assert "--resume" in done.err
    assert not out.exists()
    real.received.clear()
    done = importing(real.url, *ALL, "--keep", "all", "--out", out, "--resume")
    assert done.code == 0, done.err
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "world.yaml.part").exists()


def test_what_the_token_may_not_see_is_skipped_and_listed(start: Callable[..., Server], tmp_path: Path) -> None:
    """A capsule that everybody may see, with a data asset that nobody else may."""
    asset, capsule = "5f9c5d9e-0000-4000-8000-000000000001", "5f9c5d9e-0000-4000-8000-000000000002"
    seed = tmp_path / "seed.yaml"
    seed.write_text(f"""
version: 1
users:
  - {{id: a, email: ada@example.com, name: Ada}}
  - {{id: b, email: bob@example.com, name: Bob}}
tokens: [{{token: cop_bob, user: bob@example.com}}]
data_assets:
  - {{id: {asset}, name: raw, mount: raw, owner: ada@example.com, created: 1}}
capsules:
  - id: {capsule}
    slug: "1234567"
    name: Open
    owner: ada@example.com
    created: 1
    parameters: [{{name: Threshold}}]
    data_assets: [{{id: {asset}, mount: raw}}]
    permissions: [{{everyone: true, role: viewer}}]
""")
    out = tmp_path / "world.yaml"
    server = start(seed=str(seed))
    done = importing(server.url, "--capsules", "", "--follow", "--out", out, token="cop_bob")
    assert done.code == 0, done.err
    assert done.err == f"codeocean-mock: not imported: data asset {asset} cannot be seen with this token\n"
    written = read(str(out))
    assert [one.id for one in written.capsules] == [capsule]
    assert [(one.id, one.created) for one in written.data_assets] == [(asset, 0)], "its place in the panel, and no more"


def _an_asset(real: StandIn) -> str:
    found = httpx.post(f"{real.url}/api/v1/data_assets/search", json={}, auth=("cop_prod_user", "")).json()
    return str(found["results"][0]["id"])
