"""Pages while others write: what was there throughout is seen exactly once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.data_asset import DataAssetSearchParams

from mock_server.store.search import pages, scan
from mock_server.store.statement import Statement
from tests.conftest import USER, Client, HandClock, Server

SOURCE = {"aws": {"bucket": "b"}}

SEARCHES: list[dict[str, Any]] = [
    {},
    {"query": "red"},
    {"query": "red over"},
    {"query": "tag:kept"},
    {"sort_field": "name"},
    {"sort_field": "name", "sort_order": "desc", "query": "red"},
    {"sort_field": "created"},
    {"sort_field": "type", "sort_order": "desc"},
    {"sort_field": "size", "filters": [{"key": "tags", "value": "kept"}]},
]


@pytest.fixture(params=[True, False], ids=["many", "few"])
def _bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with bounds that thirty objects are many for."""
    if request.param:
        monkeypatch.setattr(pages, "WINDOW", 8)
        monkeypatch.setattr(pages, "FEW", 5)
        monkeypatch.setattr(scan, "AT_ONCE", 5)
        monkeypatch.setattr(scan, "PROBED", 10)


@pytest.fixture
def empty(start: Callable[..., Server]) -> Iterator[Client]:
    with Client(start(seed="empty").url) as client:
        yield client


def create(client: Client, number: int, *tags: str) -> str:
    body = {
        "name": f"{'red' if number % 3 else 'blue'} {number % 7}",
        "description": "Red all over." if number % 2 else "Blue and red.",
        "tags": list(tags),
        "mount": "m",
        "source": SOURCE,
    }
    return str(client.ask("POST", "/data_assets", json=body)["id"])


@pytest.mark.usefixtures("_bounds")
@pytest.mark.parametrize("params", SEARCHES, ids=str)
def test_what_is_there_throughout_is_seen_once_and_in_order(
    empty: Client, clock: HandClock, params: dict[str, Any]
) -> None:
    kept, doomed = [], []
    for number in range(30):
        kept.append(create(empty, number, "kept"))
        doomed.append(create(empty, number, "kept", "doomed"))
        clock.advance(0.4)
    whole = [
        entry["id"] for entry in empty.ask("POST", "/data_assets/search", json=params | {"limit": 1000})["results"]
    ]
    seen: list[str] = []
    token = None
    for step in range(100):
        page = empty.ask("POST", "/data_assets/search", json=params | {"limit": 4, "next_token": token})
        seen += [entry["id"] for entry in page["results"]]
        token = page.get("next_token")
        if not page["has_more"]:
            break
        create(empty, step, "kept")
        if seen[-1] in doomed:
            empty.ask("DELETE", f"/data_assets/{seen[-1]}", 204)
            doomed.remove(seen[-1])
        for key in doomed[step % 5 :: 7]:
            empty.ask("DELETE", f"/data_assets/{key}", 204)
            doomed.remove(key)
        clock.advance(0.4)
    assert token is None
    assert len(seen) == len(set(seen))
    expected = [key for key in whole if key in kept]
    found = [key for key in seen if key in kept]
    if params in (
        {"query": "red"},
        {"query": "red over"},
    ):  # What is deleted makes room for others in the window that relevance ranks.
        found, expected = sorted(found), sorted(expected)
    assert found == expected


def test_the_quirk_of_overlapping_pages(start: Callable[..., Server]) -> None:
    server = start(search_quirks=True)
    sdk = CodeOcean(domain=server.url, token=USER)
    with Client(server.url) as client:
        whole = [entry["id"] for entry in client.ask("POST", "/data_assets/search", json={})["results"]]
    found = [asset.id for asset in sdk.data_assets.search_data_assets_iterator(DataAssetSearchParams(limit=4))]
    pages = [whole[start : start + 4] for start in range(0, len(whole) - 1, 3)]
    assert found == [key for page in pages for key in page]
    single = [asset.id for asset in sdk.data_assets.search_data_assets_iterator(DataAssetSearchParams(limit=1))]
    assert single == whole
    sdk.session.close()


def test_the_quirk_of_long_names(start: Callable[..., Server]) -> None:
    for quirks, expected in ((True, []), (False, ["Example capsule to execute for capsule API"])):
        with Client(start(search_quirks=quirks).url) as client:

            def names(query: str, client: Client = client) -> list[str]:
                found = client.ask("POST", "/capsules/search", json={"query": query, "status": "non_release"})[
                    "results"
                ]
                return [entry["name"] for entry in found]

            assert names('name:"Example capsule to e"') == ["Example capsule to execute for capsule API"]
            assert names('name:"Example capsule to execute"') == expected


def test_a_search_begins_again_when_entries_move_under_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    db = server.app.worlds.default.db
    page, begun = pages.page, []

    def interrupted(*asked: Any, **more: Any) -> Any:
        begun.append(pages.moves(db))
        if len(begun) == 1:
            db.write(Statement("UPDATE moves SET count = count + 1"), {})
            yield
            raise AssertionError("what was begun before is not gone on with")
        return (yield from page(*asked, **more))

    with Client(server.url) as client:
        whole = client.ask("POST", "/data_assets/search", json={})
        monkeypatch.setattr(pages, "page", interrupted)
        assert client.ask("POST", "/data_assets/search", json={}) == whole
    assert begun == [0, 1]


def test_a_world_that_is_dropped_ends_its_searches(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    with Client(server.url, f"{USER}@short") as client:
        client.ask("POST", "/data_assets/search", json={})
        world = server.app.worlds.require("short")

        def interrupted(*_: Any, **__: Any) -> Iterator[None]:
            yield
            server.app.worlds.drop("short")
            yield

        monkeypatch.setattr(pages, "page", interrupted)
        refused = client.ask("POST", "/data_assets/search", 503, json={})
        assert refused["message"] == "the world was dropped while the request was on its way"
        assert world.db.condition.is_closed
