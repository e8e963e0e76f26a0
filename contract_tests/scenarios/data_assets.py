"""Data assets: made, changed field by field, hidden, deleted; combined, kept elsewhere, transferred."""

from dataclasses import replace
from functools import partial
from typing import Any

from codeocean.data_asset import (
    AWSS3Target,
    DataAssetSearchParams,
    DataAssetUpdateParams,
    Target,
    TransferDataParams,
)

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.eventually import eventually
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import files_of, open_item, smallest, walk
from contract_tests.scenarios.pages import rows_of
from contract_tests.scenarios.runs import UNKNOWN

LIFE = (
    "create_data_asset",
    "get_data_asset",
    "update_data_asset",
    "archive_data_asset",
    "search_data_assets",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "delete_data_asset",
)


@check("run_capsule", "get_computation", *LIFE)
def data_asset_life(deployment: Deployment) -> None:
    """A captured result can be changed field by field, hidden and shown again, and deleted; what it was made from
    stays.
    """
    run = fixtures.shared_run(deployment)
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} life", source=fixtures.from_run(run.id)) as asset:
        _check_lifecycle(deployment, asset)
    deployment.sdk().computations.get_computation(run.id)


@check(*LIFE, full=True)
def data_asset_from_bucket(deployment: Deployment) -> None:
    """A data asset made from a bucket is a draft, then ready with files that can be opened, and says where they are
    from; it lives as others do.
    """
    client = deployment.sdk().data_assets
    source = fixtures.from_bucket("plain/folder", external=False)
    with fixtures.create_asset(deployment, f"{deployment.tag} copied", description="Copied.", source=source) as draft:
        actual = (draft.name, draft.description, draft.tags, draft.mount)
        expected = (f"{deployment.tag} copied", "Copied.", [deployment.tag], f"{deployment.tag} copied")
        expect(actual == expected, f"a data asset asked for as {expected} is shown as {actual}")
        asset = fixtures.wait_for_asset(deployment, draft.id)
        expect((asset.state, asset.type) == ("ready", "dataset"), f"a copied data asset is {asset.state}, {asset.type}")
        bucket = asset.source_bucket
        actual = (bucket.origin, bucket.bucket, bucket.prefix, bool(bucket.external))
        expect(
            actual == ("aws", fixtures.BUCKET, "plain/folder", False),
            f"a copied data asset says it is from {actual}",
            "data_assets.external_prefix",
        )
        fixed = (asset.id, asset.created, asset.owner)
        expect(fixed == (draft.id, draft.created, draft.owner), "a data asset changed its id, date or owner")
        files = walk(files_of(deployment, asset.id))
        expect(files.files, "a data asset that was copied has no files")
        for item in smallest(files):
            open_item(deployment, item, partial(client.get_data_asset_file_urls, asset.id, item.path))
        expect_error(
            404, "a missing file", client.get_data_asset_file_urls, asset.id, "no/such/file", rules=("files.missing",)
        )
        _check_lifecycle(deployment, asset)


def _check_lifecycle(deployment: Deployment, asset: Any) -> None:
    """The rest of a life, from ready to deleted."""
    _check_updates(deployment, asset)
    _check_archiving(deployment, asset)
    client = deployment.sdk().data_assets
    file = min(walk(files_of(deployment, asset.id)).files)
    client.delete_data_asset(asset.id)
    for what, call, *more in (
        ("a data asset that was deleted", client.get_data_asset),
        ("the files of a data asset that was deleted", client.list_data_asset_files),
        ("a file of a data asset that was deleted", client.get_data_asset_file_urls, file),
        ("changing a data asset that was deleted", client.update_metadata, DataAssetUpdateParams(name="back")),
        ("hiding a data asset that was deleted", client.archive_data_asset, True),
        ("deleting a data asset a second time", client.delete_data_asset),
    ):
        expect_error(404, what, call, asset.id, *more)
    for archived in (False, True):
        _check_search(deployment, asset.id, archived, False, "a data asset that was deleted is still found")


def _check_updates(deployment: Deployment, asset: Any) -> None:
    """Each field changes alone, and then all of them; null keeps what is there."""
    client = deployment.sdk().data_assets
    tag = deployment.tag
    now = client.get_data_asset(asset.id)
    for change in (
        {"name": f"{tag} neu"},
        {"description": "Zweite Fassung: größer ✓"},
        {"tags": [tag, "größer", "two words"]},
        {"mount": "other"},
        {"name": f"{tag} all", "description": "All.", "tags": [tag], "mount": "all"},
        {},
    ):
        expected = replace(now, **change)
        answer = client.update_metadata(asset.id, DataAssetUpdateParams(**change))
        expect(
            answer == expected,
            f"changing {sorted(change)} was answered with {_difference(answer, expected)}",
            "data_assets.update",
        )
        now = client.get_data_asset(asset.id)
        expect(
            now == expected,
            f"after changing {sorted(change)} there is {_difference(now, expected)}",
            "data_assets.update",
            "requests.null_is_absent",
        )


def _difference(actual: Any, expected: Any) -> str:
    """Describe the fields in which two data assets differ."""
    pairs = ((name, getattr(actual, name), value) for name, value in vars(expected).items())
    return "; ".join(f"{name} {field!r}, not {value!r}" for name, field, value in pairs if field != value)


def _check_archiving(deployment: Deployment, asset: Any) -> None:
    """An archived data asset is found among the archived alone, and can be shown again."""
    client = deployment.sdk().data_assets
    for archived in (True, False):
        client.archive_data_asset(asset.id, archived)
        done = "archived" if archived else "shown again"
        _check_search(
            deployment, asset.id, archived, True, f"a data asset that was {done} is not found where it should be"
        )
        _check_search(
            deployment, asset.id, not archived, False, f"a data asset that was {done} is found where it should not be"
        )
        client.get_data_asset(asset.id)


def _check_search(deployment: Deployment, key: str, archived: bool, expected: bool, message: str) -> None:
    """Raise `CheckFailed` unless a data asset is found, or not, among the archived ones or the others."""
    search = DataAssetSearchParams(query=f'tag:"{deployment.tag}"', limit=100, archived=archived)
    client = deployment.sdk().data_assets

    def agrees() -> bool:
        return any(row.id == key for row in rows_of(client.search_data_assets, search)) is expected

    eventually(deployment, agrees, message)


@check("create_data_asset", "get_data_asset", "delete_data_asset", "list_data_asset_files", full=True)
def combined_asset(deployment: Deployment) -> None:
    """External data assets can be combined: the whole lists its parts and holds no files of its own; internal ones, or
    one alone, cannot.
    """
    client, tag = deployment.sdk().data_assets, deployment.tag
    with (
        fixtures.create_ready_asset(
            deployment, f"{tag} left", mount="left", source=fixtures.from_bucket("l", external=True)
        ) as left,
        fixtures.create_ready_asset(
            deployment, f"{tag} right", mount="right", source=fixtures.from_bucket("r", external=True)
        ) as right,
        fixtures.create_ready_asset(
            deployment, f"{tag} inside", mount="in", source=fixtures.from_bucket("i", external=False)
        ) as inside,
        fixtures.create_ready_asset(deployment, f"{tag} both", data_asset_ids=[left.id, right.id]) as both,
    ):
        expect(left.source_bucket.external is True, "an external data asset is not marked as external")
        expect_error(
            400,
            "listing the files of an external data asset",
            client.list_data_asset_files,
            left.id,
            rules=("files.elsewhere",),
        )
        expect(both.type == "combined", f"a combined data asset has the type {both.type}")
        actual = [(part.id, part.mount, part.size) for part in both.contained_data_assets or ()]
        expected = [(part.id, part.mount, part.size) for part in (left, right)]
        expect(
            actual == expected,
            f"a combined data asset shows the parts {actual}, not {expected}",
            "data_assets.combined",
            "model.contained_data_asset.size",
        )
        expect(
            both.size == left.size + right.size,
            "a combined data asset is not as large as its parts",
            "data_assets.combined",
        )
        expect(both.files is None, f"a combined data asset says that it has {both.files} files", "data_assets.combined")
        expect_error(
            400,
            "listing the files of a combined data asset",
            client.list_data_asset_files,
            both.id,
            rules=("files.elsewhere",),
        )
        for what, parts in (
            ("combining an internal data asset", [left.id, inside.id]),
            ("combining one data asset", [left.id]),
            ("combining a combined data asset", [left.id, both.id]),
            ("combining a data asset that does not exist", [left.id, UNKNOWN]),
        ):
            wrong = fixtures.asset_params(deployment, "wrong", data_asset_ids=parts)
            expect_error(400, what, client.create_data_asset, wrong, rules=("data_assets.combining",))


@check(
    "run_capsule",
    "get_computation",
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "delete_data_asset",
    full=True,
)
def external_target(deployment: Deployment) -> None:
    """A result that is captured into a bucket of the user's is external there, and keeps its provenance."""
    run = fixtures.shared_run(deployment)
    target = Target(aws=AWSS3Target(bucket=fixtures.BUCKET, prefix="kept/here"))
    with fixtures.capture_asset(deployment, f"{deployment.tag} kept", target=target) as asset:
        _check_in_bucket(asset, "kept/here")
        expect(asset.type == "result", f"a result in a bucket has the type {asset.type}", "data_assets.target")
        source = asset.provenance.computation
        expect(source == run.id, f"the provenance of a result in a bucket names the run {source}", "data_assets.target")
        files = deployment.sdk().data_assets.list_data_asset_files
        expect_error(400, "listing the files of a result in a bucket", files, asset.id, rules=("files.elsewhere",))


@check(
    "run_capsule",
    "get_computation",
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "transfer_data_asset",
    "delete_data_asset",
    full=True,
)
def transfer(deployment: Deployment) -> None:
    """An administrator can move a data asset's files into a bucket, nobody else; it keeps its provenance."""
    client, admin = deployment.sdk().data_assets, deployment.sdk(ADMIN).data_assets
    params = TransferDataParams(target=Target(aws=AWSS3Target(bucket=fixtures.BUCKET, prefix="moved")))
    with fixtures.capture_asset(deployment, f"{deployment.tag} moved") as asset:
        expect_error(
            403,
            "a transfer by its owner",
            client.transfer_data_asset,
            asset.id,
            params,
            rules=("data_assets.transfer_by_admins",),
        )
        before = client.get_data_asset(asset.id)
        expect(before.source_bucket is None and not before.last_transferred, "a refused transfer moved a data asset")
        admin.transfer_data_asset(asset.id, params)
        moved = deployment.poll(
            lambda: client.get_data_asset(asset.id),
            lambda current: current.last_transferred or current.transfer_error,
            "the transfer of a data asset",
        )
        expect(not moved.transfer_error, f"a transfer failed: {moved.transfer_error}")
        _check_in_bucket(moved, "moved")
        expect(moved.last_transferred >= asset.created, "a data asset was transferred before it was made")
        expect(
            moved.provenance == asset.provenance,
            "a transfer changed the provenance of a data asset",
            "data_assets.transfer",
        )
        expect_error(400, "listing files that were transferred", client.list_data_asset_files, asset.id)
        expect_error(404, "a transfer of what does not exist", admin.transfer_data_asset, UNKNOWN, params)


def _check_in_bucket(asset: Any, prefix: str) -> None:
    """The data asset is external, in the bucket under the prefix."""
    bucket = asset.source_bucket
    actual = bucket and (bucket.origin, bucket.bucket, bucket.prefix, bucket.external)
    expected = ("aws", fixtures.BUCKET, prefix, True)
    expect(
        actual == expected,
        f"a data asset says that it is in {actual}, not {expected}",
        "data_assets.target",
        "data_assets.transfer",
        "data_assets.external_prefix",
    )
