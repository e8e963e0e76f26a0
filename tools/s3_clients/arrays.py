"""Stores of zarr in a bucket: written there, registered as data assets, and opened where those say that they are."""

from functools import cache
from typing import Any

import numpy as np  # type: ignore[import-not-found, unused-ignore]
import s3fs  # type: ignore[import-not-found, unused-ignore]
import zarr  # type: ignore[import-not-found, unused-ignore]
from codeocean.data_asset import DataAsset
from upath import UPath  # type: ignore[import-not-found, unused-ignore]

from tools.expectations import same
from tools.s3_clients.common import DATASETS_BUCKET, code_ocean, create, file_system, made_up

BUCKET = "lab-images"
SHAPE, CHUNKS = (64, 96, 80), (32, 32, 40)
NOTES = "channel 488\nchannel 561\n"
DATA = made_up(SHAPE[0] * SHAPE[1] * SHAPE[2] * 2, seed=4)


def image() -> Any:
    """The picture that is stored."""
    return np.frombuffer(DATA, dtype="uint16").reshape(SHAPE)


@cache
def bucket() -> str:
    """The bucket of the pictures, which s3fs makes."""
    file_system().mkdir(BUCKET)
    return BUCKET


@cache
def external() -> DataAsset:
    """A store of the third format with two arrays and notes beside it."""
    url = f"s3://{bucket()}/SmartSPIM_676909/brain.zarr"
    group = zarr.open_group(url, mode="w", zarr_format=3)
    group.create_array("0", data=image(), chunks=CHUNKS)
    group.create_array("1", data=image()[::2, ::2, ::2], chunks=CHUNKS)
    group.attrs["channels"] = [488, 561]
    (UPath(f"s3://{bucket()}/SmartSPIM_676909") / "notes.txt").write_text(NOTES)
    return create("SmartSPIM_676909", "SmartSPIM_676909", keep=True, tags=["zarr"], bucket=bucket())


@cache
def internal() -> DataAsset:
    """The copy of a store of the second format, as S3Map writes it."""
    group = zarr.open_group(s3fs.S3Map(f"{bucket()}/old.zarr", s3=file_system()), mode="w", zarr_format=2)
    group.create_array("0", data=image(), chunks=CHUNKS)
    zarr.consolidate_metadata(group.store)
    return create("old.zarr", "old.zarr", keep=False, tags=["zarr"], bucket=bucket())


def source_url(asset: DataAsset) -> str:
    """Where an external data asset says that its objects are."""
    return f"s3://{asset.source_bucket.bucket}/{asset.source_bucket.prefix}"


def holds_image(group: Any) -> None:
    """Hold an opened store against what was written; in one piece, and a part of it."""
    assert np.array_equal(group["0"][:], image()), "the array differs"
    assert np.array_equal(group["0"][10:40, 5, 30:50], image()[10:40, 5, 30:50]), "a part of the array differs"


def store_is_a_data_asset() -> None:
    """It has as many files and bytes as S3 has objects."""
    asset = code_ocean().data_assets.get_data_asset(external().id)
    found = file_system().find(f"{BUCKET}/{asset.source_bucket.prefix}", detail=True)
    same((asset.state, asset.files, asset.size), ("ready", len(found), sum(one["size"] for one in found.values())))
    assert len(found) > 12, f"only {len(found)} objects"


def opened_by_its_source_bucket() -> None:
    group = zarr.open_group(f"{source_url(external())}/brain.zarr", mode="r")
    holds_image(group)
    same(group.attrs["channels"], [488, 561])
    assert np.array_equal(group["1"][:], image()[::2, ::2, ::2]), "the smaller array differs"


def opened_by_s3fs() -> None:
    """As a mapping, which is how programs of the second format open one."""
    root = f"{source_url(external())}/brain.zarr"
    holds_image(zarr.open_group(s3fs.S3Map(root, s3=file_system()), mode="r"))


def copy_is_opened() -> None:
    """Where the deployment has it."""
    holds_image(zarr.open_consolidated(f"s3://{DATASETS_BUCKET}/{internal().id}"))


def paths() -> None:
    """What universal_pathlib lists, finds and reads."""
    root = UPath(source_url(external()))
    assert root.exists(), f"{root} does not exist"
    same(sorted(path.name for path in root.iterdir()), ["brain.zarr", "notes.txt"])
    same((root / "notes.txt").read_text(), NOTES)
    same(len(list(root.glob("brain.zarr/0/c/*/*/*"))), 12, "chunks")
    with (root / "notes.txt").open("rb") as file:
        file.seek(12)
        same(file.read(7), b"channel")
    inside = UPath(f"s3://{DATASETS_BUCKET}") / internal().id
    same((inside / ".zgroup").exists(), True)
    same(UPath(f"s3://{DATASETS_BUCKET}/nothing").exists(), False)


STEPS = (store_is_a_data_asset, opened_by_its_source_bucket, opened_by_s3fs, copy_is_opened, paths)
