"""Rules that need two things in a state at once: what is used, attached, deleted, archived or of another kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from codeocean.components import EveryoneRole, Permissions
from codeocean.computation import DataAssetsRunParam, RunParams
from codeocean.data_asset import AWSS3Target, DataAssetAttachParams, DataAssetUpdateParams, Target, TransferDataParams

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error, expect_success
from contract_tests.scenarios.files import files_of, open_item, smallest, walk
from contract_tests.scenarios.runs import UNKNOWN

ASSET = ("create_data_asset", "get_data_asset", "delete_data_asset")
RUN = ("run_capsule", "get_computation", "delete_computation")

STUCK = "mock:scenario=stuck"
"""A tag of the fake: such a data asset stays a draft, however time passes, and runs that are given it never end."""


def _bucket_asset(deployment: Deployment, word: str, *, external: bool = False, tags: tuple[str, ...] = ()) -> Any:
    """A data asset from a bucket, which may be a draft yet, mounted under its own name."""
    source = fixtures.from_bucket(word, external=external)
    name, mount = f"{deployment.tag} {word}", f"{deployment.tag}-{word}"
    return fixtures.create_asset(deployment, name, mount=mount, source=source, tags=tags)


@contextmanager
def _ready(deployment: Deployment, word: str, **more: Any) -> Iterator[Any]:
    """A data asset from a bucket that is ready."""
    with _bucket_asset(deployment, word, **more) as draft:
        yield fixtures.wait_for_asset(deployment, draft.id)


@contextmanager
def _tagged(deployment: Deployment, word: str, tag: str) -> Iterator[Any]:
    """A ready data asset with a tag that says how its runs go: it is tagged when it is ready, or would go so itself."""
    with _ready(deployment, word) as asset:
        update = DataAssetUpdateParams(tags=[deployment.tag, tag])
        yield deployment.sdk().data_assets.update_metadata(asset.id, update)


def _expect_blocked(what: str, asset: Any, call: Any, *arguments: Any, rule: str) -> None:
    """Expect 403 that names the data asset which blocks the request, and it alone."""
    blocked = expect_error(403, what, call, *arguments, rules=[rule])
    named = (blocked.data or {}).get("datasets")
    expect(named == [{"id": asset.id, "name": asset.name}], f"{what} is reported as blocked by {named}", rule)


@check(*RUN, *ASSET, "update_data_asset", full=True)
def used_by_a_run(deployment: Deployment) -> None:
    """A data asset that a going run uses is not deleted; after the run has ended, or is deleted, it is."""
    control, client = deployment.steered(), deployment.sdk().data_assets
    capsule = deployment.capsule
    for how in ("stopped", "deleted"):
        with (
            _tagged(deployment, "used", STUCK) as asset,
            fixtures.start_run(deployment, capsule_id=capsule, data_assets=[DataAssetsRunParam(id=asset.id)]) as run,
        ):
            for length in ("going", "long"):
                what = f"deleting a data asset of a {length} run"
                _expect_blocked(what, asset, client.delete_data_asset, asset.id, rule="data_assets.delete_used")
                deployment.pass_time(3600)
            if how == "stopped":
                control.stop(run.id)
            else:
                deployment.sdk().computations.delete_computation(run.id)
            what = f"deleting a data asset of a run that was {how}"
            expect_success(what, client.delete_data_asset, asset.id, rules=["data_assets.delete_used"])
            if how == "stopped":
                shown = [one.id for one in deployment.sdk().computations.get_computation(run.id).data_assets or ()]
                expect(asset.id in shown, "a run forgets a data asset that was deleted")


@check(*RUN, *ASSET, "list_data_asset_files", "get_data_asset_file_urls", full=True)
def captured_and_deleted(deployment: Deployment) -> None:
    """A run that is deleted leaves what was captured from it, with its files and provenance; it cannot be captured
    any more.
    """
    sdk = deployment.sdk()
    with fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run:
        fixtures.require_success(deployment, run)
        source = fixtures.from_run(run.id)
        with fixtures.create_ready_asset(deployment, f"{deployment.tag} outlives", source=source) as asset:
            before = walk(files_of(deployment, asset.id))
            sdk.computations.delete_computation(run.id)
            expect(sdk.data_assets.get_data_asset(asset.id) == asset, "a result changed when its run was deleted")
            after = walk(files_of(deployment, asset.id))
            expect(after.sizes == before.sizes, "a result lists other files after its run was deleted")
            for item in smallest(after):
                open_item(deployment, item, partial(sdk.data_assets.get_data_asset_file_urls, asset.id, item.path))
        again = fixtures.asset_params(deployment, "again", source=source)
        expect_error(400, "capturing a run that was deleted", sdk.data_assets.create_data_asset, again)


@check(*ASSET, "list_data_asset_files", full=True)
def combined_of_what(deployment: Deployment) -> None:
    """Only ready external data assets are combined, two at least and at mounts of their own; what is combined outlives
    its parts.
    """
    deployment.steered()
    client = deployment.sdk().data_assets
    with (
        _ready(deployment, "left", external=True) as left,
        _ready(deployment, "right", external=True) as right,
        _bucket_asset(deployment, "draft", external=True, tags=(STUCK,)) as draft,
        fixtures.create_ready_asset(
            deployment, "same", mount=left.mount, source=fixtures.from_bucket("same", external=True)
        ) as same,
    ):
        wrong: dict[str, list[str]] = {
            "a draft": [left.id, draft.id],
            "one data asset twice": [left.id, left.id],
            "two data assets of one mount": [left.id, same.id],
            "nothing": [],
        }
        for what, parts in wrong.items():
            params = fixtures.asset_params(deployment, "wrong", data_asset_ids=parts)
            rules = ["data_assets.combining"]
            expect_error(400, f"combining {what}", client.create_data_asset, params, rules=rules)
        with fixtures.create_ready_asset(
            deployment, f"{deployment.tag} both", data_asset_ids=[left.id, right.id]
        ) as both:
            client.delete_data_asset(left.id)
            after = client.get_data_asset(both.id)
            what = "a combined data asset changed when a part of it was deleted"
            expect(after == both, what, "data_assets.combined")


@check(
    *RUN,
    *ASSET,
    "archive_data_asset",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "update_data_asset_permissions",
    "list_data_asset_files",
    "search_data_assets",
    full=True,
)
def archived_and_used(deployment: Deployment) -> None:
    """What is archived is hidden from searches, and works all the same: it is read, run with, attached and shared."""
    deployment.steered()
    sdk, capsule = deployment.sdk(), deployment.capsule
    client = sdk.data_assets
    with _ready(deployment, "archived") as asset:
        client.archive_data_asset(asset.id, True)
        client.archive_data_asset(asset.id, True)
        _require_archived(deployment, asset.id, True)
        expect(files_of(deployment, asset.id)("").items, "an archived data asset lists no files")
        with fixtures.run_to_end(deployment, capsule_id=capsule, data_assets=[DataAssetsRunParam(id=asset.id)]) as run:
            shown = [one.id for one in run.data_assets or ()]
            expect(asset.id in shown, "an archived data asset is not in a run that was given it")
        sdk.capsules.attach_data_assets(capsule, [DataAssetAttachParams(id=asset.id)])
        try:
            what = "deleting an archived data asset that is attached"
            _expect_blocked(what, asset, client.delete_data_asset, asset.id, rule="data_assets.delete_attached")
        finally:
            sdk.capsules.detach_data_assets(capsule, [asset.id.upper()])
        client.update_permissions(asset.id, Permissions(everyone=EveryoneRole.Viewer))
        seen = deployment.sdk(OTHER).data_assets.get_data_asset(asset.id)
        expect(seen.id == asset.id, "an archived data asset that is shared is shown as another")
        client.archive_data_asset(asset.id, False)
        client.archive_data_asset(asset.id, False)
        _require_archived(deployment, asset.id, False)


def _require_archived(deployment: Deployment, key: str, archived: bool) -> None:
    for flag in (True, False):
        query = {"query": f'tag:"{deployment.tag}"', "archived": flag, "limit": 1000}
        rows = deployment.http().ask("POST", "/data_assets/search", 200, json=query).json()["results"]
        found = key in [row["id"] for row in rows]
        what = f"a data asset archived {archived} is found {found} with archived {flag}"
        expect(found is (flag is archived), what, "search.select.archived")


@check(*RUN, *ASSET, "attach_capsule_data_assets", "transfer_data_asset", "list_data_asset_files", full=True)
def drafts_are_not_used(deployment: Deployment) -> None:
    """A draft is neither attached nor run with, its files are not there, and it is not moved; nor is what is combined,
    which has no files of its own.
    """
    deployment.steered()
    sdk, capsule, admin = deployment.sdk(), deployment.capsule, deployment.sdk(ADMIN).data_assets
    target = TransferDataParams(target=Target(aws=AWSS3Target(bucket=fixtures.BUCKET)))
    with _bucket_asset(deployment, "draft", tags=(STUCK,)) as draft:
        run = RunParams(capsule_id=capsule, data_assets=[DataAssetsRunParam(id=draft.id)])
        attach = [DataAssetAttachParams(id=draft.id)]
        expect_error(400, "a run with a draft", sdk.computations.run_capsule, run, rules=["runs.asset_not_ready"])
        unusable = ["data_assets.failed_unusable"]
        expect_error(400, "attaching a draft", sdk.capsules.attach_data_assets, capsule, attach, rules=unusable)
        expect_error(400, "moving a draft", admin.transfer_data_asset, draft.id, target)
        expect(not files_of(deployment, draft.id)("").items, "a draft lists files")
    with (
        _ready(deployment, "left", external=True) as left,
        _ready(deployment, "right", external=True) as right,
        fixtures.create_ready_asset(deployment, "both", data_asset_ids=[left.id, right.id]) as both,
    ):
        expect_error(400, "moving a combined data asset", admin.transfer_data_asset, both.id, target)


@check(*ASSET, full=True)
def sources_of_data_assets(deployment: Deployment) -> None:
    """Each source makes a data asset of its kind: a Google bucket an external one, lineage a result, the input bucket
    one for administrators; what does not go together is refused.
    """
    deployment.steered()
    http, params = deployment.http(), {"name": "contract-source", "mount": "source", "tags": [deployment.tag]}
    bucket, computation = {"aws": {"bucket": fixtures.BUCKET}}, {"computation": {"id": deployment.computation}}
    lineage = {"capsule_id": deployment.capsule, "commit": "c0ffee", "run_script": "code/run"}
    target = {"aws": {"bucket": fixtures.BUCKET}}
    google = {"gcp": {"bucket": "contract-google", "prefix": "/deep//er/"}}
    made: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
        (
            "google_is_external",
            {"source": google},
            {
                "type": "dataset",
                "source_bucket": {"bucket": "contract-google", "external": True, "origin": "gcp", "prefix": "deep/er"},
            },
        ),
        (
            "external_prefix",
            {"source": {"aws": {"bucket": fixtures.BUCKET, "prefix": "a/", "keep_on_external_storage": True}}},
            {"source_bucket": {"bucket": fixtures.BUCKET, "external": True, "origin": "aws", "prefix": "a"}},
        ),
        (
            "results_info",
            {"source": bucket, "results_info": lineage},
            {
                "type": "result",
                "provenance": {"capsule": deployment.capsule, "commit": "c0ffee", "run_script": "code/run"},
            },
        ),
        ("captured_is_inside", {"source": computation}, {"type": "result", "source_bucket": None}),
        ("target", {"source": computation, "target": target}, {"type": "result"}),
    )
    for rule, fields, expected in made:
        asset = http.ask("POST", "/data_assets", 200, json=params | fields).json()
        try:
            shown = {name: asset.get(name) for name in expected}
            what = f"a data asset made from {fields} shows {shown}, not {expected}"
            expect(shown == expected, what, f"data_assets.{rule}")
        finally:
            http.ask("DELETE", f"/data_assets/{asset['id']}", 204)
    bad, of_one = "create_data_asset.status.400", "data_assets.results_info_of_one"
    refused: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (400, bad, {}),
        (400, bad, {"source": {}}),
        (400, bad, {"source": bucket | computation}),
        (400, "data_assets.target_misplaced", {"source": bucket, "target": target}),
        (400, bad, {"source": bucket, "data_asset_ids": [deployment.data_asset]}),
        (400, bad, {"source": computation, "results_info": lineage}),
        (400, of_one, {"source": bucket, "results_info": {"commit": "c0ffee"}}),
        (400, of_one, {"source": bucket, "results_info": lineage | {"pipeline_id": deployment.pipeline}}),
        (400, bad, {"source": {"computation": {"id": UNKNOWN}}}),
        (400, bad, {"source": {"computation": {"id": deployment.computation, "path": "no/such/folder"}}}),
        (400, bad, {"source": {"cloud_workstation": {"id": deployment.computation, "path": "scratch"}}}),
        (403, "data_assets.use_input_bucket", {"source": {"aws": {"bucket": "any", "use_input_bucket": True}}}),
    )
    for status, rule, fields in refused:
        answer = http.ask("POST", "/data_assets", json=params | fields)
        what = f"a data asset made from {fields} returned {answer.status}, expected {status}"
        expect(answer.status == status, what, rule)
    body = params | {"source": {"aws": {"bucket": "any", "use_input_bucket": True}}}
    asset = deployment.http(ADMIN).ask("POST", "/data_assets", 200, json=body).json()
    deployment.http(ADMIN).ask("DELETE", f"/data_assets/{asset['id']}", 204)
    external = asset["source_bucket"].get("external")
    what = f"a data asset from the input bucket is external: {external}"
    expect(external is False, what, "data_assets.use_input_bucket")


CHECKS = (
    used_by_a_run,
    captured_and_deleted,
    combined_of_what,
    archived_and_used,
    drafts_are_not_used,
    sources_of_data_assets,
)
