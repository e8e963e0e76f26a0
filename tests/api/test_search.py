"""Search over the demo world: words, names, tags, filters, orders, pages."""

from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.capsule import CapsuleSearchParams
from codeocean.data_asset import DataAssetSearchParams

from tests import ids
from tests.conftest import Client, HandClock

APART_FROM_THE_STORY = {"filters": [{"key": "tags", "value": "contrast-detection", "exclude": True}]}
"""Finds the data assets of the demo world that its story does not need."""


def found(client: Client, path: str, **params: Any) -> list[str]:
    return [entry["id"] for entry in client.ask("POST", path, json={"limit": 1000} | params)["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name:co tag:x1", {ids.COMMONCRAWL, ids.DATASETS}),
        ("NAME:COD", {ids.DATASETS}),
        ("name:iris name:commoncrawl", {ids.IRIS, ids.COMMONCRAWL}),
        ("tag:t1 tag:x1", {ids.MY_DATASET, ids.COMMONCRAWL, ids.DATASETS}),
        ('name:"codeocean datasets"', {ids.DATASETS}),
        ("codeocean datasets", {ids.DATASETS}),
        ('"sepals and petals"', {ids.IRIS}),
        ("668759", {ids.IRIS}),
        ("tag:66875", set()),
        ("tag:nothing", set()),
        ("[", set()),
        ('foo:"a b"', set()),
        ("'; drop table dataasset; --", set()),
    ],
)
def test_queries(client: Client, query: str, expected: set[str]) -> None:
    assert set(found(client, "/data_assets/search", query=query)) == expected


SEARCHES = ("data_assets", "capsules", "pipelines")


def test_a_name_before_a_colon_that_is_not_a_field_is_a_word_in_all_searches(client: Client) -> None:
    """As one library asks at every start: `id` is a field of capsules, `subject id` one of the custom metadata."""
    for query in ("subject id:668759", "subject id: 668759", "doi:zyx 668759"):
        assert found(client, "/data_assets/search", query=query, limit=1) == [ids.IRIS]
        old = client.ask("GET", "/data_assets", params={"query": query, "limit": 1})
        assert [entry["id"] for entry in old["results"]] == [ids.IRIS]
    for kind in SEARCHES:
        for name in ("subject id", "data level", "note", "run_script", "doi", "Größe"):
            client.ask("POST", f"/{kind}/search", json={"query": f'{name}:x {name}:"x y"'})
            client.ask("POST", f"/{kind}/search", json={"query": f'"{name}":x'})
        client.ask("POST", f"/{kind}/search", json={"query": "data level: x"})


def test_one_of_several_words_has_to_match_and_objects_with_all_of_them_come_first(client: Client) -> None:
    made = []
    for name, description in (("Zebra", "A giraffe."), ("Giraffe", ""), ("Zebra", "Of no other animal.")):
        body = {"name": name, "description": description, "tags": ["ranked"], "mount": "m"}
        made.append(client.ask("POST", "/data_assets", json=body | {"source": {"aws": {"bucket": "b"}}})["id"])
    assert found(client, "/data_assets/search", query="zebra giraffe")[0] == made[0]
    assert set(found(client, "/data_assets/search", query="zebra giraffe")) == set(made)
    assert set(found(client, "/data_assets/search", query="zebra zebra")) == {made[0], made[2]}
    assert found(client, "/data_assets/search", query="zebra giraffe name:giraffe") == [made[1]]
    assert found(client, "/data_assets/search", query="nosuchword", limit=5) == []


def named(client: Client, *names: str) -> list[str]:
    """Make data assets; their ids."""
    body = {"tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
    return [client.ask("POST", "/data_assets", json=body | {"name": name})["id"] for name in names]


def test_a_full_name_does_not_find_what_was_derived_from_the_object(client: Client) -> None:
    raw = "lab-x_1_2025-03-21_14-14-28"
    first, derived = named(client, raw, f"{raw}_processed_2025-04-01_10-00-00")
    for search in (
        {"query": raw},
        {"query": f'"{raw}"'},
        {"query": f"name:{raw}"},
        {"filters": [{"key": "name", "value": raw}]},
        {"filters": [{"key": "name", "values": [raw.upper()]}]},
    ):
        assert found(client, "/data_assets/search", **search) == [first], search
    excluded = {"filters": [{"key": "name", "value": raw, "exclude": True}], "query": "name:lab-x"}
    assert found(client, "/data_assets/search", **excluded) == [derived]
    old = client.ask("GET", "/data_assets", params={"query": raw})
    assert ([entry["id"] for entry in old["results"]], old["total"]) == ([first], 1)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("multiplane-ophys_472271_2019-10-07_05-46-00", "multiplane"),
        ("multiplane-ophys_472271_2019-10-07_05-46-00", "multiplane-ophys_472"),
        ("single-plane-ophys_812345_2026-01-02_03-04-05", "single-plane-ophys_8"),
        ("Zebra quagga GRCz11", "Zeb"),
        ("Zebra quagga GRCz11", "quag"),
        ("ZEBRA_quagga", "zebra_"),
    ],
)
def test_a_beginning_of_a_name_up_to_20_characters_finds_it(client: Client, name: str, beginning: str) -> None:
    made = named(client, name, f"other {name[-4:]}")[0]
    assert found(client, "/data_assets/search", query=beginning) == [made]
    assert found(client, "/data_assets/search", query=f"name:{beginning}") == [made]
    assert found(client, "/data_assets/search", filters=[{"key": "name", "value": beginning}]) == [made]
    assert found(client, "/data_assets/search", query=f'"{name}x"') == []


def test_a_beginning_finds_objects_of_the_demo(client: Client) -> None:
    assert ids.REFERENCE in found(client, "/data_assets/search", query="Refer")
    assert ids.CAPSULE in found(client, "/capsules/search", query="Examp")
    every = found(client, "/pipelines/search")
    pipelines = {key: client.ask("GET", f"/pipelines/{key}")["name"] for key in every}
    for key, name in pipelines.items():
        assert key in found(client, "/pipelines/search", query=name[:3])


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"type": "result"}, {"c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87"}),
        ({"origin": "external"}, {ids.IMAGING, ids.BEHAVIOR}),
        ({"favorite": True}, {"c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87"}),
        ({"ownership": "shared"}, set()),
        ({"archived": True}, {ids.ARCHIVED}),
    ],
)
def test_filters(client: Client, params: dict[str, Any], expected: set[str]) -> None:
    assert set(found(client, "/data_assets/search", **params, **APART_FROM_THE_STORY)) == expected


def test_ownership(client: Client) -> None:
    created = set(found(client, "/data_assets/search", ownership="created", **APART_FROM_THE_STORY))
    assert created - set(found(client, "/data_assets/search", ownership="private")) == {ids.IRIS}
    shared = found(client, "/data_assets/search", ownership="shared")
    assert len(shared) == 36
    assert not created & set(shared)
    viewer = client.speaking_as("cop_demo_viewer")
    assert found(viewer, "/data_assets/search", ownership="shared") == [ids.IRIS]
    assert found(viewer, "/data_assets/search") == [ids.IRIS]
    admin = client.speaking_as("cop_demo_admin")
    assert {ids.OTHERS_ASSET, ids.IRIS} <= set(found(admin, "/data_assets/search"))


def test_orders(client: Client) -> None:
    results = client.ask("POST", "/data_assets/search", json={})["results"]
    created = [entry["created"] for entry in results]
    assert created == sorted(created, reverse=True)
    by_size = client.ask("POST", "/data_assets/search", json={"sort_field": "size", "sort_order": "desc"})["results"]
    assert by_size[0]["id"] == ids.COMMONCRAWL
    ignored = client.ask("POST", "/data_assets/search", json={"sort_order": "asc"})["results"]
    assert ignored == results
    capsules = client.ask("POST", "/capsules/search", json={})["results"]
    assert [entry["name"] for entry in capsules] == sorted(entry["name"] for entry in capsules)


def test_capsules_and_pipelines_are_searched_apart(client: Client) -> None:
    pipelines = set(found(client, "/pipelines/search"))
    assert pipelines == {
        ids.PIPELINE,
        ids.NAMED_PIPELINE,
        ids.RNA_PIPELINE,
        ids.BOTH_PIPELINE,
        ids.TABLE_PIPELINE,
        ids.RELEASED_PIPELINE,
        ids.SORTING_PIPELINE,
    }
    assert not pipelines & set(found(client, "/capsules/search"))
    assert set(found(client, "/capsules/search", query='tag:"bad example"')) == {
        ids.FAILS,
        ids.SILENT,
        ids.SLOW,
        ids.MANY_FILES,
    }
    assert found(client, "/capsules/search", status="release") == [ids.RELEASE]
    assert ids.OTHERS_CAPSULE not in found(client, "/capsules/search")


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_the_sdks_iterators_see_everything_once(sdk: CodeOcean, limit: int) -> None:
    capsules = [c.id for c in sdk.capsules.search_capsules_iterator(CapsuleSearchParams(limit=limit))]
    assert len(capsules) == len(set(capsules)) == 19
    for sort in (None, "name", "size", "type", "created"):
        params = DataAssetSearchParams(limit=limit, sort_field=sort, sort_order="desc")
        assets = [asset.id for asset in sdk.data_assets.search_data_assets_iterator(params)]
        assert len(assets) == len(set(assets)) == 56


def test_pages_stand_still_while_others_write(client: Client, clock: HandClock) -> None:
    there = found(client, "/data_assets/search", **APART_FROM_THE_STORY)
    seen: list[str] = []
    token = None
    for step in range(100):
        page = client.ask("POST", "/data_assets/search", json={"limit": 2, "next_token": token} | APART_FROM_THE_STORY)
        seen += [entry["id"] for entry in page["results"]]
        token = page.get("next_token")
        if not page["has_more"]:
            break
        clock.advance(1)
        new = {"name": f"n{step}", "tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
        client.ask("POST", "/data_assets", json=new)
        client.ask("DELETE", f"/data_assets/{seen[-1]}", 204) if seen[-1] not in (ids.ATTACHED,) else None
    assert [key for key in seen if key in there] == there
    assert len(seen) == len(set(seen))


def test_offset_and_its_old_name(client: Client) -> None:
    everything = found(client, "/data_assets/search")
    assert found(client, "/data_assets/search", offset=4, limit=2) == everything[4:6]
    assert found(client, "/data_assets/search", **{"from": 4, "limit": 2}) == everything[4:6]
    assert found(client, "/data_assets/search", **{"from": 4, "offset": None, "limit": 2}) == everything[4:6]


def test_a_token_of_another_search_is_refused(client: Client) -> None:
    token = client.ask("POST", "/data_assets/search", json={"limit": 1})["next_token"]
    client.ask("POST", "/data_assets/search", json={"limit": 5, "next_token": token})
    client.ask("POST", "/data_assets/search", 400, json={"next_token": token, "query": "iris"})
    client.ask("POST", "/capsules/search", 400, json={"next_token": token})
    forged = f"bnVsbA==.{token.partition('.')[2]}"
    for made_up in ("NQ==", "x", "e30=", "WzEsMiwzXQ==", "é", "[" * 50_000, f"{token}x", forged):
        client.ask("POST", "/data_assets/search", 400, json={"next_token": made_up})


def test_the_old_search(client: Client) -> None:
    page = client.ask("GET", "/data_assets")
    assert len(page["results"]) == 10
    assert page["total"] == 56
    assert page["has_more"] is True
    assert "next_token" not in page
    rest = client.ask("GET", "/data_assets", params={"start": 55})
    assert len(rest["results"]) == 1
    assert rest["has_more"] is False
    for wrong in ("limit=0", "limit=1001", "limit=x", "limit=1.0", "start=-1", "type=model", "favorite=yes"):
        client.ask("GET", f"/data_assets?{wrong}", 400)
