"""Databases of the release that had schema 5: what is stored in another form since then shows the same.

`schema-5.sql` was written by that release: attachments that were mounted, refused, hollow and slow, and runs that had
succeeded, were stopped, failed, left nothing, and of a pipeline one that had ended and one that was going on.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.store.database import APPLICATION_ID
from mock_server.worlds import DATABASE_NAME
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane

SCHEMA_5 = Path(__file__).parent / "schema-5.sql"

SAVED = 1_800_000_000
"""Real time when it was written."""

CAPSULE = "aaaaaaaa-0000-4000-8000-000000000001"
PIPELINE = "aaaaaaaa-0000-4000-8000-000000000003"
ASSETS = [f"cccccccc-0000-4000-8000-00000000000{number}" for number in range(1, 5)]
PLAIN, REFUSED, HOLLOW, SLOW = ASSETS

STOPPED = "def5d4b4-6b5b-403d-b324-c7900dce3fae"
WITHOUT_RESULTS = "65813383-6ea0-4f37-9e00-0ef73f89bce3"
FAILED = "9c007e08-0b0e-4f1b-aae9-ae76597b9acf"
WORKSTATION = "bbbbbbbb-0000-4000-8000-000000000001"
PIPED = "0910324e-aace-46f4-b481-34f414bb1723"
GOING = "be3d31aa-fca1-4548-887b-57912275b241"


@pytest.fixture
def served(start: Callable[..., Server], tmp_path: Path, clock: HandClock) -> Server:
    connection = sqlite3.connect(tmp_path / DATABASE_NAME)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA_5.read_text())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 5")
    connection.close()
    clock.now = SAVED
    return start(data_dir=tmp_path, seed="empty")


@pytest.fixture
def ann(served: Server) -> Iterator[Client]:
    with Client(served.url, "cop_ann") as client:
        yield client


def attach(client: Client, *assets: str) -> dict[str, str]:
    made = client.ask("POST", f"/capsules/{CAPSULE}/data_assets", json=[{"id": key} for key in assets])
    return {result["id"]: result["mount_state"] for result in made}


def test_attachments_stand_where_they_stood(ann: Client, served: Server) -> None:
    with Plane(served.url) as plane:
        world = plane.of("default")
        assert attach(ann, PLAIN, HOLLOW, SLOW) == {PLAIN: "unchanged", HOLLOW: "unchanged", SLOW: "mounting"}
        run = ann.ask("POST", "/computations", json={"capsule_id": CAPSULE})
        assert [asset["id"] for asset in run["data_assets"]] == ASSETS
        changes = world.advance(by="2h")["changes"]
        assert [(change["entity"], change["after"]) for change in changes if change["kind"] == "attachment"] == [
            (SLOW, "mounted")
        ]
        assert attach(ann, SLOW) == {SLOW: "unchanged"}


@pytest.mark.parametrize(("left", "exit_code"), [(PLAIN, 0), (REFUSED, 1), (HOLLOW, 1)])
def test_runs_find_of_the_attachments_what_they_found(ann: Client, served: Server, left: str, exit_code: int) -> None:
    ann.ask("DELETE", f"/capsules/{CAPSULE}/data_assets", 204, json=[key for key in ASSETS if key != left])
    run = ann.ask("POST", "/computations", json={"capsule_id": CAPSULE})["id"]
    with Plane(served.url) as plane:
        plane.of("default").advance(by="1m")
    assert ann.ask("GET", f"/computations/{run}")["exit_code"] == exit_code


def test_a_refused_attachment_is_tried_again(ann: Client, served: Server) -> None:
    assert attach(ann, REFUSED) == {REFUSED: "error"}
    with Plane(served.url) as plane:
        plane.of("default").ask("DELETE", "/scenarios", status=204)
    assert attach(ann, REFUSED) == {REFUSED: "mounted"}


def test_processes_leave_out_what_they_have_not(ann: Client) -> None:
    plain = {"name": "plain", "capsule_id": "aaaaaaaa-0000-4000-8000-000000000001"}
    given: dict[str, Any] = {
        "name": "given", "capsule_id": "aaaaaaaa-0000-4000-8000-000000000002", "version": 2, "public": True,
    }  # fmt: skip
    shown = {run["id"]: run["processes"] for run in ann.ask("GET", f"/pipelines/{PIPELINE}/computations")}
    with_rows = given | {"parameters": [{"name": "Rows", "param_name": "rows", "value": "5"}]}
    assert sorted(shown[PIPED], key=len) == [plain, with_rows]
    assert sorted(shown[GOING], key=len) == [plain, given]


def listed(client: Client, run: str) -> list[str]:
    items = client.ask("POST", f"/computations/{run}/results", json={"path": ""})["items"]
    return [item["name"] for item in items]


@pytest.mark.parametrize(
    ("run", "end", "left"),
    [
        (STOPPED, ("stopped", 0, False), []),
        (WITHOUT_RESULTS, ("succeeded", 0, False), ["output"]),
        (FAILED, ("failed", 1, True), ["output"]),
        (PIPED, ("succeeded", 0, True), ["a", "b", "c", "d", "nextflow", "output"]),
    ],
)
def test_runs_that_had_ended_show_their_end_and_their_files(
    ann: Client, run: str, end: tuple[str, int, bool], left: list[str]
) -> None:
    shown = ann.ask("GET", f"/computations/{run}")
    assert (shown["end_status"], shown["exit_code"], shown["has_results"]) == end
    assert listed(ann, run) == left


def test_a_pipeline_that_was_running_ends_as_it_would_have(ann: Client, served: Server) -> None:
    """Its plan knows nothing of parts, so it lists nothing until then."""
    assert (ann.ask("GET", f"/computations/{GOING}")["state"], listed(ann, GOING)) == ("running", [])
    with Plane(served.url) as plane:
        plane.of("default").advance(by="1m")
    shown = ann.ask("GET", f"/computations/{GOING}")
    assert (shown["end_status"], shown["has_results"], shown["run_time"]) == ("succeeded", True, 7)
    assert listed(ann, GOING) == ["a", "b", "c", "d", "nextflow", "output"]


def test_what_is_in_a_cloud_workstation_is_still_captured_and_no_result(ann: Client, served: Server) -> None:
    with Plane(served.url) as plane:
        for _ in range(2):
            assert listed(ann, WORKSTATION) == []
            source = {"cloud_workstation": {"id": WORKSTATION, "path": "notes.txt"}}
            ann.ask("POST", "/data_assets", json={"name": "n", "mount": "m", "tags": [], "source": source})
            plane.of("default").ask("POST", f"/computations/{WORKSTATION}/stop")
