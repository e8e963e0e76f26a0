"""Capsules that the settings name, in all worlds of a server."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.computation import RunParams

from mock_server.errors import StartError
from mock_server.settings import NamedFolder, Settings
from mock_server.worlds import DATABASE_NAME, Worlds
from tests import ids
from tests.capsule_folders.folders import (
    ASSET,
    RUN,
    id_of,
    new_form,
    old_form,
    seed_file,
    set_panel,
    set_remote,
    write,
)
from tests.conftest import USER, Client, HandClock, Server
from tests.control.conftest import Plane
from tests.process import started

Start = Callable[..., Server]
SdkOf = Callable[..., CodeOcean]


def named(*folders: Path, key: str | None = None) -> tuple[NamedFolder, ...]:
    return tuple(NamedFolder(folder, key) for folder in folders)


def attached(id_: str = ids.IRIS, mount: str = "iris") -> dict[str, Any]:
    return {"version": 1, "attached_datasets": [{"id": id_, "mount": mount}]}


def test_the_sdk_sees_the_capsule_that_lies_there(start: Start, sdk_of: SdkOf, folder: Path) -> None:
    set_remote(folder, "https://x@lab.codeocean.com/capsule-0042488.git")
    sdk = sdk_of(start(capsules=named(folder)))
    capsule = sdk.capsules.get_capsule(id_of(folder))
    assert (capsule.name, capsule.slug, capsule.status) == ("Count cells", "0042488", "non_release")
    assert (capsule.description, capsule.tags) == ("Counts the cells\nof a section.", ["imaging", "cells"])
    assert capsule.owner_email == "demo-user@example.com"
    assert capsule.created == int((folder / "code/run").stat().st_mtime)


def test_searches_find_it_by_its_name_its_tags_and_its_authors(start: Start, folder: Path) -> None:
    with Client(start(capsules=named(folder)).url) as client:
        for query in ("cells", "tag:imaging", "Lovelace"):
            found = client.ask("POST", "/capsules/search", json={"query": query})["results"]
            assert [capsule["id"] for capsule in found] == [id_of(folder)]


def test_its_panel_is_the_one_of_the_api(start: Start, sdk_of: SdkOf, tmp_path: Path) -> None:
    folder = new_form(tmp_path / "cells")
    seed = seed_file(tmp_path)
    sdk = sdk_of(start(capsules=named(folder), seed=str(seed)), "cop_ann")
    panel = sdk.capsules.get_capsule_app_panel(id_of(folder))
    assert panel.general is not None
    assert (panel.general.title, panel.general.instructions) == ("Cells", "Choose a threshold.")
    assert panel.general.help_text == "Ask us."
    (category,) = panel.categories or []
    assert (category.id, category.name, category.description) == ("AbCdEfGh12345678", "Detection", "How")
    assert [result.file_name for result in panel.results or []] == ["cells.csv"]
    (asset,) = panel.data_assets or []
    assert (asset.id, asset.mount, asset.name, asset.kind) == (ASSET, "sections", "Sections", "internal")
    assert (asset.accessible, asset.description, asset.help_text) == (True, "What is counted", "One folder each")
    threshold, kind, label, table = panel.parameters or []
    assert (threshold.name, threshold.param_name, threshold.category) == ("Threshold", "min-level", category.id)
    assert (threshold.description, threshold.help_text) == ("What counts", "Try 0.5")
    assert (threshold.type, threshold.value_type, threshold.default_value) == ("text", "number", "0.5")
    assert (threshold.required, threshold.minimum, threshold.maximum) == (True, 0, 1.5)
    assert (kind.type, kind.value_options, kind.default_value) == ("list", ["gaussian", "median"], "gaussian")
    assert (label.pattern, table.type) == ("[a-z]+", "file")


def test_what_the_api_gives_has_no_icon_and_no_id_of_a_parameter(start: Start, folder: Path) -> None:
    with Client(start(capsules=named(folder)).url) as client:
        panel = client.ask("GET", f"/capsules/{id_of(folder)}/app_panel")
    assert set(panel["categories"][0]) == {"id", "name", "description"}
    assert {"id", "extra_data"}.isdisjoint({key for parameter in panel["parameters"] for key in parameter})


def test_a_panel_shows_the_data_assets_that_it_names_and_runs_have_all(start: Start, folder: Path) -> None:
    both = [{"id": ids.IRIS, "mount": "iris"}, {"id": ids.MY_DATASET, "mount": "mine"}]
    new_form(folder, datasets={"version": 1, "attached_datasets": both})
    set_panel(folder, datasets=[{"id": ids.MY_DATASET, "name": "mine"}])
    with Client(start(capsules=named(folder)).url) as client:
        shown = client.ask("GET", f"/capsules/{id_of(folder)}/app_panel")["data_assets"]
        assert [asset["id"] for asset in shown] == [ids.MY_DATASET]
        assert client.ask("POST", "/computations", json={"capsule_id": id_of(folder)})["data_assets"] == both
        set_panel(folder, datasets=[])
        shown = client.ask("GET", f"/capsules/{id_of(folder)}/app_panel")["data_assets"]
        assert [asset["id"] for asset in shown] == [ids.IRIS, ids.MY_DATASET]


def test_a_capsule_from_before_panels_has_none(start: Start, tmp_path: Path) -> None:
    folder = old_form(tmp_path / "old")
    with Client(start(capsules=named(folder)).url) as client:
        client.ask("GET", f"/capsules/{id_of(folder)}/app_panel", 404)


def test_runs_are_checked_against_the_panel_and_wait_for_a_runner(start: Start, folder: Path, clock: HandClock) -> None:
    key = id_of(folder)
    server = start(capsules=named(folder))
    with Client(server.url) as client, Plane(server.url) as plane:
        wrong = {"capsule_id": key, "named_parameters": [{"param_name": "min-level", "value": "7"}]}
        assert "at most 1.5" in client.ask("POST", "/computations", 400, json=wrong)["message"]
        run = client.ask("POST", "/computations", json={"capsule_id": key})["id"]
        clock.advance(100_000)
        assert client.ask("GET", f"/computations/{run}")["state"] == "initializing"
        work = plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]
        assert (work["id"], work["folder"], work["capsule_name"]) == (run, str(folder), "Count cells")
        assert work["arguments"] == ["--min-level=0.5", "--filter=gaussian"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], ["0.5", "gaussian", "", ""]),
        (["1"], ["1", "gaussian", "", ""]),
        (["1", "median", "ab"], ["1", "median", "ab", ""]),
        (["1", "", "", "$(touch x); --flag"], ["1", "", "", "$(touch x); --flag"]),
        (["1", "", "", "t", "more"], ["1", "", "", "t", "more"]),
    ],
)
def test_ordered_parameters_keep_their_places(start: Start, folder: Path, given: list[str], words: list[str]) -> None:
    set_panel(folder, named_parameters=False)
    server = start(capsules=named(folder))
    with Client(server.url) as client, Plane(server.url) as plane:
        client.ask("POST", "/computations", json={"capsule_id": id_of(folder), "parameters": given})
        assert plane.ask("POST", "/work/claim", json={"runner": "r"})["work"]["arguments"] == words


def test_named_parameters_come_in_the_order_of_the_panel(start: Start, folder: Path) -> None:
    server = start(capsules=named(folder))
    given = {"table": "/data/x y.csv", "label": "", "min-level": "1e-1"}
    named_ = [{"param_name": name, "value": value} for name, value in given.items()]
    with Client(server.url) as client, Plane(server.url) as plane:
        client.ask("POST", "/computations", json={"capsule_id": id_of(folder), "named_parameters": named_})
        words = plane.ask("POST", "/work/claim", json={"runner": "r"})["work"]["arguments"]
    assert words == ["--min-level=1e-1", "--filter=gaussian", "--label=", "--table=/data/x y.csv"]


def test_without_a_panel_the_words_are_those_of_the_run(start: Start, tmp_path: Path) -> None:
    folder = old_form(tmp_path / "old")
    server = start(capsules=named(folder))
    body = {"capsule_id": id_of(folder), "parameters": ["a", "", "b"]}
    with Client(server.url) as client, Plane(server.url) as plane:
        client.ask("POST", "/computations", json=body)
        assert plane.ask("POST", "/work/claim", json={"runner": "r"})["work"]["arguments"] == ["a", "", "b"]


def test_a_tag_says_more_than_the_folder(start: Start, folder: Path, clock: HandClock) -> None:
    write(folder, "metadata/metadata.yml", "name: tagged\ntags: ['mock:scenario=fails']\n")
    with Client(start(capsules=named(folder)).url) as client:
        run = client.ask("POST", "/computations", json={"capsule_id": id_of(folder)})["id"]
        clock.advance(100)
        assert client.ask("GET", f"/computations/{run}")["end_status"] == "failed"


def test_every_world_from_a_seed_has_it_and_a_reset_leaves_it(start: Start, folder: Path, tmp_path: Path) -> None:
    server, key = start(capsules=named(folder)), id_of(folder)
    with Client(server.url) as client, Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "empty", "seed": "empty"})
        plane.ask("POST", "/worlds", 201, json={"name": "file", "seed": str(seed_file(tmp_path))})
        for token in (USER, f"{USER}@empty", "cop_ann@file", f"{USER}@by-token"):
            assert client.speaking_as(token).ask("GET", f"/capsules/{key}")["name"] == "Count cells"
        client.ask("POST", "/computations", json={"capsule_id": key})
        write(folder, "metadata/metadata.yml", "name: After the reset\n")
        plane.ask("POST", "/worlds/default/reset")
        assert client.ask("GET", f"/capsules/{key}")["name"] == "After the reset"
        assert client.ask("GET", f"/capsules/{key}/computations") == []
        plane.ask("POST", "/worlds", 201, json={"name": "later"})
        assert client.speaking_as(f"{USER}@later").ask("GET", f"/capsules/{key}")["name"] == "After the reset"


def test_the_owner_is_the_first_user_who_is_no_admin(start: Start, folder: Path, tmp_path: Path) -> None:
    with Client(start(capsules=named(folder), seed=str(seed_file(tmp_path))).url, "cop_ann") as client:
        assert client.ask("GET", f"/capsules/{id_of(folder)}")["owner_email"] == "ann@example.com"


def test_a_world_without_users_goes_without_it(folder: Path, tmp_path: Path, caplog: Any) -> None:
    write(tmp_path, "nobody.yaml", "version: 1\nusers: []\ntokens: []\n")
    Worlds(Settings(data_dir=None, capsules=named(folder), seed=str(tmp_path / "nobody.yaml"))).close()
    assert "there is no user who could own the capsule, so there is none" in caplog.text


def test_a_data_asset_of_elsewhere_is_a_warning_and_runs_go_without_it(start: Start, folder: Path, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        server = start(capsules=named(folder))
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning == (
        f"capsule folder {folder}: the data asset {ASSET}, attached at /data/sections, is not in this world; "
        "runs go without it (a seed file can have it)"
    )
    with Client(server.url) as client:
        assert "data_assets" not in client.ask("POST", "/computations", json={"capsule_id": id_of(folder)})


def test_an_attached_data_asset_is_mounted_in_each_run(start: Start, sdk_of: SdkOf, tmp_path: Path) -> None:
    folder = new_form(tmp_path / "cells", datasets=attached())
    sdk = sdk_of(start(capsules=named(folder)))
    run = sdk.computations.run_capsule(RunParams(capsule_id=id_of(folder)))
    assert [(asset.id, asset.mount) for asset in run.data_assets or []] == [(ids.IRIS, "iris")]


# Ids


def test_an_id_can_be_given(start: Start, folder: Path) -> None:
    with Client(start(capsules=named(folder, key="mine")).url) as client:
        assert client.ask("GET", "/capsules/mine")["name"] == "Count cells"
        client.ask("GET", f"/capsules/{id_of(folder)}", 404)


def test_the_id_of_a_capsule_of_the_seed_gives_that_one_the_code(start: Start, folder: Path) -> None:
    server = start(capsules=named(folder, key=ids.CAPSULE))
    with Client(server.url) as client, Plane(server.url) as plane:
        capsule = client.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert (capsule["name"], capsule["slug"], capsule["created"]) == ("Count cells", "1576467", 1646687025)
        assert client.ask("GET", f"/computations/{ids.PAST_RUN}")["state"] == "completed"
        client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
        assert plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]["folder"] == str(folder)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (ids.PIPELINE, f"{ids.PIPELINE} is a pipeline; give another id: --capsule ID=DIR"),
        (ids.IRIS, f"{ids.IRIS} is a data asset; give another id: --capsule ID=DIR"),
        ("search", "search is a word of the API's paths, and cannot be its id"),
    ],
)
def test_an_id_of_something_else_is_refused(folder: Path, key: str, reason: str) -> None:
    with pytest.raises(StartError) as refused:
        Worlds(Settings(data_dir=None, capsules=named(folder, key=key)))
    assert str(refused.value) == f"capsule folder {folder}: {reason}"


@pytest.mark.parametrize(
    ("written", "folder", "key"),
    [
        ("cells", "cells", None),
        ("mine=cells", "cells", "mine"),
        ("mine=/a/b=c", "/a/b=c", "mine"),
        ("/a/b=c", "/a/b=c", None),
        ("./b=c", "b=c", None),
        (Path("b=c"), "b=c", None),
        (NamedFolder(Path("b=c"), "x"), "b=c", "x"),
    ],
)
def test_how_a_folder_is_named(written: Any, folder: str, key: str | None) -> None:
    assert NamedFolder.of(written) == (Path(folder), key)


# Restarts and snapshots


def test_runs_stay_over_a_restart_and_the_capsule_is_as_its_folder_is_then(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    key, data = id_of(folder), tmp_path / "data"
    server = start(capsules=named(folder), data_dir=data)
    with Client(server.url) as client:
        run = client.ask("POST", "/computations", json={"capsule_id": key})["id"]
    server.app.worlds.close()
    write(folder, "metadata/metadata.yml", "name: Renamed\n")
    server = start(capsules=named(folder), data_dir=data)
    with Client(server.url) as client, Plane(server.url) as plane:
        assert client.ask("GET", f"/capsules/{key}")["name"] == "Renamed"
        assert client.ask("POST", "/capsules/search", json={"query": "Renamed"})["results"][0]["id"] == key
        assert [one["id"] for one in client.ask("GET", f"/capsules/{key}/computations")] == [run]
        assert plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]["id"] == run


def test_a_data_directory_that_was_made_without_it_gets_it(start: Start, folder: Path, tmp_path: Path) -> None:
    server = start(data_dir=tmp_path / "data")
    with Client(server.url) as client:
        run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    server.app.worlds.close()
    with Client(start(data_dir=tmp_path / "data", capsules=named(folder)).url) as client:
        assert client.ask("GET", f"/capsules/{id_of(folder)}")["owner_email"] == "demo-user@example.com"
        assert client.ask("GET", f"/computations/{run}")["id"] == run


def test_a_folder_that_has_moved_is_the_same_capsule(start: Start, folder: Path, tmp_path: Path) -> None:
    key = id_of(folder)
    start(data_dir=tmp_path / "data", capsules=named(folder)).app.worlds.close()
    moved = folder.rename(tmp_path / "moved")
    server = start(data_dir=tmp_path / "data", capsules=named(moved, key=key))
    with Client(server.url) as client, Plane(server.url) as plane:
        client.ask("POST", "/computations", json={"capsule_id": key})
        assert plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True})["work"]["folder"] == str(moved)


def test_a_snapshot_has_the_capsule_and_runs_go_on_by_its_folder(start: Start, folder: Path) -> None:
    server, key = start(capsules=named(folder)), id_of(folder)
    with Client(server.url) as client, Plane(server.url) as plane:
        plane.ask("PUT", "/worlds/default/snapshots/before", 201)
        write(folder, "metadata/metadata.yml", "name: Renamed\n")
        client.ask("POST", "/computations", json={"capsule_id": key})
        plane.ask("POST", "/worlds/default/snapshots/before/load")
        assert client.ask("GET", f"/capsules/{key}")["name"] == "Count cells"
        client.ask("POST", "/computations", json={"capsule_id": key})
        assert client.ask("GET", f"/capsules/{key}")["name"] == "Renamed"


def test_two_servers_on_one_directory_see_what_has_changed(start: Start, folder: Path, tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"data_dir": tmp_path / "data", "capsules": named(folder)}
    one, two = start(**chosen), start(**chosen)
    with Client(one.url) as first, Client(two.url) as second:
        for number in range(4):
            write(folder, "metadata/metadata.yml", f"name: Name {number}\n")
            first.ask("POST", "/computations", json={"capsule_id": id_of(folder)})
            assert second.ask("GET", f"/capsules/{id_of(folder)}")["name"] == f"Name {number}"
            second.ask("POST", "/computations", json={"capsule_id": id_of(folder)})
    assert len(one.app.worlds.default.folders.of_settings) == 1
    assert (tmp_path / "data" / DATABASE_NAME).exists()


# The command


def test_the_command_takes_folders_from_options_and_from_the_environment(tmp_path: Path) -> None:
    one, two = (old_form(tmp_path / name) for name in ("one", "two"))
    with (
        started("--in-memory", "--capsule", str(one), "--capsule", f"mine={two}") as server,
        Client(server.url) as client,
    ):
        assert client.ask("GET", f"/capsules/{id_of(one)}")["name"] == "Count cells"
        assert client.ask("GET", "/capsules/mine")["name"] == "Count cells"
        assert server.ready["capsules"] == {id_of(one): str(one), "mine": str(two)}
    with (
        started("--in-memory", CODEOCEAN_MOCK_CAPSULE=f"{one}:mine={two}") as server,
        Client(server.url) as client,
    ):
        assert client.ask("GET", f"/capsules/{id_of(one)}")["name"] == "Count cells"
        assert client.ask("GET", "/capsules/mine")["name"] == "Count cells"


def test_a_run_file_alone_is_warned_of_when_the_command_starts(tmp_path: Path) -> None:
    write(tmp_path / "tiny", "code/run", RUN)
    with started("--in-memory", "--capsule", str(tmp_path / "tiny")) as server:
        code, err = server.stop()
    assert code == 0
    assert "it has no environment/Dockerfile, from which the engine docker builds an image" in err
