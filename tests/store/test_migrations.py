"""Databases of earlier releases open in this one, and nothing of them is lost.

`schema-1.sql` was written by the release that had schema 1, from a world of its own: a run that had ended, one that was
going on, a captured data asset and a draft, a release, an attachment, a cloud workstation, a clock at twice the speed.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import StartError
from mock_server.settings import Settings
from mock_server.store.database import APPLICATION_ID, SCHEMA_VERSION, open_database
from mock_server.worlds import DATABASE_NAME, Worlds
from tests.conftest import START, Client, HandClock, Server
from tests.control.conftest import Plane, bytes_of
from tests.search.test_index import catch_up, check, query

SCHEMA_1 = Path(__file__).parent / "schema-1.sql"

SAVED = START + 181
"""Real time when it was written; the world was twice as far."""

CAPSULE = "aaaaaaaa-0000-4000-8000-000000000001"
PAST = "bbbbbbbb-0000-4000-8000-000000000001"
WORKSTATION = "bbbbbbbb-0000-4000-8000-000000000002"
ENDED = "2a6ba5dd-56d6-4715-a003-362213d6767e"
GOING = "0910324e-aace-46f4-b481-34f414bb1723"
OLD = "cccccccc-0000-4000-8000-000000000001"
CAPTURED = "def5d4b4-6b5b-403d-b324-c7900dce3fae"
DRAFT = "75970bf3-867c-4fe4-b5a1-c062a5ffc3b0"
JOB = "9c007e08-0b0e-4f1b-aae9-ae76597b9acf"

ANN = {"owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49", "owner_email": "ann@example.com"}


def old_database(connection: sqlite3.Connection) -> None:
    connection.executescript(SCHEMA_1.read_text())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    """A data directory of the earlier release."""
    connection = sqlite3.connect(tmp_path / DATABASE_NAME)
    connection.execute("PRAGMA journal_mode = WAL")
    old_database(connection)
    connection.close()
    clock.now = SAVED
    return tmp_path


@pytest.fixture
def served(start: Callable[..., Server], folder: Path) -> Server:
    return start(data_dir=folder, seed="empty", time_scale=2.0, random_seed=99)


def shape(path: Path) -> tuple[dict[str, set[Any]], set[Any]]:
    """The columns of each table, and the indexes and triggers."""
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {}
    for table in tables:
        found = connection.execute(f"PRAGMA table_info({table})")
        columns[table] = {(name, kind, needed, key) for _, name, kind, needed, _, key in found}
    indexes = set(connection.execute("SELECT tbl_name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger')"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()
    return columns, indexes


def test_it_becomes_what_a_new_database_is(folder: Path, tmp_path: Path) -> None:
    open_database(folder / DATABASE_NAME).close()
    open_database(tmp_path / "new.sqlite").close()
    assert shape(folder / DATABASE_NAME) == shape(tmp_path / "new.sqlite")
    open_database(folder / DATABASE_NAME).close()
    assert shape(folder / DATABASE_NAME) == shape(tmp_path / "new.sqlite")


def undo_schema_8(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE capsule DROP COLUMN folder")
    connection.execute("ALTER TABLE capsule DROP COLUMN templates")
    connection.execute("DROP TABLE driven")
    connection.execute("DROP TABLE objectjob")
    connection.execute("DROP TABLE fileref")


def test_data_assets_are_entered_anew_for_what_they_were_made_from(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    Worlds(Settings(data_dir=tmp_path)).close()
    connection = sqlite3.connect(path, isolation_level=None)
    numbers = "SELECT id, numbers FROM entry WHERE kind = 'data_asset' ORDER BY id"
    before = connection.execute(numbers).fetchall()
    connection.execute("UPDATE entry SET numbers = '[[0, 0]]'")
    connection.execute("DROP TABLE block")
    undo_schema_8(connection)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    db = open_database(path)
    catch_up(db)
    db.close()
    connection = sqlite3.connect(path)
    assert connection.execute(numbers).fetchall() == before
    connection.close()


def test_the_index_of_schema_6_is_made_anew_with_the_words_of_names(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    Worlds(Settings(data_dir=tmp_path)).close()
    connection = sqlite3.connect(path, isolation_level=None)
    entries = connection.execute("SELECT * FROM entry ORDER BY doc").fetchall()
    connection.execute("UPDATE entry SET name_words = ' 1 2 '")
    connection.execute("INSERT INTO term (term) VALUES ('delete-all')")
    connection.execute("INSERT INTO term (rowid, terms) SELECT doc, 'wolder terms' FROM entry")
    connection.execute("DROP TABLE block")
    connection.execute("CREATE TABLE stretch (place INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (place))")
    undo_schema_8(connection)
    connection.execute("PRAGMA user_version = 6")
    connection.close()
    db = open_database(path)
    catch_up(db)
    assert len(check(db)) == len(entries)
    assert query(db, "SELECT * FROM entry ORDER BY doc") == entries
    db.close()


def test_clients_see_what_the_earlier_release_showed(served: Server) -> None:
    with Client(served.url, "cop_ann") as client:
        assert client.ask("GET", f"/computations/{ENDED}") == ANN | {
            "cloud_workstation": False, "created": START, "end_status": "succeeded", "exit_code": 0,
            "has_results": True, "id": ENDED, "name": "Run With Parameters 0", "run_time": 7, "state": "completed",
            "parameters": [{"name": "Number of rows", "param_name": "rows", "value": "5"}],
        }  # fmt: skip
        assert client.ask("GET", f"/computations/{GOING}") == ANN | {
            "cloud_workstation": False, "created": START + 360, "data_assets": [{"id": OLD, "mount": "old"}],
            "has_results": False, "id": GOING, "name": "Run 360", "run_time": 2, "state": "running",
        }  # fmt: skip
        assert client.ask("GET", f"/data_assets/{DRAFT}") == ANN | {
            "created": START + 362, "files": 0, "id": DRAFT, "last_used": 0, "mount": "draft", "name": "draft",
            "size": 0, "state": "draft", "type": "dataset",
            "source_bucket": {"bucket": "b", "external": False, "origin": "aws", "prefix": ""},
        }  # fmt: skip
        captured = client.ask("GET", f"/data_assets/{CAPTURED}")
        assert (captured["state"], captured["files"], captured["size"]) == ("ready", 3, 5040)
        assert captured["provenance"]["computation"] == ENDED
        release = client.ask("GET", f"/capsules/{CAPSULE}/release/{JOB}")
        assert (release["status"], release["release_version"]["major_version"]) == ("completed", 2)
        workstation = client.ask("GET", f"/computations/{WORKSTATION}")
        assert (workstation["state"], workstation["run_time"]) == ("running", 100_000_162)
        runs = client.ask("GET", f"/capsules/{CAPSULE}/computations")
        assert [run["id"] for run in runs] == [GOING, ENDED, WORKSTATION, PAST]


def test_searches_find_what_is_there(served: Server) -> None:
    with Client(served.url, "cop_ann") as client:
        for path, body, expected in (
            ("/data_assets", {}, [CAPTURED, DRAFT, OLD]),
            ("/data_assets", {"query": "draft"}, [DRAFT]),
            ("/capsules", {"query": OLD, "status": "non_release"}, [CAPSULE]),
        ):
            found = client.ask("POST", f"{path}/search", json=body)["results"]
            assert sorted(entry["id"] for entry in found) == sorted(expected)


def test_files_are_there(served: Server) -> None:
    with Client(served.url, "cop_ann") as client:
        for run, log in ((ENDED, b"+ ./run --rows=5\nRun completed.\n"), (PAST, b"+ ./run\nRun completed.\n")):
            assert bytes_of(client, run, "table.csv") == b"a,b\n1,2\n"
            assert bytes_of(client, run, "output") == log
        for asset, path, content in ((OLD, "a.txt", b"old bytes\n"), (CAPTURED, "table.csv", b"a,b\n1,2\n")):
            urls = client.ask("GET", f"/data_assets/{asset}/files/urls", params={"path": path})
            assert client.get(urls["download_url"], auth=None).content == content


def test_time_goes_on(served: Server, clock: HandClock) -> None:
    with Client(served.url, "cop_ann") as client, Plane(served.url) as plane:
        world = plane.of("default")
        shown = world.ask("GET", "/clock")
        assert (shown["now"], shown["mode"], shown["scale"]) == (START + 362, "scaled", 2)
        changes = world.advance(by="1m")["changes"]
        assert [(change["entity"], change["after"]) for change in changes] == [
            (DRAFT, "ready"), (GOING, "finalizing"), (GOING, "completed"),
        ]  # fmt: skip
        plan = world.ask("GET", f"/computations/{GOING}")
        assert (plan["scenario"], plan["end_status"], len(plan["stages"])) == ("", "succeeded", 3)
        clock.advance(10)
        assert client.ask("GET", f"/computations/{GOING}")["run_time"] == 7
        assert world.ask("GET", "/clock")["now"] == START + 362 + 60 + 20


def test_another_time_scale_is_no_jump(start: Callable[..., Server], folder: Path, clock: HandClock) -> None:
    with Plane(start(data_dir=folder).url) as plane:
        assert plane.ask("GET", "/worlds/default/clock")["now"] == START + 362
        clock.advance(10)
        assert plane.ask("GET", "/worlds/default/clock")["now"] == START + 372


def test_ids_are_not_given_again(served: Server) -> None:
    with Client(served.url, "cop_ann") as client:
        made = {client.ask("POST", "/computations", json={"capsule_id": CAPSULE})["id"] for _ in range(5)}
    assert len(made) == 5
    assert not made & {ENDED, GOING, CAPTURED, DRAFT, JOB}


def test_what_nothing_needs_is_dropped_with_its_run(served: Server, folder: Path) -> None:
    """The files of a workstation are its own, those of a run are the capsule's."""
    with Client(served.url, "cop_ann") as client:
        for run in (WORKSTATION, ENDED):
            client.ask("DELETE", f"/computations/{run}", 204)
        assert bytes_of(client, PAST, "table.csv") == b"a,b\n1,2\n"
    trees = sqlite3.connect(folder / DATABASE_NAME)
    assert trees.execute("SELECT count(*) FROM tree WHERE entries LIKE '%notes.txt%'").fetchone() == (0,)
    trees.close()


def test_a_reset_goes_to_the_seed_of_the_server(served: Server) -> None:
    """The earlier release did not note from which seed the world was made."""
    with Plane(served.url) as plane:
        assert plane.ask("GET", "/worlds/default")["seed"] == "empty"
        assert plane.ask("POST", "/worlds/default/reset")["counts"]["capsules"] == 0


def test_one_that_cannot_be_brought_up_to_date_is_left_as_it_was(folder: Path) -> None:
    path = folder / DATABASE_NAME
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE releasejob")
    connection.close()
    with pytest.raises(StartError, match="as a database: it is damaged: no such table: releasejob"):
        open_database(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert "epoch" not in [column[1] for column in connection.execute("PRAGMA table_info(world)")]
    assert connection.execute("SELECT count(*) FROM computation").fetchone() == (4,)
    connection.close()
