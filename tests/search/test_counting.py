"""Totals: what was counted is remembered, and is never what it was before a change."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mock_server.store import queries
from mock_server.store.index import blocks
from mock_server.store.search import count_cache, pages
from mock_server.store.search.scan import Hits
from tests.conftest import Client, HandClock, Server

BODY = {"tags": ["counted"], "mount": "m", "source": {"aws": {"bucket": "b"}}}


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The blocks that were counted, each of which has room for four entries."""
    monkeypatch.setattr(blocks, "LENGTH", 4 * blocks.GAP)
    found: list[int] = []
    count = Hits.count

    def noted(hits: Hits, low: int, high: int) -> Any:
        found.append(low // blocks.LENGTH)
        return count(hits, low, high)

    monkeypatch.setattr(Hits, "count", noted)
    return found


def create(client: Client, name: str = "x") -> str:
    return str(client.ask("POST", "/data_assets", json=BODY | {"name": name})["id"])


def total(client: Client, query: str = "tag:counted") -> int:
    return int(client.ask("GET", "/data_assets", params={"query": query, "limit": 1})["total"])


def test_only_blocks_that_have_changed_are_counted_again(
    start: Callable[..., Server], clock: HandClock, counted: list[int]
) -> None:
    with Client(start(seed="empty").url) as client:
        assert total(client) == 0
        made = []
        for _ in range(12):
            made.append(create(client))
            clock.advance(1)
        counted.clear()
        assert total(client) == 12
        assert len(counted) == 4
        assert total(client) == 12
        assert len(counted) == 4
        client.ask("DELETE", f"/data_assets/{made[5]}", 204)
        assert total(client) == 11
        assert counted[4:] == [1]
        client.ask("PUT", f"/data_assets/{made[9]}", json={"tags": []})
        assert total(client) == 10
        assert counted[4:] == [1, 2]


def test_a_phrase_that_has_to_be_looked_at_is_remembered_too(
    start: Callable[..., Server], clock: HandClock, counted: list[int]
) -> None:
    with Client(start(seed="empty").url) as client:
        for number in range(9):
            create(client, "the red fox" if number % 2 else "the red the fox")
            clock.advance(1)
        counted.clear()
        for _ in range(2):
            assert total(client, '"the red fox"') == 4
        assert len(counted) == 3


def test_a_few_searches_are_remembered(client: Client, counted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_cache, "KEPT", 2)
    one, two, three = "tag:counted", "x tag:counted", "x"
    create(client)
    create(client)
    for query, again in ((one, True), (two, True), (one, False), (three, True), (one, False), (two, True)):
        counted.clear()
        assert total(client, query) == 2
        assert bool(counted) == again


def test_what_is_made_meanwhile_does_not_contradict_the_page(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = pages.page

    def then_create(*asked: Any, **more: Any) -> Any:
        found = yield from page(*asked, **more)
        monkeypatch.setattr(pages, "page", page)
        world = server.app.worlds.default
        with world.write():
            kept = queries.DATA_ASSETS.get(world.db, first)
            assert kept is not None
            queries.DATA_ASSETS.insert(world.db, replace(kept, id=world.next_id()))
        return found

    first = create(client)
    for start, expected, rows in ((0, 1, 1), (2, 2, 0), (5, 4, 0)):
        monkeypatch.setattr(pages, "page", then_create)
        shown = client.ask("GET", "/data_assets", params={"query": "tag:counted", "limit": 2, "start": start})
        assert (shown["total"], len(shown["results"])) == (expected, rows)
    monkeypatch.setattr(pages, "page", then_create)
    shown = client.ask("GET", "/data_assets", params={"query": "tag:counted", "limit": 4})
    assert (shown["total"], len(shown["results"]), shown["has_more"]) == (4, 4, False)


def test_others_see_their_own(client: Client) -> None:
    create(client)
    viewer = client.speaking_as("cop_demo_viewer")
    assert [total(client), total(viewer), total(client)] == [1, 0, 1]


def test_resets_and_snapshots_bring_back_their_totals(start: Callable[..., Server]) -> None:
    """Marks begin anew behind a snapshot: what happens next has the marks of what had happened before."""
    server = start(seed="empty")
    worlds = server.app.worlds
    world = worlds.default
    with Client(server.url) as client:
        kept = create(client)
        worlds.save(world, "one")
        create(client)
        assert total(client) == 2
        asyncio.run(worlds.load(world, "one"))
        client.ask("PUT", f"/data_assets/{kept}", json={"tags": []})
        assert total(client) == 0
        asyncio.run(worlds.load(world, "one"))
        assert total(client) == 1
        asyncio.run(worlds.reset(world))
        assert total(client) == 0


def test_two_servers_on_one_directory_count_each_others(start: Callable[..., Server], tmp_path: Path) -> None:
    one, other = (Client(start(data_dir=tmp_path).url) for _ in range(2))
    with one, other:
        for number in range(1, 6):
            create(one if number % 2 else other)
            assert (total(one), total(other)) == (number, number)
