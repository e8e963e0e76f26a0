"""The built-in scenarios of every kind as clients see them, called for by a tag or a loaded scenario."""

from typing import Any

import pytest

from mock_server.domain.scenarios import NAMES
from tests import ids
from tests.conftest import Client
from tests.control.conftest import World, asset_of, ended, names_of, started

TAG = "mock:scenario="

FILES = ["figures", "output", "table.csv"]

RUNS: dict[str, tuple[str, str | None, int | None, bool, list[str]]] = {
    "succeeds": ("completed", "succeeded", 0, True, FILES),
    "fails": ("completed", "failed", 1, False, ["output"]),
    "out-of-memory": ("completed", "failed", 137, False, ["output"]),
    "silent-failure": ("completed", "succeeded", 1, False, ["output"]),
    "succeeded-exit-1": ("completed", "succeeded", 1, False, ["output"]),
    "failed-exit-0": ("completed", "failed", 0, False, ["output"]),
    "stopped": ("completed", "stopped", 0, False, []),
    "stuck": ("running", None, None, False, []),
    "slow": ("running", None, None, False, []),
    "driven": ("initializing", None, None, False, []),
}
"""A run after an hour: state, end_status, exit_code, has_results, the names of its results."""

DATA_ASSETS: dict[str, tuple[str, str | None]] = {
    "succeeds": ("ready", None),
    "fails": ("failed", "the data asset failed"),
    "out-of-memory": ("failed", "the data asset ran out of memory"),
    "silent-failure": ("ready", None),
    "succeeded-exit-1": ("ready", None),
    "failed-exit-0": ("failed", "the data asset failed"),
    "stopped": ("failed", "the data asset was stopped"),
    "stuck": ("draft", None),
    "slow": ("draft", None),
    "driven": ("draft", None),
}
"""A data asset after an hour: state, and why it failed."""

ATTACHMENTS: dict[str, tuple[str, int]] = {
    "succeeds": ("mounted", 0),
    "fails": ("error", 1),
    "out-of-memory": ("error", 1),
    "silent-failure": ("mounted", 1),
    "succeeded-exit-1": ("mounted", 1),
    "failed-exit-0": ("error", 1),
    "stopped": ("error", 1),
    "stuck": ("mounting", 1),
    "slow": ("mounting", 1),
    "driven": ("mounted", 0),
}
"""The `mount_state` of an attachment that is asked for, and the exit code of a run that starts within seven hours."""

RELEASES: dict[str, tuple[str, str | None]] = {
    "succeeds": ("completed", None),
    "fails": ("failed", "the release failed"),
    "out-of-memory": ("failed", "the release ran out of memory"),
    "silent-failure": ("completed", None),
    "succeeded-exit-1": ("completed", None),
    "failed-exit-0": ("failed", "the release failed"),
    "stopped": ("canceled", None),
    "stuck": ("started", None),
    "slow": ("started", None),
    "driven": ("completed", None),
}
"""A release after an hour: status, and why it failed."""


def every(kind: str, name: str) -> str:
    """A file by which everything of a kind goes by a built-in scenario."""
    return f"version: 1\nscenarios: [{{name: own, kind: {kind}, when: {{name: '*'}}, mix: {{{name}: 1}}}}]"


def tagged(client: Client, name: str) -> str:
    """A data asset that was made long ago and has been given the tag since."""
    client.ask("PUT", f"/data_assets/{ids.IRIS}", json={"name": "Iris", "tags": [TAG + name]})
    return ids.IRIS


def stands(client: Client, run: str) -> tuple[Any, ...]:
    shown = client.ask("GET", f"/computations/{run}")
    told = [shown.get(key) for key in ("state", "end_status", "exit_code", "has_results")]
    return (*told, names_of(client, run))


@pytest.mark.parametrize("table", [RUNS, DATA_ASSETS, ATTACHMENTS, RELEASES], ids=len)
def test_all_of_them_are_here(table: dict[str, object]) -> None:
    assert {*table, "flaky"} == set(NAMES)


@pytest.mark.parametrize("name", RUNS)
def test_a_run(own: World, user: Client, name: str) -> None:
    given = started(user, data_assets=[{"id": tagged(user, name)}])
    own.load(every("computation", name))
    loaded = started(user)
    assert [own.ask("GET", f"/computations/{run}")["scenario"] for run in (given, loaded)] == [name, name]
    own.advance(by="1h")
    assert stands(user, given) == stands(user, loaded) == RUNS[name]
    own.advance(by="8h")
    assert stands(user, given) == stands(user, loaded) == RUNS["succeeds" if name == "slow" else name]


@pytest.mark.parametrize("name", DATA_ASSETS)
def test_a_data_asset(own: World, user: Client, name: str) -> None:
    assets = [asset_of(user, tags=[TAG + name])]
    own.load(every("data_asset", name))
    run = started(user)
    own.advance(by="1h")
    assets.append(asset_of(user, source={"computation": {"id": run}}))
    own.advance(by="1h")
    for asset in assets:
        shown = user.ask("GET", f"/data_assets/{asset}")
        assert (shown["state"], shown.get("failure_reason")) == DATA_ASSETS[name]
        assert (shown.get("files", 0) > 0) == (name == "succeeds")
        listing = user.ask("POST", f"/data_assets/{asset}/files", json={"path": ""})
        assert bool(listing["items"]) == (name == "succeeds")
    own.advance(by="8h")
    shown = user.ask("GET", f"/data_assets/{assets[1]}")
    assert (shown["state"], shown.get("failure_reason")) == DATA_ASSETS["succeeds" if name == "slow" else name]


def attached(client: Client, asset: str) -> str:
    """What is said of a data asset that is attached to the example capsule."""
    [made] = client.ask("POST", f"/capsules/{ids.CAPSULE}/data_assets", json=[{"id": asset}])
    state: str = made["mount_state"]
    assert (made["mount"] == "") == (state == "error")
    assert (made["job_id"] != "") == (state == "mounting") == (not made["ready"])
    return state


@pytest.mark.parametrize("name", ATTACHMENTS)
def test_an_attachment(own: World, user: Client, name: str) -> None:
    own.load(every("attachment", name))
    assert (attached(user, ids.IRIS), ended(user, own, started(user))["exit_code"]) == ATTACHMENTS[name]
    changes = own.advance(by="6h")["changes"]
    assert [change for change in changes if change["kind"] == "attachment"] == []
    assert ended(user, own, started(user))["exit_code"] == ATTACHMENTS[name][1]
    own.advance(by="1h")
    assert ended(user, own, started(user))["exit_code"] == (0 if name == "slow" else ATTACHMENTS[name][1])


@pytest.mark.parametrize("name", ATTACHMENTS)
def test_an_attachment_by_the_tag_of_its_data_asset(own: World, user: Client, name: str) -> None:
    """The tag is for the runs that find it attached, too."""
    assert attached(user, tagged(user, name)) == ATTACHMENTS[name][0]
    run = started(user)
    own.advance(by="1h")
    assert stands(user, run) == RUNS[name]


@pytest.mark.parametrize("name", RELEASES)
def test_a_release(own: World, user: Client, name: str) -> None:
    ended(user, own, started(user))
    own.load(every("release", name))
    job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release")["job_id"]
    own.advance(by="1h")
    path = f"/capsules/{ids.CAPSULE}/release/{job}"
    shown = user.ask("GET", path)
    assert (shown["status"], shown.get("error")) == RELEASES[name]
    own.advance(by="8h")
    shown = user.ask("GET", path)
    assert (shown["status"], shown.get("error")) == RELEASES["succeeds" if name == "slow" else name]


def test_flaky_runs_fail_one_time_in_three(own: World, user: Client) -> None:
    asset = tagged(user, "flaky")
    runs = [started(user, data_assets=[{"id": asset}]) for _ in range(150)]
    own.advance(by="1h")
    codes = [user.ask("GET", f"/computations/{run}")["exit_code"] for run in runs]
    assert set(codes) == {0, 1}
    assert 30 <= sum(codes) <= 70


def test_flaky_data_assets_attachments_and_releases(own: World, user: Client) -> None:
    assets = [asset_of(user, name=f"n{number}", mount=f"m{number}", tags=[TAG + "flaky"]) for number in range(90)]
    own.advance(by="1h")
    states = {asset: user.ask("GET", f"/data_assets/{asset}")["state"] for asset in assets}
    assert 15 <= list(states.values()).count("failed") <= 45
    ready = [{"id": asset} for asset, state in states.items() if state == "ready"]
    results = user.ask("POST", f"/capsules/{ids.CAPSULE}/data_assets", json=ready)
    assert {made["mount_state"] for made in results} == {"mounted", "error"}
    ended(user, own, started(user, capsule_id=ids.CAPSULE, data_assets=[]))
    own.load(every("release", "flaky"))
    job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release", 200, json=None)["job_id"]
    own.advance(by="1h")
    assert user.ask("GET", f"/capsules/{ids.CAPSULE}/release/{job}")["status"] in ("completed", "failed")
