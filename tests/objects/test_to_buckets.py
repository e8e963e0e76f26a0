"""What is written to buckets: captures, transfers, and what a deletion removes."""

import os
from pathlib import Path
from typing import Any

import pytest

from mock_server.s3.endpoint import Endpoint
from tests import ids
from tests.api.test_where_files_are import RELEASED
from tests.objects.deployment import FILES, Deployed, deployed, setting_of, sizes
from tests.process import until

RUN = {"computation": {"id": ids.PAST_RUN}}

OTHERS = {"other.txt": b"of somebody else", "into/other.txt": b"was there before", "into-the/x.txt": b"a neighbour"}

GONE = f"nobody-has-this-{os.getpid()}"


def results(world: Deployed) -> dict[str, bytes]:
    """The files of the run, as the API gives them out."""
    return read_all(world, f"/computations/{ids.PAST_RUN}/results")


def read_all(world: Deployed, where: str, path: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for item in world.ask("POST", where, json={"path": path})["items"]:
        if item["type"] == "folder":
            found |= read_all(world, where, item["path"])
        else:
            urls = world.ask("GET", f"{where}/urls", params={"path": item["path"]})
            found[item["path"]] = world.fetch(urls["download_url"])
    return found


def below(prefix: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{prefix}/{path}": body for path, body in files.items()}


def test_a_captured_result_lies_in_the_bucket_of_the_deployment(world: Deployed) -> None:
    files = results(world)
    ready = world.create(source=RUN)
    assert (ready["state"], ready["type"]) == ("ready", "result")
    assert (ready["files"], ready["size"]) == (len(files), sum(map(len, files.values())))
    assert "source_bucket" not in ready
    assert world.lying(ready["id"]) == files
    assert world.listed(ready["id"]) == sizes(files)
    assert read_all(world, f"/data_assets/{ready['id']}/files") == files


def test_a_part_of_a_result(world: Deployed) -> None:
    ready = world.create(source={"computation": {"id": ids.PAST_RUN, "path": "figures"}})
    assert world.lying(ready["id"]).keys() == {"overview.svg"}


def test_a_result_captured_to_a_bucket_is_there_and_not_here(world: Deployed) -> None:
    bucket, files = world.bucket(OTHERS), results(world)
    ready = world.create(source=RUN, target={"aws": {"bucket": bucket, "prefix": "/into/"}})
    assert ready["state"] == "ready"
    assert ready["source_bucket"] == {"origin": "aws", "bucket": bucket, "prefix": "into", "external": True}
    assert world.in_bucket(bucket) == OTHERS | below("into", files)
    # What was there before is a part of it, as of any external data asset.
    assert ready["files"] == len(files) + 1
    assert ready["size"] == sum(map(len, files.values())) + len(OTHERS["into/other.txt"])
    assert world.lying(ready["id"]) == {}
    # It is external: nothing that it points at is removed with it.
    world.delete(ready["id"])
    assert world.create(source=RUN)["state"] == "ready"
    assert world.in_bucket(bucket) == OTHERS | below("into", files)


def test_a_capture_to_a_whole_bucket(world: Deployed) -> None:
    bucket, files = world.bucket({}), results(world)
    ready = world.create(source=RUN, target={"aws": {"bucket": bucket}})
    assert (ready["state"], ready["files"]) == ("ready", len(files))
    assert world.in_bucket(bucket) == files


def test_a_capture_to_a_bucket_that_does_not_exist_fails(world: Deployed) -> None:
    failed = world.create(source=RUN, target={"aws": {"bucket": GONE, "prefix": "x"}})
    assert (failed["state"], failed["failure_reason"]) == ("failed", f"the bucket {GONE} does not exist")


@pytest.mark.parametrize("script", [None, "code/prepare"])
def test_a_folder_of_a_cloud_workstation(world: Deployed, script: str | None) -> None:
    source = {"cloud_workstation": {"id": ids.WORKSTATION, "path": "scratch", "run_script": script}}
    ready = world.create(source=source)
    assert (ready["state"], ready["files"]) == ("ready", 2)
    assert sizes(world.lying(ready["id"])) == world.listed(ready["id"])
    assert world.lying(ready["id"]).keys() == {"notes.txt", "table.csv"}


def test_a_combined_data_asset_has_nothing_of_its_own(world: Deployed) -> None:
    buckets = [world.bucket(FILES), world.bucket(OTHERS)]
    external = [{"aws": {"bucket": bucket, "keep_on_external_storage": True}} for bucket in buckets]
    parts = [world.create(source=source, mount=source["aws"]["bucket"])["id"] for source in external]
    combined = world.create(data_asset_ids=parts)
    assert (combined["state"], combined["type"]) == ("ready", "combined")
    target = {"target": {"aws": {"bucket": world.bucket({}), "prefix": "x"}}}
    world.admin.ask("POST", f"/data_assets/{combined['id']}/transfer", 400, json=target)
    world.delete(combined["id"])
    # What was begun after the deletion is done: so is whatever it may have brought about.
    world.create(source=RUN)
    assert world.lying(combined["id"]) == {}
    assert [world.in_bucket(bucket) for bucket in buckets] == [FILES, OTHERS]


def test_a_transfer_moves_the_files_of_an_internal_data_asset(world: Deployed) -> None:
    made = world.from_bucket(world.bucket(FILES))
    bucket = world.bucket(OTHERS)
    moved = world.transferred(made["id"], bucket, "into")
    assert moved["source_bucket"] == {"origin": "aws", "bucket": bucket, "prefix": "into", "external": True}
    assert moved["last_transferred"] >= moved["created"]
    assert "transfer_error" not in moved
    assert world.in_bucket(bucket) == OTHERS | below("into", FILES)
    until(lambda: world.lying(made["id"]) == {})
    # Files that are elsewhere are not given out here.
    world.ask("GET", f"/data_assets/{made['id']}/files/urls", 400, params={"path": "table.csv"})


def test_a_transfer_of_an_external_data_asset_copies_its_files(world: Deployed) -> None:
    source, bucket = world.bucket(below("in", FILES)), world.bucket(OTHERS)
    made = world.from_bucket(source, "in", keep_on_external_storage=True)
    moved = world.transferred(made["id"], bucket, "into")
    assert moved["source_bucket"]["bucket"] == bucket
    assert world.in_bucket(bucket) == OTHERS | below("into", FILES)
    assert world.in_bucket(source) == below("in", FILES)
    back = world.transferred(made["id"], source, "back")
    assert back["source_bucket"]["prefix"] == "back"
    assert world.in_bucket(bucket) == OTHERS | below("into", FILES)


def test_a_transfer_that_fails_leaves_everything_where_it_is(world: Deployed) -> None:
    made = world.from_bucket(world.bucket(FILES))
    failed = world.transferred(made["id"], GONE, "into")
    assert failed == made | {"transfer_error": f"the bucket {GONE} does not exist"}
    assert world.lying(made["id"]) == FILES
    assert world.urls(made["id"], "table.csv")["download_url"]
    bucket = world.bucket({})
    moved = world.transferred(made["id"], bucket, "into")
    assert "transfer_error" not in moved
    assert world.in_bucket(bucket) == below("into", FILES)


def test_a_transfer_to_where_the_files_are_changes_nothing(world: Deployed) -> None:
    bucket = world.bucket(below("in", FILES))
    made = world.from_bucket(bucket, "in", keep_on_external_storage=True)
    after = world.transferred(made["id"], bucket, "in/side")
    assert "inside" in after["transfer_error"]
    assert after["source_bucket"] == made["source_bucket"]
    assert world.in_bucket(bucket) == below("in", FILES)


def test_a_data_asset_that_a_released_pipeline_uses_is_moved_by_force(tmp_path: Path, endpoint: Endpoint) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(RELEASED)
    with (
        deployed(setting_of(endpoint), endpoint, seed=str(seed)) as deployment,
        deployment.world(user="cop_mine", admin="cop_mine") as world,
    ):
        bucket = world.bucket({})
        until(lambda: world.lying("d1") == {"a": b"b"})
        target = {"target": {"aws": {"bucket": bucket}}}
        assert world.admin.ask("POST", "/data_assets/d1/transfer", 403, json=target)["datasets"][0]["id"] == "d1"
        assert world.in_bucket(bucket) == {}
        world.transferred("d1", bucket, force=True)
        assert world.in_bucket(bucket) == {"a": b"b"}
        until(lambda: world.lying("d1") == {})


def test_the_objects_of_a_deleted_data_asset_are_removed_and_no_others(world: Deployed) -> None:
    first, second = (world.from_bucket(world.bucket(FILES)) for _ in range(2))
    beside = {f"{first['id']}-other/x": b"x", f"{first['id']}x": b"y", "deep/" + first["id"] + "/z": b"z"}
    for key, body in beside.items():
        world.endpoint.client.put_object(Bucket=world.own, Key=key, Body=body)
    world.delete(first["id"])
    until(lambda: world.lying(first["id"]) == {})
    expected = beside | below(second["id"], FILES)
    assert {key: body for key, body in world.in_bucket(world.own).items() if key in expected} == expected


@pytest.mark.parametrize("source", ["bucket", "run"])
def test_what_a_draft_had_is_removed_with_it(world: Deployed, source: str) -> None:
    for _ in range(3):
        files = {f"{number}.bin": bytes([number]) * 100_000 for number in range(20)}
        where: Any = RUN if source == "run" else {"aws": {"bucket": world.bucket(files)}}
        draft = world.begin(source=where)
        until(lambda draft=draft: bool(world.lying(draft["id"])) or world.get(draft["id"])["state"] == "ready")  # type: ignore[misc]
        world.delete(draft["id"])
        # Whatever was begun before, nothing comes after it.
        last = world.create(source=RUN)
        until(lambda draft=draft: not world.lying(draft["id"]))  # type: ignore[misc]
        assert world.lying(last["id"]) == results(world)


def test_what_is_external_is_left_alone_by_a_deletion(world: Deployed) -> None:
    bucket = world.bucket(FILES)
    made = world.from_bucket(bucket, keep_on_external_storage=True)
    world.delete(made["id"])
    world.create(source=RUN)
    assert world.in_bucket(bucket) == FILES


def test_data_assets_of_the_seed_are_in_the_bucket_of_the_deployment(world: Deployed) -> None:
    until(lambda: sizes(world.lying(ids.IRIS)) == world.listed(ids.IRIS))
    assert read_all(world, f"/data_assets/{ids.IRIS}/files") == world.lying(ids.IRIS)


def test_a_run_that_has_no_results_yet_is_refused_as_ever(world: Deployed) -> None:
    run = world.ask("POST", "/computations", json={"capsule_id": ids.SLOW})
    fields = {"name": "n", "tags": [], "mount": "n", "source": {"computation": {"id": run["id"]}}}
    assert "has not completed" in world.ask("POST", "/data_assets", 400, json=fields)["message"]


def test_buckets_of_two_worlds_have_nothing_in_common(world: Deployed) -> None:
    ready = world.create(source=RUN)
    with world.deployment.new_world() as other:
        assert other.own != world.own
        mine = other.create(source=RUN)
        assert other.lying(mine["id"]) == world.lying(ready["id"]) == results(world)
        own = other.own
    until(lambda: own not in [bucket["Name"] for bucket in world.endpoint.client.list_buckets()["Buckets"]])
    assert world.lying(ready["id"]) == results(world)
