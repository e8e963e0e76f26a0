"""Data assets made from what lies in buckets."""

import json
import os
from typing import Any

import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import ensure_bucket
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import FILES, SIZE, Deployed, Deployment, deployed, setting_of, sizes
from tests.process import until

EXTERNAL: dict[str, Any] = {"keep_on_external_storage": True}


def of_folder(files: dict[str, bytes], prefix: str) -> dict[str, bytes]:
    return {f"{prefix}{path}": body for path, body in files.items()}


def test_an_internal_data_asset_has_the_bytes_in_the_bucket_of_the_deployment(world: Deployed) -> None:
    bucket = world.bucket(of_folder(FILES, "in/") | {"in-between.txt": b"no", "inside": b"no", "in/": b""})
    made = world.begin(source={"aws": {"bucket": bucket, "prefix": "in"}})
    assert (made["state"], "size" in made and made["size"] > 0) == ("draft", False)
    ready = world.ended(made["id"])
    assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)
    assert ready["source_bucket"] == {"origin": "aws", "bucket": bucket, "prefix": "in", "external": False}
    assert world.lying(made["id"]) == FILES
    assert world.listed(made["id"]) == sizes(FILES)
    # It is a copy: the bucket may go.
    for key in world.in_bucket(bucket):
        world.endpoint.client.delete_object(Bucket=bucket, Key=key)
    world.endpoint.client.delete_bucket(Bucket=bucket)
    assert world.lying(made["id"]) == FILES
    assert world.get(made["id"]) == ready


def test_an_external_data_asset_points_at_the_bucket(world: Deployed) -> None:
    bucket = world.bucket(of_folder(FILES, "in/"))
    ready = world.from_bucket(bucket, "/in/", **EXTERNAL)
    assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)
    assert ready["source_bucket"] == {"origin": "aws", "bucket": bucket, "prefix": "in", "external": True}
    assert world.lying(ready["id"]) == {}
    # Its files are neither listed nor given out (docs: data assets).
    world.ask("POST", f"/data_assets/{ready['id']}/files", 400, json={"path": ""})
    world.ask("GET", f"/data_assets/{ready['id']}/files/urls", 400, params={"path": "table.csv"})


def test_a_whole_bucket(world: Deployed) -> None:
    bucket = world.bucket(FILES)
    for aws in ({}, EXTERNAL):
        ready = world.from_bucket(bucket, **aws)
        assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)
    assert world.in_bucket(bucket) == FILES


def test_a_prefix_that_is_one_object(world: Deployed) -> None:
    bucket = world.bucket(of_folder(FILES, "in/") | {"in/table.csv.bak": b"no"})
    internal = world.from_bucket(bucket, "in/table.csv")
    assert (internal["state"], internal["files"], internal["size"]) == ("ready", 1, 8)
    assert world.lying(internal["id"]) == {"table.csv": FILES["table.csv"]}
    external = world.from_bucket(bucket, "in/table.csv", **EXTERNAL)
    assert (external["state"], external["files"], external["size"]) == ("ready", 1, 8)


def test_files_that_are_not_to_be_indexed_are_not_counted(world: Deployed) -> None:
    bucket = world.bucket(of_folder(FILES, "in/"))
    ready = world.from_bucket(bucket, "in", index_data=False, **EXTERNAL)
    assert ready["state"] == "ready"
    assert not {"files", "size"} & ready.keys()
    # It says something of external data assets alone.
    internal = world.from_bucket(bucket, "in", index_data=False)
    assert (internal["files"], internal["size"]) == (len(FILES), SIZE)


@pytest.mark.parametrize("aws", [{}, EXTERNAL, {"index_data": False} | EXTERNAL, {"access_key_id": None}])
def test_what_does_not_exist_fails_with_a_reason(world: Deployed, aws: dict[str, Any]) -> None:
    gone = f"nobody-has-this-{os.getpid()}"
    failed = world.from_bucket(gone, "in", **aws)
    assert (failed["state"], failed["failure_reason"]) == ("failed", f"the bucket {gone} does not exist")
    bucket = world.bucket(of_folder(FILES, "in/"))
    failed = world.from_bucket(bucket, "i", **aws)
    assert failed["state"] == "failed"
    assert f"s3://{bucket}/i" in failed["failure_reason"] or f'bucket {bucket} under "i"' in failed["failure_reason"]
    assert world.lying(failed["id"]) == {}


@pytest.mark.parametrize("aws", [{}, EXTERNAL])
def test_an_empty_bucket_has_nothing_to_make_a_data_asset_of(world: Deployed, aws: dict[str, Any]) -> None:
    failed = world.from_bucket(world.bucket({}), **aws)
    assert failed["state"] == "failed"
    assert "no files" in failed["failure_reason"]


@pytest.mark.parametrize("aws", [{}, EXTERNAL])
def test_a_name_that_no_bucket_can_have(world: Deployed, aws: dict[str, Any]) -> None:
    failed = world.from_bucket("No Bucket/has\u00fcthis", **aws)
    assert failed["state"] == "failed"
    assert "\n" not in failed["failure_reason"]


@pytest.mark.skipif(CHOSEN, reason="its buckets are made public otherwise")
@pytest.mark.parametrize("aws", [{}, EXTERNAL])
def test_a_public_bucket_is_read_without_keys(world: Deployed, aws: dict[str, Any]) -> None:
    bucket = world.bucket(FILES)
    denied = world.from_bucket(bucket, public=True, **aws)
    assert denied["state"] == "failed"
    assert denied["failure_reason"] == f"access to s3://{bucket} was denied (AccessDenied)"
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": f"s3:{action}", "Resource": f"arn:aws:s3:::{bucket}{below}"}
        for action, below in (("ListBucket", ""), ("GetObject", "/*"))
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    world.endpoint.client.put_bucket_policy(Bucket=bucket, Policy=policy)
    ready = world.from_bucket(bucket, public=True, **aws)
    assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)


@pytest.mark.parametrize("aws", [{}, EXTERNAL])
def test_keys_that_come_with_a_request_are_used(world: Deployed, aws: dict[str, Any]) -> None:
    bucket = world.bucket(FILES)
    keys = world.endpoint.keys
    assert keys is not None
    mine = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    ready = world.from_bucket(bucket, **mine, **aws)
    assert (ready["state"], ready["files"]) == ("ready", len(FILES))


@pytest.mark.skipif(not CHOSEN, reason="moto lets anybody in who has any keys")
@pytest.mark.parametrize("aws", [{}, EXTERNAL])
@pytest.mark.parametrize("access_key_id", ["somebody", None])
def test_wrong_keys_are_denied(world: Deployed, aws: dict[str, Any], access_key_id: str | None) -> None:
    keys = world.endpoint.keys
    assert keys is not None
    wrong = {"access_key_id": access_key_id or keys.access_key_id, "secret_access_key": "wrong-secret-of-somebody"}
    failed = world.from_bucket(world.bucket(FILES), **wrong, **aws)
    assert failed["state"] == "failed"
    assert "denied" in failed["failure_reason"]
    assert "wrong-secret" not in str(failed)


def test_the_input_bucket_is_for_admins(world: Deployed) -> None:
    bucket = "codeocean-input"
    ensure_bucket(world.endpoint, bucket)
    prefix = f"batch-{os.getpid()}"
    for path, body in FILES.items():
        world.endpoint.client.put_object(Bucket=bucket, Key=f"{prefix}/{path}", Body=body)
    # Nothing but the prefix counts there (docs: data assets).
    source = {"aws": {"bucket": "any", "use_input_bucket": True, "prefix": prefix, "public": True} | EXTERNAL}
    fields = {"name": "n", "tags": [], "mount": "n", "source": source}
    world.ask("POST", "/data_assets", 403, json=fields)
    key = world.admin.ask("POST", "/data_assets", json=fields)["id"]
    until(lambda: world.admin.ask("GET", f"/data_assets/{key}")["state"] != "draft")
    ready = world.admin.ask("GET", f"/data_assets/{key}")
    assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)
    assert ready["source_bucket"]["external"] is False
    assert world.lying(key) == FILES


@pytest.mark.parametrize("aws", [{}, EXTERNAL])
def test_other_endpoints_are_known_by_their_names(endpoint: Endpoint, other: Endpoint, aws: dict[str, Any]) -> None:
    setting = setting_of(endpoint, endpoints=(f"other={other.url}",))
    with deployed(setting, endpoint) as deployment, deployment.world() as world:
        bucket = world.bucket({"here.txt": b"another bucket of the same name"})
        ensure_bucket(other, bucket)
        for path, body in FILES.items():
            other.client.put_object(Bucket=bucket, Key=path, Body=body)
        ready = world.from_bucket(bucket, endpoint_name="other", **aws)
        assert (ready["state"], ready["files"], ready["size"]) == ("ready", len(FILES), SIZE)
        assert world.lying(ready["id"]) == ({} if aws else FILES)
        source = {"aws": {"bucket": bucket, "endpoint_name": "nobody"} | aws}
        fields = {"name": "n", "tags": [], "mount": "n", "source": source}
        refused = world.ask("POST", "/data_assets", 400, json=fields)
        assert refused == {"message": 'there is no S3 endpoint called "nobody"'}


@pytest.mark.skipif(CHOSEN, reason="nothing is put into buckets of others")
def test_buckets_of_the_seed_are_in_the_embedded_server(embedded: Deployment) -> None:
    with embedded.new_world() as world:
        ready = world.from_bucket("MY_BUCKET", "PREFIX")
        assert (ready["state"], ready["files"], ready["size"]) == ("ready", 2, 4194323)
        assert sizes(world.lying(ready["id"])) == {"measurements.csv": 19, "images/plate-1.tif": 4194304}
        assert world.from_bucket("MY_BUCKET", public=True)["state"] == "ready"
        assert world.from_bucket("codeocean-datasetapi-test-cs", public=True)["state"] == "failed"
