"""Runs and data assets that go on only when they are told to, over the control plane."""

import io
import tarfile
from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import Client
from tests.control.conftest import Plane, World, asset_of, ended

DRIVEN = "version: 1\nscenarios: [{name: told, like: driven, when: {name: '*'}}]"

BIG = bytes(range(256)) * 1024
"""So large that it lies beside the database."""


@pytest.fixture
def world(plane: Plane) -> World:
    world = plane.of("default")
    world.load(DRIVEN)
    return world


@pytest.fixture
def run(world: World, client: Client) -> str:
    key: str = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    return key


def tell(world: World, run: str, what: str, status: int = 200, **sent: Any) -> Any:
    return world.ask("POST", f"/computations/{run}/{what}", status, json=sent)


def results(client: Client, run: str, path: str = "") -> dict[str, int | None]:
    """The names in a folder of results, and their sizes."""
    items = client.ask("POST", f"/computations/{run}/results", json={"path": path})["items"]
    return {item["name"]: item.get("size") for item in items}


def state_of(client: Client, data_asset: str) -> str:
    state: str = client.ask("GET", f"/data_assets/{data_asset}")["state"]
    return state


def content(client: Client, run: str, path: str) -> bytes:
    urls = client.ask("GET", f"/computations/{run}/results/urls", params={"path": path})
    return httpx.get(urls["download_url"]).raise_for_status().content


def tar(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, file in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(file)
            archive.addfile(entry, io.BytesIO(file))
    return packed.getvalue()


def test_a_driven_run_goes_on_only_when_it_is_told_to(world: World, client: Client, run: str) -> None:
    def state() -> str:
        shown: str = client.ask("GET", f"/computations/{run}")["state"]
        return shown

    world.advance(by="100h")
    assert state() == "initializing"
    tell(world, run, "progress", state="running")
    assert state() == "running"
    world.advance(by="2h")
    assert state() == "running"
    tell(world, run, "progress", state="finalizing")
    world.advance(by=30)
    assert state() == "finalizing"
    plan = tell(world, run, "finish", exit_code=3)
    assert (plan["driven"], plan["scenario"], plan["end"]["exit_code"]) == (True, "told", 3)
    shown = client.ask("GET", f"/computations/{run}")
    assert (shown["state"], shown["end_status"], shown["exit_code"]) == ("completed", "failed", 3)
    assert shown["run_time"] == 102 * 3600 + 30
    world.advance(by="1h")
    assert client.ask("GET", f"/computations/{run}") == shown


def test_a_run_that_goes_on_has_no_end(world: World, run: str) -> None:
    plan = world.ask("GET", f"/computations/{run}")
    assert plan["end"] == {}
    assert [stage.get("until") for stage in plan["stages"]] == [None]
    assert world.ask("GET", "/clock")["next_change"] is None


def test_steps_out_of_order_are_refused_and_repeated_ones_change_nothing(world: World, run: str) -> None:
    tell(world, run, "progress", state="finalizing")
    world.advance(by=5)
    before = world.ask("GET", f"/computations/{run}")
    assert tell(world, run, "progress", state="finalizing") == before
    assert "does not go back to running" in tell(world, run, "progress", 409, state="running")["message"]
    assert world.ask("GET", f"/computations/{run}") == before
    after = tell(world, run, "finish", exit_code=0)
    world.advance(by=5)
    assert tell(world, run, "finish", exit_code=0) == after
    for what, sent in (("finish", {"exit_code": 1}), ("progress", {"state": "finalizing"})):
        assert "the run has ended: completed, succeeded" in tell(world, run, what, 409, **sent)["message"]


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ({}, ("completed", "succeeded", 0)),
        ({"exit_code": 137}, ("completed", "failed", 137)),
        ({"exit_code": 0, "end_status": "failed"}, ("completed", "failed", 0)),
        ({"exit_code": 1, "end_status": "succeeded"}, ("completed", "succeeded", 1)),
        ({"exit_code": None, "end_status": "stopped"}, ("completed", "stopped", None)),
        ({"state": "failed"}, ("failed", None, None)),
    ],
)
def test_how_it_ends(world: World, client: Client, run: str, sent: dict[str, Any], end: tuple[Any, ...]) -> None:
    tell(world, run, "finish", **sent)
    shown = client.ask("GET", f"/computations/{run}")
    assert (shown["state"], shown.get("end_status"), shown.get("exit_code")) == end
    assert shown["has_results"] is False
    assert results(client, run) == {"output": 0}


def test_an_end_that_says_nothing_is_refused(world: World, run: str) -> None:
    assert tell(world, run, "finish", 400, exit_code=None)["message"] == "needs exit_code or end_status"


def test_its_log_is_its_output(world: World, client: Client, run: str) -> None:
    path = f"/computations/{run}/log"
    assert world.ask("POST", path, content=b"first\n") == {"length": 6}
    assert world.ask("POST", path, params={"offset": 6}, content=b"\xffsecond\n") == {"length": 14}
    assert world.ask("POST", path, params={"offset": 6}, content=b"\xffsecond\nthird\n") == {"length": 20}
    assert world.ask("POST", path, params={"offset": 0}, content=b"first\n") == {"length": 20}
    assert "the log has 20 bytes, not 21" in world.refused("POST", path, 409, params={"offset": 21}, content=b"x")
    log = world.plane.get(world.path + path, params={"offset": 6})
    assert log.content == b"\xffsecond\nthird\n"
    tell(world, run, "finish")
    assert content(client, run, "output") == b"first\n\xffsecond\nthird\n"
    assert world.ask("POST", path, params={"offset": 14}, content=b"third\n") == {"length": 20}
    assert "the run has ended" in world.refused("POST", path, 409, content=b"more")
    assert world.plane.get(world.path + path).content == content(client, run, "output")


def test_a_long_log_is_kept_in_files(world: World, client: Client, run: str) -> None:
    lines = [f"line {number} {'x' * 90}\n".encode() for number in range(40_000)]
    for at in range(0, len(lines), 4000):
        world.ask("POST", f"/computations/{run}/log", content=b"".join(lines[at : at + 4000]))
    tell(world, run, "finish")
    whole = b"".join(lines)
    assert content(client, run, "output") == whole
    urls = client.ask("GET", f"/computations/{run}/results/urls", params={"path": "output"})
    part = httpx.get(urls["download_url"], headers={"Range": "bytes=1048570-1048600"})
    assert (part.status_code, part.content) == (206, whole[1048570:1048601])


def test_result_files(world: World, client: Client, run: str) -> None:
    path = f"/computations/{run}/results"
    assert world.ask("PUT", f"{path}/a.csv", content=b"1,2\n") == {"files": 1, "size": 4}
    assert world.ask("PUT", f"{path}/deep/big.bin", content=BIG) == {"files": 2, "size": 4 + len(BIG)}
    assert world.ask("PUT", path, content=tar(**{"a.csv": b"3\n", "t/b": BIG}))["files"] == 3
    assert world.ask("PUT", f"{path}/empty", content=b"")["files"] == 4
    assert results(client, run) == {}
    tell(world, run, "finish")
    assert results(client, run) == {"a.csv": 2, "deep": None, "empty": 0, "output": 0, "t": None}
    assert [content(client, run, name) for name in ("a.csv", "deep/big.bin", "t/b")] == [b"3\n", BIG, BIG]
    assert client.ask("GET", f"/computations/{run}")["has_results"] is True
    assert "the run has ended" in world.refused("PUT", f"{path}/late", 409, content=b"x")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/results/output", '"output" is the log of the run'),
        ("/results/..%2Fx", "climbs out"),
        ("/results/a/b", 'cannot be both a file and the folder of "a/b"'),
    ],
)
def test_paths_that_cannot_be(world: World, run: str, path: str, reason: str) -> None:
    world.ask("PUT", f"/computations/{run}/results/a", content=b"x")
    assert reason in world.refused("PUT", f"/computations/{run}{path}", content=b"x")


def hostile(kind: bytes, name: str = "x", target: str = "/etc/passwd") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("good"))
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        archive.addfile(entry)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"not a tar at all" * 100, "not a tar"),
        (tar(x=b"y" * 100_000)[:50_000], "not a tar"),
        (hostile(tarfile.SYMTYPE), "neither a file nor a folder"),
        (hostile(tarfile.LNKTYPE, target="good"), "neither a file nor a folder"),
        (hostile(tarfile.CHRTYPE), "neither a file nor a folder"),
        (hostile(tarfile.FIFOTYPE), "neither a file nor a folder"),
        (hostile(tarfile.REGTYPE, "../x"), "climbs out"),
        (hostile(tarfile.REGTYPE, "output"), "is the log of the run"),
        (hostile(tarfile.REGTYPE, "n\udcff"), "not UTF-8"),
    ],
    ids=["text", "cut", "link", "hard link", "device", "pipe", "above", "log", "name"],
)
def test_a_tar_is_taken_as_a_whole_or_not_at_all(
    world: World, client: Client, run: str, sent: bytes, reason: str
) -> None:
    assert reason in world.refused("PUT", f"/computations/{run}/results", content=sent)
    tell(world, run, "finish")
    assert results(client, run) == {"output": 0}


def test_results_that_are_denied_are_dropped(world: World, client: Client, run: str) -> None:
    world.ask("PUT", f"/computations/{run}/results/a", content=BIG)
    tell(world, run, "finish", has_results=False)
    assert client.ask("GET", f"/computations/{run}")["has_results"] is False
    assert results(client, run) == {"output": 0}


def test_what_is_captured_stays_when_the_run_is_deleted(world: World, client: Client, run: str) -> None:
    world.ask("PUT", f"/computations/{run}/results/a", content=BIG)
    tell(world, run, "finish")
    made = asset_of(client, source={"computation": {"id": run}})
    world.advance(by="1h")
    client.ask("DELETE", f"/computations/{run}", 204)
    assert state_of(client, made) == "ready"
    urls = client.ask("GET", f"/data_assets/{made}/files/urls", params={"path": "a"})
    assert httpx.get(urls["download_url"]).content == BIG
    again = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    world.ask("PUT", f"/computations/{again}/results/a", content=BIG)
    client.ask("DELETE", f"/data_assets/{made}", 204)
    tell(world, again, "finish")
    assert content(client, again, "a") == BIG


def test_a_stop_keeps_what_is_there(world: World, client: Client, run: str) -> None:
    world.ask("POST", f"/computations/{run}/log", content=b"so far\n")
    world.ask("PUT", f"/computations/{run}/results/a", content=b"x")
    plan = world.ask("POST", f"/computations/{run}/stop")
    assert (plan["state"], plan["end_status"]) == ("completed", "stopped")
    assert results(client, run) == {"a": 1, "output": 7}
    assert "the run has ended: completed, stopped" in tell(world, run, "finish", 409)["message"]


def test_what_is_not_driven_is_refused(world: World, client: Client) -> None:
    world.ask("DELETE", "/scenarios", 204)
    run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    reason = "the run is not driven: it follows the scenario succeeds"
    assert tell(world, run, "finish", 409)["message"] == reason
    assert world.refused("PUT", f"/computations/{run}/results/a", 409, content=b"x") == reason
    assert world.refused("POST", f"/computations/{run}/log", 409, content=b"x") == reason
    assert tell(world, "00000000-0000-4000-8000-000000000000", "finish", 404)["message"] == "computation not found"


def test_a_tag_makes_data_assets_driven(plane: Plane, client: Client) -> None:
    world = plane.of("default")
    made = asset_of(client, tags=["mock:scenario=driven"])
    world.advance(by="1h")
    assert state_of(client, made) == "draft"
    plan = world.ask("POST", f"/data_assets/{made}/finish", json={})
    assert plan == {"id": made, "scenario": "driven", "driven": True, "state": "ready"}
    assert world.ask("POST", f"/data_assets/{made}/finish", json={}) == plan
    assert world.ask("GET", f"/data_assets/{made}") == plan
    assert state_of(client, made) == "ready"
    reason = {"failure_reason": "no"}
    assert "is ready already" in world.refused("POST", f"/data_assets/{made}/finish", 409, json=reason)


def test_a_driven_data_asset_fails_for_a_reason(world: World, client: Client) -> None:
    world.load("version: 1\nscenarios: [{name: told, kind: data_asset, like: driven, when: {name: '*'}}]")
    made = asset_of(client)
    plan = world.ask("POST", f"/data_assets/{made}/finish", json={"failure_reason": "access denied"})
    assert plan["state"] == "failed"
    assert client.ask("GET", f"/data_assets/{made}")["failure_reason"] == "access denied"
    assert "is not driven" in world.refused("POST", f"/data_assets/{ids.IRIS}/finish", 409, json={})


@pytest.mark.parametrize("field", ["running: 5", "exit_code: 1", "stuck_in: running", "log: x"])
def test_what_is_driven_is_not_drawn(world: World, field: str) -> None:
    text = f"version: 1\nscenarios: [{{name: a, like: driven}}, {{name: b, like: a, {field}}}]"
    answer = world.ask("PUT", "/scenarios", 400, content=text)
    [problem] = answer["problems"]
    assert problem["field"] == f"scenarios.1.{field.partition(':')[0]}"
    assert "what is driven is not drawn beforehand" in problem["message"]


def test_a_mix_may_hold_driven_runs(world: World, client: Client) -> None:
    world.load("version: 1\nscenarios: [{name: a, mix: {driven: 1}, when: {name: '*'}}]")
    run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    world.advance(by="1h")
    tell(world, run, "finish")
    assert ended(client, world, run)["exit_code"] == 0


def test_a_run_that_has_left_out_a_stage_can_be_saved_and_loaded(plane: Plane, world: World, run: str) -> None:
    tell(world, run, "progress", state="finalizing")
    world.ask("PUT", "/snapshots/s", 201)
    assert plane.ask("POST", "/worlds", 201, json={"name": "w", "snapshot": "s"})["name"] == "w"
    assert plane.of("w").ask("GET", f"/computations/{run}")["state"] == "finalizing"
