"""What is executed is chosen by the operator of the server alone."""

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.documents import seed_folders
from mock_server.embedded import MockCodeOcean
from mock_server.settings import NamedFolder
from mock_server.worlds import DATABASE_NAME
from tests import ids
from tests.capsule_folders.folders import id_of, new_form, seed_file, write
from tests.conftest import USER, Client, Server
from tests.control.conftest import Plane
from tests.process import PATIENCE

Start = Callable[..., Server]


def run(url: str, capsule: str, token: str = USER) -> str:
    with Client(url, token) as client:
        key: str = client.ask("POST", "/computations", json={"capsule_id": capsule})["id"]
        return key


def claimed(url: str, **more: Any) -> Any:
    """The work that a runner of folders gets, or None."""
    with Plane(url) as plane:
        return plane.ask("POST", "/work/claim", json={"runner": "r", "folders": True} | more).get("work")


@pytest.fixture
def snapshot(start: Start, folder: Path) -> bytes:
    """A world with the capsule and a run of it that waits, as a file from another server."""
    server = start(capsules=(NamedFolder(folder),))
    run(server.url, id_of(folder))
    with Plane(server.url) as plane:
        plane.ask("PUT", "/worlds/default/snapshots/theirs", 201)
        return plane.get("/snapshots/theirs/file").content


def take_over(server: Server, snapshot: bytes) -> None:
    """Put the default world back to the snapshot."""
    with Plane(server.url) as plane:
        plane.ask("PUT", "/snapshots/theirs/file", 201, content=snapshot)
        plane.ask("POST", "/worlds/default/snapshots/theirs/load")


def test_a_snapshot_of_elsewhere_chooses_nothing(start: Start, folder: Path, snapshot: bytes) -> None:
    server = start()
    take_over(server, snapshot)
    write(folder, "metadata/metadata.yml", "name: Secret of this machine\n")
    run(server.url, id_of(folder))
    with Client(server.url) as client:
        assert client.ask("GET", f"/capsules/{id_of(folder)}")["name"] == "Count cells"
        assert client.ask("GET", f"/capsules/{id_of(folder)}/app_panel")["general"]["title"] == "Cells"
    assert claimed(server.url) is None
    # Whoever drives runs by hand gets it, and no folder.
    assert "folder" not in claimed(server.url, folders=False)


def test_the_same_snapshot_runs_where_the_folder_is_named(start: Start, folder: Path, snapshot: bytes) -> None:
    server = start(capsules=(NamedFolder(folder, "another-id"),))
    take_over(server, snapshot)
    assert claimed(server.url)["folder"] == str(folder)


@pytest.mark.parametrize("change", ["/..", "/.", "/", "/code", "x"])
def test_a_folder_that_is_nearly_named_is_another(start: Start, folder: Path, tmp_path: Path, change: str) -> None:
    data = tmp_path / "data"
    server = start(capsules=(NamedFolder(folder),), data_dir=data)
    run(server.url, id_of(folder))
    server.app.worlds.close()
    connection = sqlite3.connect(data / DATABASE_NAME)
    connection.execute("UPDATE capsule SET folder = folder || ? WHERE folder IS NOT NULL", (change,))
    connection.commit()
    connection.close()
    assert claimed(start(capsules=(NamedFolder(folder, "other"),), data_dir=data).url) is None


def test_a_server_that_is_started_without_the_folder_runs_it_no_more(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    server = start(capsules=(NamedFolder(folder),), data_dir=tmp_path / "data")
    run(server.url, id_of(folder))
    server.app.worlds.close()
    server = start(data_dir=tmp_path / "data")
    run(server.url, id_of(folder))
    assert claimed(server.url) is None


def test_the_seed_of_the_server_names_its_folders_after_a_restart_too(
    start: Start, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: dict[str, Any] = {"seed": str(seed_file(tmp_path, "capsules: [{folder: cells}]\n"))}
    server = start(data_dir=tmp_path / "data", **chosen)
    run(server.url, id_of(folder), "cop_ann")
    server.app.worlds.close()
    looked: list[str] = []
    tops = seed_folders.tops

    def looking(source: str) -> Iterator[Path]:
        looked.append(source)
        return tops(source)

    monkeypatch.setattr(seed_folders, "tops", looking)
    server = start(data_dir=tmp_path / "data", **chosen)
    assert looked == []
    run(server.url, id_of(folder), "cop_ann")
    assert claimed(server.url)["folder"] == str(folder)
    assert looked == [chosen["seed"]]


def test_a_start_from_a_database_does_not_read_the_seed(start: Start, folder: Path, tmp_path: Path) -> None:
    seed = seed_file(tmp_path, "capsules: [{folder: cells}]\n")
    start(data_dir=tmp_path / "data", seed=str(seed)).app.worlds.close()
    seed.write_text("no seed at all: [")
    server = start(data_dir=tmp_path / "data", seed=str(seed))
    run(server.url, id_of(folder), "cop_ann")
    assert claimed(server.url) is None
    seed_file(tmp_path, "capsules: [{folder: cells}, {folder: nowhere}]\n")
    assert claimed(server.url)["folder"] == str(folder)


def test_no_request_of_a_client_says_what_is_run(start: Start, tmp_path: Path, folder: Path) -> None:
    """A client may say `folder` where it likes: nothing takes it."""
    theirs = new_form(tmp_path / "theirs")
    server = start(capsules=(NamedFolder(folder),))
    with Client(server.url) as client:
        body = {"capsule_id": id_of(folder), "folder": str(theirs), "parameters": ["1", "median", "x", str(theirs)]}
        client.ask("POST", "/computations", json=body)
        client.request("PATCH", f"/capsules/{id_of(folder)}", json={"folder": str(theirs)})
        client.request("PUT", f"/capsules/{id_of(folder)}", json={"folder": str(theirs)})
        assert "folder" not in client.ask("GET", f"/capsules/{id_of(folder)}")
        assert str(folder) not in json.dumps(client.ask("POST", "/capsules/search", json={"limit": 1000}))
    assert claimed(server.url)["folder"] == str(folder)
    assert claimed(server.url) is None


def test_a_tag_can_make_a_run_wait_and_gives_it_no_code(start: Start) -> None:
    server = start()
    with Client(server.url) as client:
        client.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json={"tags": ["mock:scenario=driven"]})
        mounted = [{"id": ids.MY_DATASET, "mount": "m"}]
        client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE, "data_assets": mounted})
    assert claimed(server.url) is None
    assert "folder" not in claimed(server.url, folders=False)


# Who is handed work


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that others than this machine could reach."""
    with socket.create_server(("0.0.0.0", 0)) as listener:
        yield listener


def test_a_server_that_others_reach_hands_out_work_with_a_token_only(listener: socket.socket, folder: Path) -> None:
    with MockCodeOcean(listener=listener, capsules=[folder]) as server:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert server.url
        refused = httpx.post(f"{url}/_mock/work/claim", json={"runner": "r"}, timeout=PATIENCE)
        assert refused.status_code == 403
        assert refused.json() == {
            "message": "a server that listens beyond this machine hands out work with a --control-token only"
        }


def test_with_a_token_it_does(listener: socket.socket, folder: Path) -> None:
    with MockCodeOcean(listener=listener, capsules=[folder], control_token="a-token-of-the-test") as server:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert httpx.post(f"{url}/_mock/work/claim", json={"runner": "r"}, timeout=PATIENCE).status_code == 401
        run(url, id_of(folder))
        work = server.control.claim("r", folders=True)
        assert work is not None
        assert work.folder == str(folder)


def test_a_server_in_this_process_takes_folders_as_text(folder: Path) -> None:
    for given in (folder, str(folder), [str(folder)], [NamedFolder(folder)], NamedFolder(folder)):
        with MockCodeOcean(capsules=given) as server:  # type: ignore[arg-type]
            run(server.url, id_of(folder))
            assert claimed(server.url)["folder"] == str(folder)
    with MockCodeOcean(capsules=[f"mine={folder}"]) as server:
        run(server.url, "mine")
        assert claimed(server.url)["capsule_id"] == "mine"
