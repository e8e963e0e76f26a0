"""Data assets of what is missing, and data assets that are deleted. The session has to be uploaded before."""

from tools.expectations import includes, same
from tools.s3_clients.common import DATASETS_BUCKET, LAB_BUCKET, code_ocean, create, file_system, holds, until
from tools.s3_clients.sessions import SESSION, uploaded


def prefix_that_is_missing() -> None:
    uploaded()
    asset = create("mistyped", f"{SESSION[:-1]}1", keep=True, tags=["mistyped"])
    same((asset.state, asset.files, asset.size), ("failed", None, None))
    includes(asset.failure_reason, LAB_BUCKET, f"{SESSION[:-1]}1")


def bucket_that_is_missing() -> None:
    asset = create("mistyped", SESSION, keep=False, tags=["mistyped"], bucket="lab-open-dota")
    same((asset.state, asset.files), ("failed", None))
    includes(asset.failure_reason, "lab-open-dota")


def deletion() -> None:
    """What the deployment has of a data asset is removed; what was never its own is left alone."""
    assets = code_ocean().data_assets
    copied, other = (create(name, SESSION, keep=False, tags=["deleted"]) for name in ("deleted", "not deleted"))
    linked = create("deleted too", SESSION, keep=True, tags=["deleted"])
    holds(DATASETS_BUCKET, copied.id, uploaded())
    for asset in (copied, linked):
        assets.archive_data_asset(asset.id, archive=True)
        assets.delete_data_asset(asset.id)
    until("the objects are removed", lambda: not file_system().find(f"{DATASETS_BUCKET}/{copied.id}"))
    holds(LAB_BUCKET, SESSION, uploaded())
    holds(DATASETS_BUCKET, other.id, uploaded())


STEPS = (prefix_that_is_missing, bucket_that_is_missing, deletion)
