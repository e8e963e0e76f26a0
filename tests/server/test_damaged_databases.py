"""A damaged database: a start refuses it, health says it, and nobody is given a wrong answer out of it."""

import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mock_server.embedded import MockCodeOcean
from mock_server.errors import StartError
from mock_server.store import integrity
from tests import damage, ids
from tests.conftest import USER, Client
from tests.process import run, started

NAME = "default.sqlite"
EACH_DAMAGE = pytest.mark.parametrize("kind", damage.DAMAGES)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two snapshots, the later one with a data asset that is called kept."""
    folder = tmp_path_factory.mktemp("saved") / "data"
    with MockCodeOcean(data_dir=folder) as server, Client(server.url) as client:
        httpx.put(f"{client.url}/_mock/worlds/default/snapshots/before").raise_for_status()
        body = {"name": "kept", "mount": "kept", "tags": [], "source": {"aws": {"bucket": "any", "prefix": "any"}}}
        client.ask("POST", "/data_assets", json=body)
        httpx.put(f"{client.url}/_mock/worlds/default/snapshots/good").raise_for_status()
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the data directory, to be damaged."""
    return shutil.copytree(saved, tmp_path / "data with spaces")


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    """A server on `folder`, of whose database nothing is in the log alone."""
    with MockCodeOcean(data_dir=folder) as server, Client(server.url) as client:
        damage.fold(folder / NAME)
        yield client


def health(client: Client) -> tuple[int, str]:
    """The status of the health route, and the reason."""
    answer = httpx.get(f"{client.url}/_mock/health")
    return answer.status_code, answer.json().get("message", "")


def health_of_damaged(client: Client) -> tuple[int, str]:
    """What the health route says when it has noticed: at once, but for a busy machine."""
    while (said := health(client))[0] == 200:
        pass
    return said


def finds_what_was_kept(client: Client) -> bool:
    found = client.ask("POST", "/data_assets/search", json={"query": "name:kept"})
    return [one["name"] for one in found["results"]] == ["kept"]


@EACH_DAMAGE
def test_a_start_refuses_it(folder: Path, kind: str) -> None:
    inflict, reason = damage.DAMAGES[kind]
    inflict(folder / NAME)
    before = (folder / NAME).read_bytes()
    with pytest.raises(StartError) as refused:
        MockCodeOcean(data_dir=folder)
    assert reason in str(refused.value)
    assert "codeocean-mock snapshots load good" in str(refused.value)
    assert (folder / NAME).read_bytes() == before


@EACH_DAMAGE
def test_health_says_so_while_it_serves(folder: Path, kind: str) -> None:
    inflict, reason = damage.DAMAGES[kind]
    with serving(folder) as client:
        assert health(client) == (200, "")
        inflict(folder / NAME)
        status, message = health_of_damaged(client)
        assert (status, message.partition(": ")[0]) == (503, f"the database {NAME} is damaged")
        # What is met first depends on what SQLite has to read for the check itself.
        assert reason in message or "vtable constructor failed" in message
        for path in ("/capsules/search", "/data_assets/search"):
            assert client.ask("POST", path, 503, json={})["message"] == message
        assert health(client) == (503, message)


@EACH_DAMAGE
def test_a_snapshot_puts_it_right_while_it_serves(folder: Path, kind: str) -> None:
    inflict, _ = damage.DAMAGES[kind]
    kept = (folder / "snapshots" / "good.snapshot").read_bytes()
    with serving(folder) as client:
        inflict(folder / NAME)
        assert health_of_damaged(client)[0] == 503
        snapshot = f"{client.url}/_mock/worlds/default/snapshots/good"
        # A snapshot of what is damaged would take the place of a good one.
        assert httpx.put(snapshot).status_code == 503
        assert (folder / "snapshots" / "good.snapshot").read_bytes() == kept
        assert httpx.post(f"{snapshot}/load").status_code == 200
        assert health(client) == (200, "")
        assert finds_what_was_kept(client)
    with serving(folder) as client:
        assert finds_what_was_kept(client)


def test_a_snapshot_puts_right_what_nobody_has_noticed(folder: Path) -> None:
    with serving(folder) as client:
        damage.cut_between_pages(folder / NAME)
        httpx.post(f"{client.url}/_mock/worlds/default/snapshots/good/load").raise_for_status()
        assert health(client) == (200, "")
        assert finds_what_was_kept(client)


def test_damage_that_nobody_has_noticed_is_not_saved(folder: Path) -> None:
    kept = (folder / "snapshots" / "good.snapshot").read_bytes()
    damage.page_overwritten(folder / NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integrity, "SMALL_BYTES", 0)
        with serving(folder) as client:
            answer = httpx.put(f"{client.url}/_mock/worlds/default/snapshots/good")
            assert (answer.status_code, list(answer.json())) == (503, ["message"])
    assert (folder / "snapshots" / "good.snapshot").read_bytes() == kept


@pytest.mark.parametrize("kind", ["a page overwritten", "bits flipped", "bits flipped in JSON", "a table dropped"])
def test_a_request_that_meets_it_says_so_and_health_knows_at_once(folder: Path, kind: str) -> None:
    inflict, _ = damage.DAMAGES[kind]
    inflict(folder / NAME)
    with pytest.MonkeyPatch.context() as patch:
        # Neither the start nor a step looks.
        patch.setattr("mock_server.store.database.damage_at_start", lambda _: None)
        patch.setattr("mock_server.store.database.missing", lambda _: None)
        patch.setattr("mock_server.store.inspection.Inspection.step", lambda _: None)
        with MockCodeOcean(data_dir=folder) as server, Client(server.url) as client:
            met = [client.post("/data_assets/search", json={}), client.get(f"/capsules/{ids.CAPSULE}/computations")]
            met.append(client.speaking_as("cop_demo_readonly").post("/capsules/search", json={}))
            messages = [answer.json()["message"] for answer in met if answer.status_code == 503]
            assert messages
            message = messages[-1]
            assert health(client) == (503, message)


def test_a_signed_url_is_answered_as_s3_would(folder: Path) -> None:
    with serving(folder) as client:
        place = f"/data_assets/{ids.IRIS}/files/download_url"
        url = client.ask("GET", place, params={"path": "docs/README.md"})["url"]
        assert httpx.get(url).status_code == 200
        damage.table_dropped(folder / NAME)
        assert health_of_damaged(client)[0] == 503
        answer = httpx.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/xml")
        assert "<Code>ServiceUnavailable</Code>" in answer.text


def test_a_world_in_memory_is_named_and_the_others_go_on() -> None:
    with MockCodeOcean() as server, Client(server.url) as client, Client(server.url, f"{USER}@ci-42") as other:
        for one in (client, other):
            one.ask("POST", "/capsules/search", json={})
        world = server._app.worlds.require("ci-42")
        world.db._connection.execute("DROP TABLE computation")
        message = other.ask("GET", "/computations/00000000-0000-0000-0000-000000000000", 503)["message"]
        assert message == "the database of the world ci-42 is damaged: no such table: computation"
        assert health(client) == (503, message)
        client.ask("POST", "/capsules/search", json={})
        assert httpx.post(f"{client.url}/_mock/worlds/ci-42/reset").status_code == 200
        assert health(client) == (200, "")
        other.ask("POST", "/capsules/search", json={})


def test_a_world_without_its_row(folder: Path) -> None:
    damage.sql(folder / NAME, "DELETE FROM world")
    with pytest.raises(StartError, match="the row of its world is gone; move"):
        MockCodeOcean(data_dir=folder)


@pytest.mark.slow
def test_the_way_on_that_a_start_prints_works_as_printed(folder: Path) -> None:
    damage.page_overwritten(folder / NAME)
    refused = run("serve", "--port", "0", "--data-dir", str(folder))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    _, _, advice = refused.stderr.strip().partition("; ")
    move, _, load = advice.partition(", then go on from the snapshot: ")
    assert move == f"move {NAME}* out of {folder} and start again"
    for file in folder.glob(f"{NAME}*"):
        file.rename(folder.parent / file.name)
    with started("--data-dir", str(folder)) as server, Client(server.url) as client:
        program, *arguments = shlex.split(load)
        assert program == "codeocean-mock"
        loaded = run(*arguments, CODEOCEAN_MOCK_URL=server.url)
        assert loaded.returncode == 0, loaded.stderr
        assert finds_what_was_kept(client)


def test_without_a_snapshot_the_start_says_what_is_left(folder: Path) -> None:
    shutil.rmtree(folder / "snapshots")
    damage.page_overwritten(folder / NAME)
    for command in ("serve --port 0", "seed --data-assets 1"):
        refused = run(*command.split(), "--data-dir", str(folder))
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert refused.stderr.strip().endswith("a new world is made from the seed, as no snapshot is there")


@pytest.mark.slow
def test_it_is_found_when_nobody_asks_and_no_traceback_is_written(folder: Path) -> None:
    with started("--data-dir", str(folder)) as server, Client(server.url) as client:
        damage.fold(folder / NAME)
        damage.page_overwritten(folder / NAME)
        assert server.popen.stderr is not None
        line = server.popen.stderr.readline()
        assert '"level": "error"' in line
        assert f"the database {NAME} is damaged" in line
        assert run("wait", "--once", "--url", server.url).returncode == 1
        for path in ("/_mock/worlds", "/_mock/health", "/_ui", "/_ui/data_assets", "/_ui/computations", "/docs"):
            httpx.get(client.url + path, follow_redirects=True)
        assert client.get("/computations/00000000-0000-0000-0000-000000000000").status_code == 503
        assert server.stop() == (0, "")


def test_damage_beyond_what_a_start_reads_is_found_later(folder: Path) -> None:
    damage.page_overwritten(folder / NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integrity, "SMALL_BYTES", 0)
        with serving(folder) as client:
            assert "is damaged" in health_of_damaged(client)[1]


def test_a_sound_database_stays_so(folder: Path) -> None:
    with serving(folder) as client:
        for _ in range(5):
            assert health(client) == (200, "")
        damage.sql(folder / NAME, "VACUUM")
        assert health(client) == (200, "")
        # Another connection that writes is in nobody's way.
        with sqlite3.connect(folder / NAME) as writer:
            writer.execute("UPDATE world SET ids_given = ids_given")
        writer.close()
        assert health(client) == (200, "")
