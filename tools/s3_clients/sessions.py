"""A session of recordings: uploaded, made data assets of, used by a run; its results captured; all of it read again."""

import io
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from boto3.s3.transfer import TransferConfig
from codeocean.computation import Computation, ComputationEndStatus, DataAssetsRunParam, RunParams
from codeocean.data_asset import (
    AWSS3Target,
    ComputationSource,
    DataAsset,
    DataAssetParams,
    Source,
    Target,
    TransferDataParams,
)
from codeocean.models.folder import Folder

from tools.expectations import includes, same
from tools.s3_clients.common import (
    DATASETS_BUCKET,
    LAB_BUCKET,
    SECONDS,
    Digests,
    admins_code_ocean,
    by_boto3,
    code_ocean,
    create,
    digest,
    digests,
    downloaded,
    file_system,
    holds,
    made_up,
    s3,
    until,
)

SESSION = "ecephys_676909_2023-12-13_13-43-40"
METADATA = b'{"name": "ecephys_676909_2023-12-13_13-43-40", "subject": {"subject_id": "676909"}}\n'
LARGE = "ecephys/probe_a/continuous.dat"
FILES = {
    "metadata.json": METADATA,
    LARGE: made_up(20 << 20, seed=1),
    "ecephys/probe_a/timestamps.npy": made_up(100_000, seed=2),
    "behavior/licks.csv": b"time\n0.5\n1.25\n",
    "behavior/videos/Körper + side view (1).mp4": made_up(300_000, seed=3),
    "behavior/empty.txt": b"",
}
NEIGHBOUR = f"{SESSION}-again/notes.txt"
"""A key that begins as those of the session, and is none of them."""
TAG = "s3-clients"
CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RESULTS_BUCKET = "lab-results"


@cache
def uploaded() -> Digests:
    """The session in the bucket of the laboratory, by each way in which boto3 uploads."""
    s3().create_bucket(Bucket=LAB_BUCKET)
    in_parts = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=5 << 20)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(FILES[LARGE])
        s3().upload_file(file.name, LAB_BUCKET, f"{SESSION}/{LARGE}", Config=in_parts)
    for path in FILES.keys() - {LARGE, "metadata.json"}:
        s3().upload_fileobj(io.BytesIO(FILES[path]), LAB_BUCKET, f"{SESSION}/{path}")
    s3().put_object(Bucket=LAB_BUCKET, Key=f"{SESSION}/metadata.json", Body=METADATA, ContentType="application/json")
    s3().put_object(Bucket=LAB_BUCKET, Key=NEIGHBOUR, Body=b"of another session")
    return digests(FILES)


@cache
def external() -> DataAsset:
    """The session where it is."""
    uploaded()
    return create(SESSION, SESSION, keep=True, tags=[TAG, "raw"])


@cache
def internal() -> DataAsset:
    """The session copied."""
    uploaded()
    return create(f"{SESSION}_copied", SESSION, keep=False, tags=[TAG, "raw"])


@cache
def run() -> Computation:
    """A run of a capsule on both."""
    inputs = [DataAssetsRunParam(id=asset.id, mount=asset.mount) for asset in (external(), internal())]
    computations = code_ocean().computations
    started = computations.run_capsule(RunParams(capsule_id=CAPSULE, parameters=["4", "s3"], data_assets=inputs))
    return computations.wait_until_completed(started, timeout=SECONDS)


@cache
def results() -> Digests:
    """The results of the run, as its URLs give them."""
    computations = code_ocean().computations
    paths = files_below(lambda path: computations.list_computation_results(run().id, path))
    return {
        path: digest(downloaded(computations.get_result_file_urls(run().id, path).download_url).content)
        for path in paths
    }


def captured(name: str, target: Target | None) -> DataAsset:
    """The results of the run as a data asset."""
    source = Source(computation=ComputationSource(id=run().id))
    assets = code_ocean().data_assets
    params = DataAssetParams(name=name, mount=name, tags=[TAG, "derived"], source=source, target=target)
    return assets.wait_until_ready(assets.create_data_asset(params), timeout=SECONDS)


@cache
def captured_inside() -> DataAsset:
    """The results of the run, captured inside Code Ocean."""
    return captured(f"{SESSION}_sorted", target=None)


def files_below(listed: Callable[[str], Folder], path: str = "") -> Iterator[str]:
    """The paths of all files, a listing for each folder."""
    for item in listed(path).items:
        if item.type == "folder":
            yield from files_below(listed, item.path)
        else:
            yield item.path


def upload_by_boto3() -> None:
    holds(LAB_BUCKET, SESSION, uploaded())
    parts = s3().head_object(Bucket=LAB_BUCKET, Key=f"{SESSION}/{LARGE}")["ETag"]
    includes(parts, "-4")


def external_data_asset() -> None:
    """Files and size are those of the objects, and of no others."""
    asset = external()
    same((asset.state, asset.type, asset.failure_reason), ("ready", "dataset", None))
    same((asset.files, asset.size), (len(FILES), sum(map(len, FILES.values()))), "files and size")
    bucket = asset.source_bucket
    same((bucket.origin, bucket.bucket, bucket.prefix, bucket.external), ("aws", LAB_BUCKET, SESSION, True))
    same(by_boto3(DATASETS_BUCKET, asset.id), {}, "the deployment's bucket")


def internal_data_asset() -> None:
    """It is read where the deployment has it, and the original is where it was."""
    asset = internal()
    same((asset.state, asset.files, asset.size), ("ready", len(FILES), sum(map(len, FILES.values()))))
    holds(DATASETS_BUCKET, asset.id, uploaded())
    holds(LAB_BUCKET, SESSION, uploaded())


def download_urls() -> None:
    """Files, their sizes and bytes as the SDK finds them; a part of one."""
    asset, assets = internal(), code_ocean().data_assets
    found = {}
    for path in files_below(lambda path: assets.list_data_asset_files(asset.id, path)):
        urls = assets.get_data_asset_file_urls(asset.id, path)
        found[path] = digest(downloaded(urls.download_url).content)
        same(digest(downloaded(urls.view_url).content), found[path], f"to view {path}")
    same(found, uploaded())
    url = assets.get_data_asset_file_urls(asset.id, LARGE).download_url
    part = downloaded(url, Range="bytes=1000-2999")
    same((part.status_code, part.content == FILES[LARGE][1000:3000]), (206, True), "a part")


def run_on_both() -> None:
    ended = run()
    same((ended.state, ended.end_status, ended.has_results), ("completed", ComputationEndStatus.Succeeded, True))
    same({item.id for item in ended.data_assets}, {external().id, internal().id})


def capture_to_a_bucket() -> None:
    """Nothing is between the prefix and the files; the results are the data asset's, and read there."""
    s3().create_bucket(Bucket=RESULTS_BUCKET)
    s3().put_object(Bucket=RESULTS_BUCKET, Key="README", Body=b"what belongs here")
    prefix = f"sorted/{SESSION}"
    asset = captured(f"{SESSION}_sorted_outside", Target(aws=AWSS3Target(bucket=RESULTS_BUCKET, prefix=prefix)))
    same((asset.state, asset.type, asset.files), ("ready", "result", len(results())))
    bucket = asset.source_bucket
    same((bucket.bucket, bucket.prefix, bucket.external), (RESULTS_BUCKET, prefix, True))
    same(asset.provenance.computation, run().id)
    holds(bucket.bucket, bucket.prefix, results())
    same(file_system().find(RESULTS_BUCKET), sorted([f"{RESULTS_BUCKET}/README", *_below(prefix)]), "the bucket")


def _below(prefix: str) -> list[str]:
    return [f"{RESULTS_BUCKET}/{prefix}/{path}" for path in results()]


def capture_inside() -> None:
    asset = captured_inside()
    same((asset.state, asset.files), ("ready", len(results())))
    includes(results(), "output")
    holds(DATASETS_BUCKET, asset.id, results())


def transfer() -> None:
    """What was internal is external, at its new place and no longer at the old one."""
    asset = captured(f"{SESSION}_moved", target=None)
    assets, target = code_ocean().data_assets, AWSS3Target(bucket=RESULTS_BUCKET, prefix="moved")
    admins_code_ocean().data_assets.transfer_data_asset(asset.id, TransferDataParams(target=Target(aws=target)))
    until("the transfer is done", lambda: assets.get_data_asset(asset.id).last_transferred is not None)
    moved = assets.get_data_asset(asset.id)
    same((moved.source_bucket.bucket, moved.source_bucket.prefix), (RESULTS_BUCKET, "moved"))
    holds(RESULTS_BUCKET, "moved", results())
    until("the old objects are removed", lambda: not file_system().find(f"{DATASETS_BUCKET}/{asset.id}"))


STEPS = (
    upload_by_boto3,
    external_data_asset,
    internal_data_asset,
    download_urls,
    run_on_both,
    capture_to_a_bucket,
    capture_inside,
    transfer,
)
