"""Data assets, as recorded answers of the real service show them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane, World, asset_of, started

METADATA = {"subject id": "685789", "sampling rate": 30, "acquisition date": 1570254360, "modalities": ["b", "a"]}
TAGS = ["zebra", "ecephys", "685789", "Apple", "ecephys-2"]


def everywhere(client: Client, key: str) -> list[Any]:
    """A data asset by itself, in a search, in the old search."""
    pages = [
        client.ask("POST", "/data_assets/search", json={"limit": 1000}),
        client.ask("GET", "/data_assets", params={"limit": 1000}),
    ]
    rows = [row for page in pages for row in page["results"] if row["id"] == key]
    assert len(rows) == 2
    return [client.ask("GET", f"/data_assets/{key}"), *rows]


def test_custom_metadata_keeps_numbers_as_numbers_and_texts_as_texts(own: World, user: Client) -> None:
    asset = asset_of(user, custom_metadata=METADATA)
    user.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json={"custom_metadata": METADATA | {"sampling rate": 0.5}})
    for key, rate in ((asset, 30), (ids.MY_DATASET, 0.5)):
        for shown in everywhere(user, key):
            assert shown["custom_metadata"] == METADATA | {"sampling rate": rate}
            kinds = {name: type(value) for name, value in shown["custom_metadata"].items()}
            assert kinds == {
                "subject id": str,
                "sampling rate": type(rate),
                "acquisition date": int,
                "modalities": list,
            }


def test_custom_metadata_is_in_the_order_of_its_names(own: World, user: Client) -> None:
    made = asset_of(user, custom_metadata=METADATA)
    user.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json={"custom_metadata": METADATA})
    for key in (made, ids.MY_DATASET, ids.IRIS):
        for shown in everywhere(user, key):
            names = list(shown["custom_metadata"])
            assert names == sorted(names)
            assert len(names) > 2


def test_custom_metadata_without_declared_fields_keeps_its_types_too(start: Callable[..., Server]) -> None:
    values = {"a": 685789, "b": "685789", "c": 1.5, "d": "1.5"}
    with Client(start(seed="empty").url) as client:
        asset = asset_of(client, custom_metadata=values)
        for shown in everywhere(client, asset):
            assert {name: repr(value) for name, value in shown["custom_metadata"].items()} == {
                name: repr(value) for name, value in values.items()
            }


def test_tags_keep_their_order(own: World, user: Client) -> None:
    asset = asset_of(user, tags=TAGS)
    user.ask("PUT", f"/data_assets/{ids.MY_DATASET}", json={"tags": TAGS[::-1]})
    for key, tags in ((asset, TAGS), (ids.MY_DATASET, TAGS[::-1])):
        assert [shown["tags"] for shown in everywhere(user, key)] == [tags] * 3


@pytest.mark.parametrize("tags", [[], None])
def test_tags_are_left_out_where_there_are_none(own: World, user: Client, tags: list[str] | None) -> None:
    user.ask("PUT", f"/data_assets/{ids.IRIS}", json={"tags": []} if tags is not None else {"name": "Iris"})
    assert all(("tags" in shown) == (tags is None) for shown in everywhere(user, ids.IRIS))


def test_files_and_size_are_left_out_together_where_nobody_knows_them(own: World, user: Client) -> None:
    own.load("version: 1\nscenarios: [{name: own, kind: data_asset, when: {tag: x}, failure_reason: access denied}]")
    failed, ready = asset_of(user, tags=["x"]), asset_of(user)
    own.advance(by="1m")
    for shown in everywhere(user, failed):
        assert (shown["state"], {"files", "size"} & set(shown)) == ("failed", set())
    for shown in everywhere(user, ready):
        assert (shown["state"], {"files", "size"} & set(shown)) == ("ready", {"files", "size"})


def test_a_result_has_provenance_and_a_data_asset_that_was_never_used_says_so(own: World, user: Client) -> None:
    run = started(user, data_assets=[{"id": ids.MOUSE}])
    own.advance(by="1h")
    asset = asset_of(user, source={"computation": {"id": run}})
    for shown in everywhere(user, asset):
        assert set(shown["provenance"]) == {
            "capsule", "commit", "computation", "data_assets", "docker_image", "run_script",
        }  # fmt: skip
        assert shown["last_used"] == 0
        assert "custom_metadata" not in shown


def test_a_result_with_a_target_counts_all_that_lies_under_the_prefix(
    start: Callable[..., Server], clock: HandClock
) -> None:
    """Objects that are older than the run too."""
    server = start()
    with Plane(server.url), Client(server.url) as client:
        counted = {}
        for prefix in ("PREFIX", "elsewhere"):
            target = {"aws": {"bucket": "MY_BUCKET", "prefix": prefix}}
            key = asset_of(client, source={"computation": {"id": ids.PAST_RUN}}, target=target)
            clock.advance(60)
            shown = client.ask("GET", f"/data_assets/{key}")
            assert shown["source_bucket"] == {
                "bucket": "MY_BUCKET", "external": True, "origin": "aws", "prefix": prefix,
            }  # fmt: skip
            counted[prefix] = shown["files"], shown["size"]
    older = (2, len("id,value\n1,10\n2,20\n") + 4194304)
    assert counted["PREFIX"] == (counted["elsewhere"][0] + older[0], counted["elsewhere"][1] + older[1])
