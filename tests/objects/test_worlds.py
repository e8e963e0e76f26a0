"""Worlds with S3: each has a bucket of its own; what becomes of it when they are reset, saved, loaded and dropped."""

from collections import Counter
from typing import Any

import httpx
import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place, bucket_exists
from mock_server.services.objects.jobs import MOST_PLAYED
from tests import ids
from tests.objects.deployment import FILES, Deployed, deployed, keys, setting_of, sizes
from tests.process import until

RUN = {"computation": {"id": ids.PAST_RUN}}


def folders(world: Deployed) -> set[str]:
    """The names under which something lies in the bucket of a world."""
    return {key.partition("/")[0] for key in keys(Place(world.endpoint, world.own))}


def is_filled(world: Deployed) -> bool:
    """Whether what is in the bucket of a world is all that its data assets have there: internal ones, but those that
    are played and too large.
    """
    found = []
    for archived in (False, True):
        request = {"limit": 1000, "origin": "internal", "archived": archived}
        found += world.admin.ask("POST", "/data_assets/search", json=request)["results"]
    expected = {one["id"]: one["files"] for one in found if 0 < one["size"] <= MOST_PLAYED}
    return expected == Counter(key.partition("/")[0] for key in keys(Place(world.endpoint, world.own)))


def test_the_bucket_of_a_world_is_removed_with_it(world: Deployed) -> None:
    world.create(source=RUN)
    own = world.own
    assert bucket_exists(world.endpoint, own)
    world.deployment.control.delete_world(world.name)
    until(lambda: not bucket_exists(world.endpoint, own))


def test_a_world_that_is_dropped_while_it_is_filled_leaves_nothing(world: Deployed) -> None:
    files = {f"{number}.bin": bytes([number]) * 50_000 for number in range(100)}
    bucket, own = world.bucket(files), world.own
    drafts = [world.begin(source={"aws": {"bucket": bucket}})["id"] for _ in range(6)]
    until(lambda: bool(world.lying(drafts[0])))
    world.deployment.control.delete_world(world.name)
    until(lambda: not bucket_exists(world.endpoint, own))
    with world.deployment.new_world() as other:
        # Something that takes as long as what was going on then.
        other.from_bucket(bucket)
    assert not bucket_exists(world.endpoint, own)


def test_the_buckets_of_worlds_are_removed_when_a_server_stops(endpoint: Endpoint) -> None:
    with deployed(setting_of(endpoint), endpoint) as deployment, deployment.world("mine") as world:
        world.create(source=RUN)
        own = world.own
        assert bucket_exists(endpoint, own)
        with deployment.world() as default:
            kept = default.create(source=RUN)
            of_default = default.own
    assert not bucket_exists(endpoint, own)
    assert bucket_exists(endpoint, of_default)
    assert endpoint.client.list_objects_v2(Bucket=of_default, Prefix=kept["id"])["KeyCount"] == kept["files"]


def test_a_server_that_stops_while_a_world_is_filled_leaves_no_bucket(endpoint: Endpoint) -> None:
    files = {f"{number}.bin": bytes([number]) * 50_000 for number in range(100)}
    with deployed(setting_of(endpoint), endpoint) as deployment, deployment.world("mine") as world:
        bucket, own = world.bucket(files), world.own
        drafts = [world.begin(source={"aws": {"bucket": bucket}})["id"] for _ in range(4)]
        until(lambda: bool(world.lying(drafts[0])))
    assert not bucket_exists(endpoint, own)
    with deployed(setting_of(endpoint), endpoint) as deployment, deployment.world() as world:
        world.from_bucket(bucket)
    assert not bucket_exists(endpoint, own)


def test_worlds_whose_names_are_alike_have_buckets_of_their_own(embedded: Any) -> None:
    names = ["a.b", "a_b", "a-b", "A-B", "x" * 64, "x" * 63 + "y"]
    buckets = set()
    for name in names:
        with embedded.world(name) as world:
            world.get(ids.IRIS)
            buckets.add(world.own)
        embedded.control.delete_world(name)
    assert len(buckets) == len(names)
    assert all(3 <= len(bucket) <= 63 for bucket in buckets)


def test_a_reset_removes_what_a_world_has_written(world: Deployed) -> None:
    bucket = world.bucket(FILES)
    until(lambda: is_filled(world))
    before = world.in_bucket(world.own)
    made = [world.from_bucket(bucket), world.create(source=RUN)]
    world.from_bucket(bucket, keep_on_external_storage=True)
    captured = world.bucket({})
    world.create(source=RUN, target={"aws": {"bucket": captured, "prefix": "x"}})
    kept = world.in_bucket(captured)
    world.delete(ids.IMAGING)
    assert {one["id"] for one in made} < folders(world)
    world.control.reset()
    until(lambda: world.in_bucket(world.own) == before)
    assert world.in_bucket(bucket) == FILES
    # What was written where somebody wanted it is theirs.
    assert world.in_bucket(captured) == kept


def test_a_reset_ends_what_is_under_way(world: Deployed) -> None:
    files = {f"{number}.bin": bytes([number]) * 50_000 for number in range(60)}
    bucket = world.bucket(files)
    until(lambda: is_filled(world))
    before = folders(world)
    for _ in range(3):
        drafts = [world.begin(source={"aws": {"bucket": bucket}})["id"] for _ in range(4)]
        until(lambda drafts=drafts: bool(world.lying(drafts[0])))  # type: ignore[misc]
        world.control.reset()
        # The same ids are given out again.
        ready = world.from_bucket(bucket, "1.bin")
        assert world.lying(ready["id"]) == {"1.bin": files["1.bin"]}
        world.control.reset()
        until(lambda: folders(world) == before)


@pytest.mark.parametrize("change", ["nothing", "deleted"])
def test_a_world_goes_on_as_it_was_saved(request: pytest.FixtureRequest, world: Deployed, change: str) -> None:
    made = {"copied": world.from_bucket(world.bucket(FILES)), "captured": world.create(source=RUN)}
    before = {one["id"]: world.lying(one["id"]) for one in made.values()}
    snapshot = f"saved-{world.name}"
    world.control.save(snapshot)
    try:
        later = world.create(source=RUN)
        if change == "deleted":
            for key in before:
                world.delete(key)
            until(lambda: not folders(world) & before.keys())
        world.control.load(snapshot)
        until(lambda: later["id"] not in folders(world))
        if change == "deleted" and world.deployment is request.getfixturevalue("beside"):
            # A snapshot refers to what lay in a bucket alone, and does not hold it.
            copied = made["copied"]["id"]
            assert set(before.pop(copied)) == set(FILES)
            assert httpx.get(world.urls(copied, "table.csv")["download_url"]).status_code in (403, 404)
        check_loaded(world, before)
    finally:
        world.deployment.control.delete_snapshot(snapshot)


def test_a_snapshot_is_loaded_into_another_world(world: Deployed) -> None:
    made = {"copied": world.from_bucket(world.bucket(FILES)), "captured": world.create(source=RUN)}
    before = {one["id"]: world.lying(one["id"]) for one in made.values()}
    snapshot = f"saved-{world.name}"
    world.control.save(snapshot)
    try:
        with world.deployment.new_world() as other:
            other.control.load(snapshot)
            check_loaded(other, before)
            for key in before:
                other.delete(key)
            until(lambda: not folders(other) & before.keys())
        with world.deployment.new_world(snapshot=snapshot) as another:
            check_loaded(another, before)
        # Nothing of that has touched what is behind the world that was saved.
        assert {key: world.lying(key) for key in before} == before
    finally:
        world.deployment.control.delete_snapshot(snapshot)


def check_loaded(world: Deployed, files: dict[str, dict[str, bytes]]) -> None:
    """A data asset that is ready has its bytes, where it says that they are."""
    for key, expected in files.items():
        until(lambda key=key, expected=expected: world.lying(key) == expected)  # type: ignore[misc]
        assert world.get(key)["state"] == "ready"
        assert world.listed(key) == sizes(expected)
        for path, body in expected.items():
            assert world.fetch(world.urls(key, path)["download_url"]) == body
