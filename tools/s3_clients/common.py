"""The clients that the steps share, made as their users make them: only the environment says where things are.

boto3 and s3fs read the variables of AWS tools. What S3 holds is compared by size and hash.
"""

import hashlib
import os
import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import requests
import s3fs  # type: ignore[import-not-found, unused-ignore]
from codeocean import CodeOcean
from codeocean.data_asset import AWSS3Source, DataAsset, DataAssetParams, Source

from tools.expectations import same

DATASETS_BUCKET = "codeocean-datasets"
"""Where the deployment has its internal data assets, each under its id."""
LAB_BUCKET = "lab-open-data"
SECONDS = 60

Digests = dict[str, str]
"""What is in a place, by path: the size in bytes and the beginning of the hash of each."""


@cache
def code_ocean() -> CodeOcean:
    """The SDK's client."""
    return CodeOcean(domain=os.environ["CODEOCEAN_DOMAIN"], token=os.environ["CODEOCEAN_TOKEN"])


@cache
def admins_code_ocean() -> CodeOcean:
    """The SDK's client of an admin: only those may transfer a data asset."""
    return CodeOcean(domain=os.environ["CODEOCEAN_DOMAIN"], token="cop_demo_admin")


@cache
def s3() -> Any:
    """boto3's client of S3."""
    return boto3.client("s3")


@cache
def file_system() -> Any:
    """S3 as s3fs has it; it looks anew each time."""
    return s3fs.S3FileSystem(use_listings_cache=False)


def made_up(size: int, seed: int) -> bytes:
    """Bytes that no compression and no mistake makes equal."""
    return random.Random(seed).randbytes(size)


def digest(data: bytes) -> str:
    """The size and the beginning of the hash of some bytes."""
    return f"{len(data)} {hashlib.sha256(data).hexdigest()[:16]}"


def digests(files: dict[str, bytes]) -> Digests:
    """What files are known by."""
    return {path: digest(data) for path, data in files.items()}


def by_boto3(bucket: str, prefix: str) -> Digests:
    """What boto3 reads below a prefix."""
    found: Digests = {}
    for page in s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for entry in page.get("Contents", ()):
            body = s3().get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            found[entry["Key"].removeprefix(f"{prefix}/")] = digest(body)
    return found


def by_s3fs(bucket: str, prefix: str) -> Digests:
    """What s3fs reads below a prefix, several objects at once."""
    root = f"{bucket}/{prefix}/"
    paths = file_system().find(root)
    return {path.removeprefix(root): digest(data) for path, data in file_system().cat(paths).items()} if paths else {}


def holds(bucket: str, prefix: str, expected: Digests) -> None:
    """Hold what is below a prefix, as both clients read it, against what has to be there."""
    assert expected, "nothing is expected"
    same(by_boto3(bucket, prefix), expected, f"boto3 below s3://{bucket}/{prefix}")
    same(by_s3fs(bucket, prefix), expected, f"s3fs below s3://{bucket}/{prefix}")


def create(name: str, prefix: str, *, keep: bool, tags: list[str], bucket: str = LAB_BUCKET) -> DataAsset:
    """A data asset of what is in a bucket, external when it is to be kept there; once it is ready or has failed."""
    source = Source(aws=AWSS3Source(bucket=bucket, prefix=prefix, keep_on_external_storage=keep))
    params = DataAssetParams(name=name, mount=name, tags=tags, source=source)
    assets = code_ocean().data_assets
    return assets.wait_until_ready(assets.create_data_asset(params), timeout=SECONDS)


def downloaded(url: str, **headers: str) -> requests.Response:
    """The answer at a URL. Raises `requests.HTTPError`."""
    answer = requests.get(url, headers=headers, timeout=SECONDS)
    answer.raise_for_status()
    return answer


def until(what: str, happened: Callable[[], bool]) -> None:
    """Wait until something has happened. Raises `AssertionError` when it does not."""
    end = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < end, f"not in {SECONDS} s: {what}"
        time.sleep(0.1)
