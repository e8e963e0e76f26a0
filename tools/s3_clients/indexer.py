"""How indexers of data assets work: they list them by tag, and read the metadata of each where its objects are.

The library `aind-codeocean-utils` looks for external data assets that are no longer in S3; the rest is written down
here as such programs do it.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from aind_codeocean_utils.api_handler import APIHandler  # type: ignore[import-not-found, unused-ignore]
from botocore.exceptions import ClientError
from codeocean.data_asset import DataAsset, DataAssetSearchParams

from tools.expectations import same
from tools.s3_clients import sessions
from tools.s3_clients.common import DATASETS_BUCKET, LAB_BUCKET, by_boto3, code_ocean, create, s3
from tools.s3_clients.sessions import SESSION, TAG


def tagged(tag: str) -> Iterator[DataAsset]:
    """Every data asset with a tag, in pages of two."""
    params = DataAssetSearchParams(query=f"tag:{tag}", limit=2, archived=False)
    yield from code_ocean().data_assets.search_data_assets_iterator(params)


def location(asset: DataAsset) -> tuple[str, str]:
    """The bucket and the prefix of a data asset: its own when it is external, else the deployment's."""
    bucket = asset.source_bucket
    return (bucket.bucket, bucket.prefix) if bucket is not None and bucket.external else (DATASETS_BUCKET, asset.id)


def metadata(asset: DataAsset) -> dict[str, Any] | None:
    """What a data asset says of itself; None when it says nothing."""
    bucket, prefix = location(asset)
    key = f"{prefix}/metadata.json"
    try:
        s3().head_object(Bucket=bucket, Key=key)
    except ClientError as refusal:
        same(refusal.response["Error"]["Code"], "404", "what is missing")
        return None
    found: dict[str, Any] = json.loads(s3().get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    return found


def index_by_tag() -> None:
    """The metadata of each, wherever it lies; a result has none."""
    expected = {
        sessions.external().id: json.loads(sessions.METADATA),
        sessions.internal().id: json.loads(sessions.METADATA),
        sessions.captured_inside().id: None,
    }
    found = {asset.id: metadata(asset) for asset in tagged(TAG)}
    same({key: found.get(key, "not found") for key in expected}, expected)


def top_level() -> None:
    """The folders of a bucket, a page of one at a time, and what is right below one."""
    sessions.external()
    pages = (
        s3()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=LAB_BUCKET, Delimiter="/", Prefix="ecephys_", PaginationConfig={"PageSize": 1})
    )
    folders = [folder["Prefix"] for page in pages for folder in page["CommonPrefixes"]]
    same(folders, [f"{SESSION}-again/", f"{SESSION}/"])
    below = s3().list_objects_v2(Bucket=LAB_BUCKET, Prefix=f"{SESSION}/", Delimiter="/")
    same([entry["Key"] for entry in below["Contents"]], [f"{SESSION}/metadata.json"])
    same([folder["Prefix"] for folder in below["CommonPrefixes"]], [f"{SESSION}/behavior/", f"{SESSION}/ecephys/"])
    # The first version of the listing says in one key whether a folder exists.
    first = s3().list_objects(Bucket=DATASETS_BUCKET, Prefix=sessions.internal().id, Delimiter="/", MaxKeys=1)
    same([folder["Prefix"] for folder in first["CommonPrefixes"]], [f"{sessions.internal().id}/"])


def metadata_that_changes() -> None:
    """What an indexer writes beside external data is read by the next one; the original is kept as a copy."""
    prefix = f"{SESSION}_indexed"
    s3().put_object(Bucket=LAB_BUCKET, Key=f"{prefix}/metadata.json", Body=b"{}")
    asset = create(prefix, prefix, keep=True, tags=["indexed"])
    s3().copy_object(
        Bucket=LAB_BUCKET, Key=f"{prefix}/original_metadata/metadata.20231213.json",
        CopySource={"Bucket": LAB_BUCKET, "Key": f"{prefix}/metadata.json"},
    )  # fmt: skip
    body = json.dumps({"name": asset.name, "location": "s3://{}/{}".format(*location(asset))}, indent=3).encode()
    s3().put_object(Bucket=LAB_BUCKET, Key=f"{prefix}/metadata.json", Body=body)
    tag = s3().head_object(Bucket=LAB_BUCKET, Key=f"{prefix}/metadata.json")["ETag"]
    same(tag, f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"', "the entity tag")
    same(metadata(asset), {"name": prefix, "location": f"s3://{LAB_BUCKET}/{prefix}"})
    same(sorted(by_boto3(LAB_BUCKET, prefix)), ["metadata.json", "original_metadata/metadata.20231213.json"])


def data_that_is_lost() -> None:
    """The library finds an external data asset whose objects were removed, and none that has its own."""
    prefix = "session_to_be_lost"
    s3().put_object(Bucket=LAB_BUCKET, Key=f"{prefix}/metadata.json", Body=b"{}")
    asset = create(prefix, prefix, keep=True, tags=["lost"])
    handler = APIHandler(code_ocean(), s3())

    def found() -> list[str]:
        """Those in the bucket of the laboratory; what a seed has elsewhere need not be there."""
        lost = handler.find_nonexistent_external_data_assets()
        return [one.id for one in lost if one.source_bucket.bucket == LAB_BUCKET and one.state == "ready"]

    same(found(), [])
    s3().delete_objects(Bucket=LAB_BUCKET, Delete={"Objects": [{"Key": f"{prefix}/metadata.json"}]})
    same(found(), [asset.id])


STEPS = (index_by_tag, top_level, metadata_that_changes, data_that_is_lost)
