"""No part of the server tells of what is not kept, and requests of one turn share a commit."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.app import Application, create_app
from mock_server.settings import Settings
from mock_server.store.database import Database
from tests import ids
from tests.conftest import USER
from tests.store.test_commit_groups import full_disk

RUN = {"capsule_id": ids.CAPSULE}
ASSET = {"name": "n", "tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
MANY = 16


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made = create_app(Settings(data_dir=tmp_path, random_seed=7))
    with closing(made.worlds):
        yield made


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000/api/v1", auth=(USER, "")
    )


def posted(app: Application, path: str, body: dict[str, Any], count: int) -> list[httpx.Response]:
    """The answers to requests that come at once."""

    async def main() -> list[httpx.Response]:
        async with client_of(app) as client:
            return await asyncio.gather(*[client.post(path, json=body) for _ in range(count)])

    return asyncio.run(main())


def body_of(app: Application, path: str) -> Any:
    async def main() -> httpx.Response:
        async with client_of(app) as client:
            return await client.get(path)

    return asyncio.run(main()).json()


def statements(db: Database, do: Callable[[], object]) -> list[str]:
    """What is run on a database while something is done."""
    found: list[str] = []
    db._connection.set_trace_callback(found.append)
    do()
    db._connection.set_trace_callback(None)
    return found


@pytest.mark.parametrize(("path", "body"), [("/computations", RUN), ("/data_assets", ASSET)])
def test_requests_that_come_at_once_share_a_commit(app: Application, path: str, body: dict[str, Any]) -> None:
    posted(app, path, body, 1)
    run = statements(app.worlds.default.db, lambda: posted(app, path, body, MANY))
    assert [statement for statement in run if statement.startswith(("BEGIN", "COMMIT"))] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


@pytest.mark.parametrize(("capsule", "of_its_own"), [(ids.FASTQC, 1), (ids.CAPSULE, 2)])
def test_a_run_takes_few_statements_of_its_own(app: Application, capsule: str, of_its_own: int) -> None:
    """The row alone; with templates, a look for the files too."""
    run = {"capsule_id": capsule}
    # The first notes when the capsule was last used, and the second reads it again.
    posted(app, "/computations", run, 2)
    posted(app, "/computations", run, 2)
    db = app.worlds.default.db

    def count(number: int) -> int:
        return len(statements(db, lambda: posted(app, "/computations", run, number)))

    assert count(MANY) - count(MANY - 1) == of_its_own


def test_a_commit_that_fails_is_an_answer_to_all_and_stands_in_the_journal(app: Application) -> None:
    before = body_of(app, f"/capsules/{ids.CAPSULE}/computations")
    posted(app, "/computations", RUN, 1)
    db = app.worlds.default.db
    first = app.worlds.default.journal.last
    with full_disk(db):
        answers = posted(app, "/computations", RUN, MANY)
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    assert all("the database cannot be used" in answer.json()["message"] for answer in answers)
    noted = app.worlds.default.journal.records(first)
    assert [record.status for _, record in noted] == [503] * MANY
    assert len(body_of(app, f"/capsules/{ids.CAPSULE}/computations")) == len(before) + 1
    again = posted(app, "/computations", RUN, MANY)
    assert len({answer.json()["id"] for answer in again} - {run["id"] for run in before}) == MANY
    assert len(body_of(app, f"/capsules/{ids.CAPSULE}/computations")) == len(before) + 1 + MANY


@pytest.mark.parametrize("path", ["/_mock/worlds", "/_mock/worlds/default", "/_ui/"])
def test_the_control_plane_and_the_dashboard_tell_of_nothing_that_is_lost(app: Application, path: str) -> None:
    world = app.worlds.default

    async def main() -> httpx.Response:
        async with client_of(app) as client:
            # A first look builds the part, and takes turns to do so.
            await client.get(f"http://127.0.0.1:8000{path}")
            with world.write():
                world.next_id()
            with full_disk(world.db):
                return await client.get(f"http://127.0.0.1:8000{path}")

    answer = asyncio.run(main())
    assert answer.status_code == 503
    assert "cannot be used" in json.loads(answer.content)["message"]
    assert asyncio.run(client_of(app).get(f"http://127.0.0.1:8000{path}")).is_error is False


def test_a_file_is_not_served_of_what_is_lost(app: Application) -> None:
    world = app.worlds.default
    url = body_of(app, f"/computations/{ids.PAST_RUN}/results/urls?path=output")["download_url"]

    async def main() -> httpx.Response:
        async with client_of(app) as client:
            with world.write():
                world.next_id()
            with full_disk(world.db):
                return await client.get(url, auth=None)

    answer = asyncio.run(main())
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/xml")
    assert "ServiceUnavailable" in answer.text


def test_what_is_acknowledged_is_in_the_file(app: Application, tmp_path: Path) -> None:
    answers = posted(app, "/computations", RUN, MANY)
    with closing(sqlite3.connect(tmp_path / "default.sqlite")) as other:
        there = {key for (key,) in other.execute("SELECT id FROM computation")}
    assert {answer.json()["id"] for answer in answers} <= there
