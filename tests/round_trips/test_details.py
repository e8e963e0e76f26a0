"""What an export says of single things, and what it answers when there can be none."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.documents import seed_file
from mock_server.documents.result_files import SeedTemplate
from mock_server.documents.seed_model import SeedFileModel
from mock_server.store.statement import Statement
from tests import ids
from tests.capsule_folders.folders import id_of, new_form, set_panel
from tests.capsule_folders.folders import seed_file as seed_with_folder
from tests.conftest import USER, Client, HandClock, Server
from tests.control.conftest import Plane, World, started
from tests.control.dumping import dump

DRIVEN = '{"scenarios": [{"name": "by-hand", "like": "driven", "when": {"name": "*"}}]}'


@pytest.fixture
def plane(server: Server) -> Iterator[Plane]:
    with Plane(server.url) as plane:
        yield plane


@pytest.fixture
def world(plane: Plane) -> World:
    return plane.of("default")


def text_of(world: World) -> str:
    answer = world.plane.get(f"{world.path}/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/yaml")
    assert answer.headers["content-length"] == str(len(answer.content))
    return answer.text


def model_of(world: World) -> SeedFileModel:
    return seed_file.parse(text_of(world), "world.yaml").model


def again(world: World, tmp_path: Path, **fields: Any) -> World:
    """A world of what is exported of this one."""
    (tmp_path / "again.yaml").write_text(text_of(world))
    body = {"name": "again", "seed": str(tmp_path / "again.yaml")} | fields
    world.plane.ask("POST", "/worlds", 201, json=body)
    return world.plane.of("again")


def templates_last(model: SeedFileModel) -> SeedFileModel:
    """The same with the result files of each capsule in the order in which an export writes them."""
    for item in (*model.capsules, *model.pipelines):
        item.results.sort(key=lambda file: isinstance(file, SeedTemplate))
    return model


def test_the_demo_is_written_as_it_was_read(world: World) -> None:
    """But for data assets that were captured from runs: they are written with their files."""
    written, read = model_of(world), templates_last(seed_file.read("demo").model_copy(deep=True))
    captured = {asset.id for asset in read.data_assets if asset.captured_from is not None}
    assert {asset.id for asset in written.data_assets if asset.type == "result" and asset.files} > captured
    one, other = (
        model.model_copy(update={"data_assets": [asset for asset in model.data_assets if asset.id not in captured]})
        for model in (written, read)
    )
    assert one == other


@pytest.mark.slow
def test_the_same_world_gives_the_same_text(world: World, client: Client, tmp_path: Path) -> None:
    started(client)
    world.advance(by="1m")
    text = text_of(world)
    assert text_of(world) == text
    assert text_of(again(world, tmp_path)) == text.replace("The world default", "The world again")
    with client.speaking_as(f"{USER}@again") as other:
        assert dump(other) == dump(client)


def test_a_clock_begins_at_real_time_when_nothing_is_under_way(world: World, client: Client, clock: HandClock) -> None:
    assert model_of(world).now is None
    started(client)
    assert model_of(world).now == clock.now
    clock.advance(3600)
    assert model_of(world).now is None
    world.advance(by=5)
    assert model_of(world).now == clock.now + 5


def test_what_is_under_way_goes_on_whenever_the_file_is_loaded(
    world: World, client: Client, clock: HandClock, tmp_path: Path
) -> None:
    run = started(client)
    clock.advance(2)
    text_of(world)
    other = again(world, tmp_path)
    clock.advance(1)
    with client.speaking_as(f"{USER}@again") as seen:
        assert seen.ask("GET", f"/computations/{run}") == client.ask("GET", f"/computations/{run}")
    world.plane.ask("DELETE", "/worlds/again", 204)
    clock.advance(86400)
    world.plane.ask("POST", "/worlds", 201, json={"name": "again", "seed": str(tmp_path / "again.yaml")})
    with client.speaking_as(f"{USER}@again") as seen:
        assert seen.ask("GET", f"/computations/{run}")["run_time"] == 2
        other.advance(by="1m")
        assert seen.ask("GET", f"/computations/{run}")["state"] == "completed"
        world.ask("GET")
        other.ask("POST", "/reset")
        assert seen.ask("GET", f"/computations/{run}")["run_time"] == 2


def test_a_run_says_no_more_than_it_has_to(world: World, client: Client) -> None:
    run = started(client)
    world.advance(by="1m")
    [written] = [one for one in model_of(world).computations if one.id == run]
    assert (written.files, written.log, written.name) == (None, "Run completed.", None)
    assert written.plan is not None
    assert list(written.plan.stages) == ["initializing", "running", "finalizing"]


def test_the_end_of_a_long_log_and_a_large_file_without_its_bytes(world: World, client: Client, tmp_path: Path) -> None:
    world.load(DRIVEN)
    run = started(client)
    path = f"/computations/{run}"
    world.ask("PUT", f"{path}/results/large.bin", content=b"\xff" * 750_001)
    world.ask("PUT", f"{path}/results/fits.bin", content=b"\xff" * 750_000)
    world.ask("POST", f"{path}/log", content=b"begin" + b"x" * 1_500_000 + b"end\n")
    world.ask("POST", f"{path}/log", content=b"more\n")
    text = text_of(world)
    assert "# large.bin is too large for a seed file: its 750001 bytes are generated" in text
    assert "fits.bin is too large" not in text
    other = again(world, tmp_path)
    log = other.plane.get(f"{other.path}{path}/log").content
    assert (len(log), log[-9:]) == (500_000, b"end\nmore\n")
    other.ask("POST", f"{path}/finish", json={"exit_code": 0})
    with client.speaking_as(f"{USER}@again") as seen:
        items = seen.ask("POST", f"{path}/results", json={"path": ""})["items"]
        assert {item["name"]: item["size"] for item in items} == {
            "fits.bin": 750_000,
            "large.bin": 750_001,
            "output": 500_000,
        }
        urls = seen.ask("GET", f"{path}/results/urls", params={"path": "fits.bin"})
        assert seen.get(urls["download_url"], auth=None).content == b"\xff" * 750_000


def test_a_world_on_a_disk_with_files_beside_it(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start(data_dir=tmp_path / "data")
    with Plane(server.url) as plane, Client(server.url) as client:
        world = plane.of("default")
        world.load(DRIVEN)
        run = started(client)
        world.ask("PUT", f"/computations/{run}/results/beside.bin", content=b"\xfe" * 100_000)
        world.ask("POST", f"/computations/{run}/finish", json={"exit_code": 0})
        again(world, tmp_path)
        # What was read for it is let go: nothing that goes on afterwards is held up.
        client.ask("DELETE", f"/computations/{run}", 204)
        assert run not in text_of(world)
        with client.speaking_as(f"{USER}@again") as seen:
            urls = seen.ask("GET", f"/computations/{run}/results/urls", params={"path": "beside.bin"})
            assert seen.get(urls["download_url"], auth=None).content == b"\xfe" * 100_000


def test_a_claimed_run_can_be_claimed_again(world: World, client: Client, tmp_path: Path) -> None:
    world.load(DRIVEN)
    run = started(client)
    claim = {"runner": "me", "world": "again"}
    assert world.plane.ask("POST", "/work/claim", json=claim | {"world": "default"})["work"]["id"] == run
    again(world, tmp_path)
    assert world.plane.ask("POST", "/work/claim", json=claim)["work"]["id"] == run


@pytest.mark.slow
def test_a_capsule_with_a_folder_still_follows_it(
    start: Callable[..., Server], tmp_path: Path, clock: HandClock
) -> None:
    folder = new_form(tmp_path / "cells")
    more = "capsules:\n  - {folder: cells, tags: [], permissions: [{everyone: true, role: viewer}]}\n"
    server = start(seed=str(seed_with_folder(tmp_path, more)))
    with Plane(server.url) as plane, Client(server.url, "cop_ann") as client:
        [written] = seed_file.parse(text_of(plane.of("default")), "world.yaml").model.capsules
        assert (written.folder, written.tags) == (str(folder), [])
        text = text_of(plane.of("default"))
        assert "Count cells" not in text
        again(plane.of("default"), tmp_path)
        with client.speaking_as("cop_ann@again") as other:
            for part in ("", "/app_panel", "/permissions"):
                path = f"/capsules/{id_of(folder)}{part}"
                assert other.ask("GET", path) == client.ask("GET", path)
            set_panel(folder, parameters=[{"name": "New", "param_name": "new", "type": "text"}])
            [parameter] = other.ask("GET", f"/capsules/{id_of(folder)}/app_panel")["parameters"]
            assert parameter["name"] == "New"


def test_a_scenario_that_is_gone_does_not_spoil_the_file(world: World, client: Client, tmp_path: Path) -> None:
    world.load('{"scenarios": [{"name": "odd", "kind": "data_asset", "draft": 5}]}')
    client.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json={"tags": ["mock:scenario=odd"]})
    world.ask("DELETE", "/scenarios", 204)
    assert model_of(world).forgotten_scenarios == ["odd"]
    again(world, tmp_path)
    with client.speaking_as(f"{USER}@again") as other:
        assert other.ask("GET", f"/data_assets/{ids.MY_DATASET}")["tags"] == ["mock:scenario=odd"]


def test_a_world_that_is_not_there(plane: Plane) -> None:
    assert plane.refused("GET", "/worlds/nowhere/export", 404) == "there is no world called nowhere"


def test_what_no_seed_file_can_say_is_refused_in_one_line(world: World, server: Server) -> None:
    db = server.app.worlds.default.db
    with server.app.worlds.default.write():
        db.write(Statement("UPDATE capsule SET slug = 'odd' WHERE id = :id"), {"id": ids.CAPSULE})
    message = world.refused("GET", "/export", 409)
    assert message.startswith("the world holds what no seed file can say: capsule: slug: ")


def test_a_disk_that_is_full_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert world.refused("GET", "/export", 503) == "the export cannot be written: No such file or directory"


def test_new_things_get_other_ids_than_those_of_the_file(world: World, client: Client, tmp_path: Path) -> None:
    started(client)
    (tmp_path / "again.yaml").write_text(text_of(world))
    same = {"seed": str(tmp_path / "again.yaml"), "random_seed": world.ask("GET", "")["random_seed"]}
    world.plane.ask("POST", "/worlds", 201, json={"name": "again", **same})
    with client.speaking_as(f"{USER}@again") as other:
        assert started(other) == started(client)
    world.plane.ask("POST", "/worlds/again/reset")
    with client.speaking_as(f"{USER}@again") as other:
        assert started(other) not in (None, "")


def test_ids_of_the_file_are_not_given_again_though_it_does_not_say_how_many_were_drawn(
    world: World, client: Client, tmp_path: Path
) -> None:
    there = {started(client) for _ in range(3)}
    text = "".join(line for line in text_of(world).splitlines(True) if not line.startswith("ids_given"))
    (tmp_path / "again.yaml").write_text(text)
    same = {"seed": str(tmp_path / "again.yaml"), "random_seed": world.ask("GET", "")["random_seed"]}
    world.plane.ask("POST", "/worlds", 201, json={"name": "again", **same})
    with client.speaking_as(f"{USER}@again") as other:
        assert started(other) not in there
