"""The index is what the rows are, whatever is done to them and in whatever order."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.domain.access import EVERYONE
from mock_server.domain.scenarios import ready_since
from mock_server.store import queries, schema
from mock_server.store.database import Database, open_database
from mock_server.store.index import writer
from mock_server.store.index.documents import COLUMNS
from mock_server.store.index.terms import terms_of
from mock_server.store.search import catching_up
from mock_server.worlds import DATABASE_NAME
from tests import ids
from tests.conftest import Client, Server

VIEWER = {"users": [{"email": "demo-viewer@example.com", "role": "viewer"}], "groups": [], "everyone": "none"}


def asset(key: str, created: float, name: str = "x") -> schema.DataAssetRow:
    plan = ready_since(created)
    return schema.DataAssetRow(
        id=key, name=name, mount="m", owner="ann", created=created, last_used=0.0, type="dataset", description=None,
        tags=["t"], archived=False, external=False, plan=plan, files=None, size=None, tree="", more={},
        settles=plan.ends_at,
    )  # fmt: skip


def add(db: Database, *assets: schema.DataAssetRow) -> None:
    """Add data assets, and their entries."""
    with db.transaction():
        for one in assets:
            queries.DATA_ASSETS.insert(db, one)
    catch_up(db)


def catch_up(db: Database) -> None:
    """Do what a search does first."""
    for _ in catching_up.steps(db):
        pass


def query(db: Database, sql: str) -> list[Any]:
    return db._connection.execute(sql).fetchall()


def check(db: Database) -> list[str]:
    """The ids in the order of the numbers. The terms of the index are those of the entries, no more and no less."""
    entries = [dict(zip(COLUMNS, row, strict=True)) for row in query(db, "SELECT * FROM entry ORDER BY doc")]
    expected = Counter(term for entry in entries for term in set(terms_of(entry).split()))
    db._connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, term, row)")
    found = dict(query(db, "SELECT term, doc FROM temp.vocabulary"))
    db._connection.execute("DROP TABLE temp.vocabulary")
    assert found == expected
    assert query(db, "SELECT count(*) FROM stale") == [(0,)]
    assert [(entry["created"], entry["id"]) for entry in entries] == sorted(
        (entry["created"], entry["id"]) for entry in entries
    )
    return [entry["id"] for entry in entries]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 3), st.booleans()), max_size=60),
    st.sampled_from((1, 2, 5, 20)),
    st.sampled_from((2, 3, 64)),
)
def test_numbers_stand_in_the_order_of_creation_and_id(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[int, int, bool]], at_once: int, gap: int
) -> None:
    monkeypatch.setattr(writer, "GAP", gap)
    monkeypatch.setattr(writer, "RUN", 2)
    db = open_database(None)
    there: dict[str, int] = {}
    for start in range(0, len(steps), at_once):
        with db.transaction():
            for number, created, stays in steps[start : start + at_once]:
                key = f"id-{number:02}"
                queries.DATA_ASSETS.delete(db, key)
                there.pop(key, None)
                if stays:
                    queries.DATA_ASSETS.insert(db, asset(key, created + 0.25, f"name {number}"))
                    there[key] = created
        catch_up(db)
    assert check(db) == sorted(there, key=lambda key: (there[key], key))
    db.close()


def test_a_thousand_in_one_second() -> None:
    db = open_database(None)
    keys = [f"{(number * 7919) % 1000:08x}-0000-4000-8000-000000000000" for number in range(1000)]
    for key in keys:
        add(db, asset(key, 5.0))
    assert check(db) == sorted(keys)
    db.close()


def test_numbers_are_in_order_when_the_newest_is_gone_and_others_have_come() -> None:
    db = open_database(None)
    for number in range(3):
        add(db, asset(f"first {number}", 5.0))
    with db.transaction():
        queries.DATA_ASSETS.delete(db, "first 2")
    add(db, *(asset(f"first 1{number}", 5.0) for number in range(4)), asset("next", 6.0), asset("later", 7.0))
    assert check(db) == ["first 0", "first 1", *(f"first 1{number}" for number in range(4)), "next", "later"]
    db.close()


def test_entries_of_one_second_seldom_make_each_other_move() -> None:
    db = open_database(None)
    keys = [blake2b(str(number).encode(), digest_size=16).hexdigest() for number in range(960)]
    for start in range(0, len(keys), 16):
        add(db, *(asset(key, 5.0) for key in keys[start : start + 16]))
    assert check(db) == sorted(keys)
    assert query(db, "SELECT count FROM moves")[0][0] <= 8
    db.close()


def test_what_fails_leaves_the_index_as_it_was() -> None:
    db = open_database(None)
    add(db, asset("one", 1.0))
    before = query(db, "SELECT * FROM entry")
    with pytest.raises(sqlite3.IntegrityError):
        add(db, asset("two", 2.0), asset("one", 1.0))
    assert query(db, "SELECT * FROM entry") == before
    assert check(db) == ["one"]
    db.close()


def test_every_change_through_the_api_is_seen_at_once(server: Server) -> None:
    db = server.app.worlds.default.db

    def found(client: Client, path: str = "/data_assets", **params: Any) -> list[str]:
        results = client.ask("POST", f"{path}/search", json={"sort_field": "created"} | params)["results"]
        check(db)
        return [entry["id"] for entry in results]

    with Client(server.url) as client:
        viewer = client.speaking_as("cop_demo_viewer")
        body = {"name": "Brandnew", "tags": ["one"], "mount": "m", "source": {"aws": {"bucket": "b"}}}
        made = client.ask("POST", "/data_assets", json=body | {"custom_metadata": {"sampling rate": 7}})["id"]
        assert found(client, query="brandnew tag:one") == [made]
        assert found(client, filters=[{"key": "sampling rate", "range": {"max": 7}}]) == [made]
        client.ask("PUT", f"/data_assets/{made}", json={"name": "Other", "tags": [], "custom_metadata": {}})
        assert found(client, query="brandnew") == found(client, query="tag:one") == []
        assert found(client, filters=[{"key": "sampling rate", "range": {"max": 7}}]) == []
        assert found(viewer, query="other") == []
        client.ask("POST", f"/data_assets/{made}/permissions", 204, json=VIEWER)
        assert found(viewer, query="other") == [made]
        assert found(client, query="other", ownership="private") == []
        client.ask("POST", f"/data_assets/{made}/permissions", 204, json=VIEWER | {"users": []})
        assert found(viewer, query="other") == []
        client.ask("PATCH", f"/data_assets/{made}/archive", 204, params={"archive": "true"})
        assert found(client, query="other") == []
        assert found(client, query="other", archived=True) == [made]
        client.ask("DELETE", f"/data_assets/{made}", 204)
        assert found(client, query="other", archived=True) == []
        assert found(client, "/capsules", query=ids.REFERENCE) == []
        client.ask("POST", f"/capsules/{ids.FASTQC}/data_assets", json=[{"id": ids.REFERENCE}])
        assert found(client, "/capsules", query=ids.REFERENCE) == [ids.FASTQC]
        assert found(client, "/capsules", query=ids.REFERENCE.upper()) == [ids.FASTQC]
        client.ask("DELETE", f"/capsules/{ids.FASTQC}/data_assets", 204, json=[ids.REFERENCE])
        assert found(client, "/capsules", query=ids.REFERENCE) == []
        before = found(client, "/capsules", sort_field="last_accessed")
        client.ask("POST", "/computations", json={"capsule_id": before[0]})
        assert found(client, "/capsules", sort_field="last_accessed")[-1] == before[0]


def test_two_servers_on_one_directory_see_each_others_changes(start: Callable[..., Server], tmp_path: Path) -> None:
    one, other = (Client(start(data_dir=tmp_path).url) for _ in range(2))
    with one, other:
        body = {"tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
        for number, (writing, reading) in enumerate(((one, other), (other, one)) * 3):
            key = writing.ask("POST", "/data_assets", json=body | {"name": f"written{number}"})["id"]
            found = reading.ask("POST", "/data_assets/search", json={"query": f"written{number}"})["results"]
            assert [entry["id"] for entry in found] == [key]
    db = open_database(tmp_path / DATABASE_NAME)
    catch_up(db)
    check(db)
    db.close()


def test_worlds_resets_and_snapshots_carry_their_index(server: Server) -> None:
    worlds = server.app.worlds
    world = worlds.create("copy")
    whole = check(world.db)
    assert whole
    added = replace(asset("added", 1.0), owner=ids.DEMO_USER)
    with world.write():
        queries.DATA_ASSETS.insert(world.db, added)
        queries.GRANTS.insert(world.db, schema.GrantRow(entity_id="added", subject=EVERYONE, role=2))
    worlds.save(world, "early")
    catch_up(world.db)
    assert check(world.db) == ["added", *whole]
    worlds.save(world, "kept")
    asyncio.run(worlds.reset(world))
    assert check(world.db) == whole
    for name in ("kept", "early"):
        asyncio.run(worlds.load(world, name))
        assert check(world.db) == ["added", *whole]


def test_signs_by_which_the_index_writes_others_are_not_taken_for_them(server: Server) -> None:
    with Client(server.url) as client:
        body = {"tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
        plain, odd = (client.ask("POST", "/data_assets", json=body | {"name": f"f1{sign}hello"}) for sign in " \ue020")
        for query, expected in (
            ('name:"f1 "', plain),
            ("name:f1\ue020", odd),
            ('name:"1 h"', plain),
            ("name:\ue020h", odd),
        ):
            found = client.ask("POST", "/data_assets/search", json={"query": query})["results"]
            assert [entry["id"] for entry in found] == [expected["id"]]
