"""Rejections by every deployment: unknown ids, clients that are too new, tokens with read scopes only."""

import re

from codeocean.capsule import CapsuleSearchParams
from codeocean.components import Permissions
from codeocean.computation import RunParams
from codeocean.data_asset import DataAssetAttachParams, DataAssetUpdateParams

from contract_tests.checks import check
from contract_tests.deployment import READER, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.runs import UNKNOWN

NO_ID = "1234567"
"""Not the form of an id: a capsule's slug, which people take for one."""

READS = {
    "get_capsule": ("GET", "/capsules/{}"),
    "get_pipeline": ("GET", "/pipelines/{}"),
    "get_capsule_app_panel": ("GET", "/capsules/{}/app_panel"),
    "get_pipeline_app_panel": ("GET", "/pipelines/{}/app_panel"),
    "list_capsule_computations": ("GET", "/capsules/{}/computations"),
    "list_pipeline_computations": ("GET", "/pipelines/{}/computations"),
    "get_capsule_permissions": ("GET", "/capsules/{}/permissions"),
    "get_pipeline_permissions": ("GET", "/pipelines/{}/permissions"),
    "get_computation": ("GET", "/computations/{}"),
    "list_computation_results": ("POST", "/computations/{}/results"),
    "get_result_file_urls": ("GET", "/computations/{}/results/urls?path=output"),
    "get_result_file_download_url": ("GET", "/computations/{}/results/download_url?path=output"),
    "get_data_asset": ("GET", "/data_assets/{}"),
    "list_data_asset_files": ("POST", "/data_assets/{}/files"),
    "get_data_asset_file_urls": ("GET", "/data_assets/{}/files/urls?path=a"),
    "get_data_asset_file_download_url": ("GET", "/data_assets/{}/files/download_url?path=a"),
    "get_data_asset_permissions": ("GET", "/data_assets/{}/permissions"),
}
"""Operations that change nothing and name one thing."""


@check(*READS)
def unknown_ids(deployment: Deployment) -> None:
    """Unknown ids return 404, malformed ones 400 `invalid id`."""
    caller = deployment.http()
    for name, (method, path) in READS.items():
        body = {"path": ""} if method == "POST" else None
        unknown = caller.ask(method, path.format(UNKNOWN), json=body)
        expect(unknown.status == 404, f"{name} of an id that nothing has returned {unknown.status}, expected 404")
        wrong = caller.ask(method, path.format(NO_ID), json=body)
        expect(wrong.status == 400, f"{name} of {NO_ID}, which is no id, returned {wrong.status}, expected 400")
        answer = wrong.json()
        message = answer.get("message") if isinstance(answer, dict) else None
        expect(
            message == "invalid id", f"{name} of {NO_ID}, which is no id, returned {message!r}", "requests.invalid_id"
        )


@check("search_capsules", "get_capsule")
def minimum_version(deployment: Deployment) -> None:
    """A client that needs a newer platform is rejected on every request, with both versions in the message; one that
    needs an older one is served.
    """
    caller = deployment.http()
    for version in ("0.0.1", "1.0.0"):
        caller.ask("POST", "/capsules/search", 200, json={"limit": 1}, headers={"Min-Server-Version": version})
    newest = {"Min-Server-Version": "9999.0.0"}
    for method, path, body in (("POST", "/capsules/search", {"limit": 1}), ("GET", f"/capsules/{UNKNOWN}", None)):
        answer = caller.ask(method, path, 400, json=body, headers=newest).json()
        message = str(answer.get("message")) if isinstance(answer, dict) else ""
        form = r"server version \d+\.\d+(\.\d+)? is lower than required minimum 9999\.0\.0"
        expect(re.fullmatch(form, message), f"a client that is too new returned {message!r}")


WRITES = (
    "run_capsule",
    "rename_computation",
    "delete_computation",
    "create_data_asset",
    "update_data_asset",
    "archive_data_asset",
    "update_data_asset_permissions",
    "delete_data_asset",
    "archive_capsule",
    "update_capsule_permissions",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
)


@check(*WRITES, "get_computation", "get_data_asset", "search_capsules", full=True)
def reader_refused(deployment: Deployment) -> None:
    """A token with read scopes only reads what its user may see, and cannot change it."""
    sdk, reader = deployment.sdk(), deployment.sdk(READER)
    reader.capsules.search_capsules(CapsuleSearchParams(limit=1))
    with (
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
        fixtures.capture_asset(deployment, f"{deployment.tag} read") as asset,
    ):
        expect(reader.computations.get_computation(run.id) == run, "a reader is shown another run than its owner")
        expect(
            reader.data_assets.get_data_asset(asset.id) == asset, "a reader is shown another data asset than its owner"
        )
        new = fixtures.asset_params(deployment, "new", source=fixtures.from_run(run.id))
        assets, capsules = reader.data_assets, reader.capsules
        attach = [DataAssetAttachParams(id=asset.id)]
        for what, call, *arguments in (
            ("a run", reader.computations.run_capsule, RunParams(capsule_id=deployment.capsule)),
            ("renaming a run", reader.computations.rename_computation, run.id, "renamed"),
            ("making a data asset", assets.create_data_asset, new),
            ("changing a data asset", assets.update_metadata, asset.id, DataAssetUpdateParams(name="changed")),
            ("hiding a data asset", assets.archive_data_asset, asset.id, True),
            ("sharing a data asset", assets.update_permissions, asset.id, Permissions()),
            ("hiding a capsule", capsules.archive_capsule, deployment.capsule, True),
            ("sharing a capsule", capsules.update_permissions, deployment.capsule, Permissions()),
            ("attaching", capsules.attach_data_assets, deployment.capsule, attach),
            ("detaching", capsules.detach_data_assets, deployment.capsule, []),
            ("deleting a run", reader.computations.delete_computation, run.id),
            ("deleting a data asset", assets.delete_data_asset, asset.id),
        ):
            expect_error(403, f"{what} with a token that may only read", call, *arguments)
        expect(sdk.computations.get_computation(run.id) == run, "a refused request of a reader changed a run")
        expect(sdk.data_assets.get_data_asset(asset.id) == asset, "a refused request of a reader changed a data asset")
