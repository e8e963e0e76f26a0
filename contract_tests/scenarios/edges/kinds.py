"""Capsules, pipelines and their released versions: what is taken for what, and what each of them refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codeocean.capsule import CapsuleSearchParams
from codeocean.components import EveryoneRole, Permissions, UserPermissions, UserRole
from codeocean.computation import DataAssetsRunParam, PipelineProcessParams, RunParams
from codeocean.data_asset import DataAssetAttachParams

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import download
from contract_tests.scenarios.pages import rows_of
from contract_tests.scenarios.sharing import email_of

ASSET = ("create_data_asset", "get_data_asset", "delete_data_asset")
RUN = ("run_capsule", "get_computation", "delete_computation")

NEVER = 999
"""A version that nothing was released in."""


@check(
    "get_capsule",
    "get_pipeline",
    "list_capsule_computations",
    "list_pipeline_computations",
    "get_capsule_permissions",
    "get_pipeline_permissions",
    "get_pipeline_app_panel",
    *RUN,
    full=True,
)
def capsules_are_no_pipelines(deployment: Deployment) -> None:
    """A pipeline is found and run as a capsule too, a capsule as a pipeline is not (seen in clients)."""
    deployment.steered()
    http, capsule, pipeline = deployment.http(), deployment.capsule, deployment.pipeline
    for part in ("", "/computations", "/permissions", "/app_panel"):
        status = http.ask("GET", f"/pipelines/{capsule}{part}").status
        expect(status == 404, f"GET {part or 'of it'} of a capsule as a pipeline returned {status}, expected 404")
    body = {"pipeline_id": capsule}
    status = http.ask("POST", "/computations", json=body).status
    expect(status == 404, f"a run of a capsule as a pipeline returned {status}, expected 404", "runs.unknown_capsule")
    for part in ("", "/permissions"):
        one, other = (http.ask("GET", f"/{kind}/{pipeline}{part}", 200).json() for kind in ("capsules", "pipelines"))
        fixed = [{name: value for name, value in shown.items() if name != "last_accessed"} for shown in (one, other)]
        what = f"a pipeline is shown differently as a capsule: {part or 'itself'}"
        expect(fixed[0] == fixed[1], what, "capsules.pipeline_is_a_capsule")
    with fixtures.start_run(deployment, capsule_id=pipeline) as run:
        rule = "runs.pipeline_as_capsule"
        expect(run.processes, "a run of a pipeline that was started as a capsule has no processes", rule)
        listed = [row.id for row in deployment.sdk().pipelines.list_computations(pipeline)]
        expect(run.id in listed, "a run of a pipeline that was started as a capsule is not listed with it", rule)


@check(*RUN, "attach_computation_data_assets", "detach_computation_data_assets", full=True)
def what_a_run_ignores(deployment: Deployment) -> None:
    """A capsule has no processes, and ignores a Nextflow profile and, unless it is released, a version; a pipeline
    ignores ordered parameters.
    """
    deployment.steered()
    client, capsule, pipeline = deployment.sdk().computations, deployment.capsule, deployment.pipeline
    process = [PipelineProcessParams(name="main")]
    wrong = RunParams(capsule_id=capsule, processes=process)
    for_pipelines = "runs.processes_of_capsule"
    expect_error(400, "a run of a capsule with a process", client.run_capsule, wrong, rules=[for_pipelines])
    neither = RunParams()
    expect_error(400, "a run of nothing", client.run_capsule, neither, rules=["runs.capsule_or_pipeline"])
    with fixtures.start_run(deployment, capsule_id=capsule, nextflow_profile="standard", version=NEVER) as run:
        read = deployment.http().ask("GET", f"/computations/{run.id}", 200).json()
        found = sorted({"nextflow_profile", "version", "processes"} & read.keys())
        expect(not found, f"a run of a capsule shows {found}", for_pipelines)
        for method in ("POST", "DELETE"):
            status = deployment.http().ask(method, f"/computations/{run.id}/data_assets", json=[]).status
            what = f"{method} of data assets of what is no cloud workstation returned {status}"
            expect(status == 400, what, "attaching.no_workstation")
    with fixtures.start_run(deployment, pipeline_id=pipeline, parameters=["ignored"]) as run:
        what = f"a run of a pipeline given ordered parameters shows {run.parameters}"
        expect(not run.parameters, what, "runs.ordered_parameters_of_pipelines")


@contextmanager
def _attached(deployment: Deployment, *, external: bool) -> Iterator[tuple[Any, Any]]:
    """Two data assets, an internal and an external one; `external` says which of them is attached to the pipeline."""
    client, key = deployment.sdk().pipelines, deployment.pipeline
    tag = deployment.tag
    with (
        fixtures.create_ready_asset(
            deployment, f"{tag} near", mount=f"{tag}-near", source=fixtures.from_bucket("near", external=False)
        ) as near,
        fixtures.create_ready_asset(
            deployment, f"{tag} far", mount=f"{tag}-far", source=fixtures.from_bucket("far", external=True)
        ) as far,
    ):
        own, other = (far, near) if external else (near, far)
        client.attach_data_assets(key, [DataAssetAttachParams(id=own.id, mount=f"{tag}-kinds")])
        try:
            yield own, other
        finally:
            client.detach_data_assets(key, [own.id])


@check(
    *RUN,
    *ASSET,
    "attach_pipeline_data_assets",
    "detach_pipeline_data_assets",
    "get_pipeline_app_panel",
    "get_result_file_urls",
    full=True,
)
def data_assets_of_pipelines(deployment: Deployment) -> None:
    """A pipeline's data asset is replaced by one of its kind alone, at its mount alone: at another mount the run fails,
    and says that it did not find it.
    """
    deployment.steered()
    client, pipeline, mount = deployment.sdk().computations, deployment.pipeline, f"{deployment.tag}-kinds"
    for external in (True, False):
        with _attached(deployment, external=external) as (own, other):
            panel = deployment.http().ask("GET", f"/pipelines/{pipeline}/app_panel", 200).json()
            [shown] = [entry for entry in panel["data_assets"] if entry["id"] == own.id]
            kind = "external" if external else "internal"
            expected = {"id": own.id, "name": own.name, "mount": mount, "kind": kind, "accessible": True}
            what = f"an attached data asset is shown by the panel as {shown}, not {expected}"
            rules = [
                f"model.panel_data_asset.{field}" for field in ("id", "name", "mount", f"kind.{kind}", "accessible")
            ]
            expect(shown == expected, what, *rules)
            params = RunParams(pipeline_id=pipeline, data_assets=[DataAssetsRunParam(id=other.id, mount=mount)])
            what = "a run with a data asset of another kind"
            expect_error(400, what, client.run_pipeline, params, rules=["runs.replacing_kind"])
    with _attached(deployment, external=True) as (own, other):
        given = [DataAssetsRunParam(id=other.id, mount=f"{mount}-wrong")]
        with fixtures.run_to_end(deployment, pipeline_id=pipeline, data_assets=given) as run:
            end = (run.state, run.end_status, run.exit_code, run.has_results)
            what = f"a pipeline with a wrong mount ended {end}"
            expect(end == ("completed", "failed", 1, False), what, "runs.unknown_mount")
            log = download(deployment, lambda: str(client.get_result_file_urls(run.id, "output").download_url)).answer
            what = "a pipeline does not say which mount it did not find"
            expect(f"/data/{mount}-wrong".encode() in log, what, "runs.log_tells")


@check(
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "get_capsule_app_panel",
    "update_capsule_permissions",
    "get_capsule_permissions",
    *RUN,
    *ASSET,
    full=True,
)
def attached_and_not_shared(deployment: Deployment) -> None:
    """A data asset that is attached to a capsule and not shared is in the runs of others too; the panel tells them that
    they may not look into it.
    """
    deployment.steered()
    mine, theirs, capsule = deployment.sdk(), deployment.sdk(OTHER), deployment.capsule
    users = [UserPermissions(email=email_of(deployment, OTHER), role=UserRole.Viewer)]
    source = fixtures.from_bucket("unshared", external=False)
    before = mine.capsules.get_permissions(capsule)
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} unshared", source=source) as asset:
        try:
            mine.capsules.update_permissions(capsule, Permissions(users=users))
            mine.capsules.attach_data_assets(capsule, [DataAssetAttachParams(id=asset.id)])
            for who, accessible in ((OTHER, False), (ADMIN, True)):
                panel = deployment.http(who).ask("GET", f"/capsules/{capsule}/app_panel", 200).json()
                [shown] = [entry["accessible"] for entry in panel["data_assets"] if entry["id"] == asset.id]
                what = f"a panel tells the {who} that a private data asset is accessible: {shown}"
                expect(shown is accessible, what, "attaching.mounted_unseen")
            with fixtures.start_run(deployment, OTHER, capsule_id=capsule) as run:
                mounted = [one.id for one in run.data_assets or ()]
                expect(asset.id in mounted, "what is attached is not in the runs of others", "attaching.mounted_unseen")
            what, read = "a data asset that is attached alone", theirs.data_assets.get_data_asset
            expect_error(404, what, read, asset.id, rules=["access.hidden"])
        finally:
            mine.capsules.detach_data_assets(capsule, [asset.id])
            everyone = before.everyone or EveryoneRole.None_
            old = Permissions(users=before.users or [], groups=before.groups or [], everyone=everyone)
            mine.capsules.update_permissions(capsule, old)


@check(
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "get_capsule_permissions",
    "update_capsule_permissions",
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    *ASSET,
    full=True,
)
def shared_along(deployment: Deployment) -> None:
    """What is shared along with a capsule gains roles and loses none; what is not its owner's is not shared along."""
    deployment.steered()
    mine, theirs, capsule = deployment.sdk(), deployment.sdk(OTHER), deployment.capsule
    other, admin = email_of(deployment, OTHER), email_of(deployment, ADMIN)
    source, before = fixtures.from_bucket("along", external=False), mine.capsules.get_permissions(capsule)
    with (
        fixtures.create_ready_asset(deployment, "own", mount=f"{deployment.tag}-own", source=source) as own,
        fixtures.create_ready_asset(deployment, "lent", OTHER, mount=f"{deployment.tag}-lent", source=source) as lent,
    ):
        held = [UserPermissions(email=other, role=UserRole.Editor)]
        mine.data_assets.update_permissions(own.id, Permissions(users=held))
        reader = UserPermissions(email=own.owner_email, role=UserRole.Viewer)
        theirs.data_assets.update_permissions(lent.id, Permissions(users=[reader]))
        attach = [DataAssetAttachParams(id=key) for key in (own.id, lent.id)]
        try:
            mine.capsules.attach_data_assets(capsule, attach)
            users = [UserPermissions(email=email, role=UserRole.Viewer) for email in (other, admin)]
            mine.capsules.update_permissions(capsule, Permissions(users=users, share_assets=True))
            mine.capsules.update_permissions(capsule, Permissions(users=users[1:], share_assets=True))
            roles = {user.email: user.role.value for user in mine.data_assets.get_permissions(own.id).users}
            expected = {own.owner_email: "owner", other: "editor", admin: "viewer"}
            what = f"a data asset that was shared along has the roles {roles}, not {expected}"
            expect(roles == expected, what, "sharing.share_assets")
            roles = {user.email: user.role.value for user in theirs.data_assets.get_permissions(lent.id).users}
            expected = {other: "owner", own.owner_email: "viewer"}
            what = f"another user's data asset was shared along: {roles}, not {expected}"
            expect(roles == expected, what, "sharing.share_assets")
        finally:
            mine.capsules.detach_data_assets(capsule, [own.id, lent.id])
            everyone = before.everyone or EveryoneRole.None_
            old = Permissions(users=before.users or [], groups=before.groups or [], everyone=everyone)
            mine.capsules.update_permissions(capsule, old)


def _released(deployment: Deployment) -> tuple[Any, Any]:
    """An own capsule that was released, and its release. Raises `CheckSkipped`."""
    client = deployment.sdk().capsules
    for row in rows_of(client.search_capsules, CapsuleSearchParams(limit=1000, ownership="created")):
        if row.release_capsule:
            return row, client.get_capsule(row.release_capsule)
    raise CheckSkipped("no capsule was released")


@check(
    "search_capsules",
    "get_capsule",
    "get_capsule_app_panel",
    "list_capsule_computations",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "get_capsule_permissions",
    *RUN,
    *ASSET,
    full=True,
)
def released_versions(deployment: Deployment) -> None:
    """A released capsule runs in its newest version unless another is asked for; its runs are of the owner `release`,
    and only those who started them and administrators see them; nothing is attached to it.
    """
    deployment.steered()
    _, released = _released(deployment)
    majors = [version.major_version for version in released.versions]
    expect(majors == sorted(set(majors)) and majors, f"the versions of a released capsule are {majors}")
    permissions = deployment.sdk().capsules.get_permissions(released.id)
    if permissions.everyone != EveryoneRole.Viewer:
        raise CheckSkipped("the released capsule is not everybody's")
    http, theirs, where = deployment.http(OTHER), deployment.sdk(OTHER), f"/capsules/{released.id}"
    for version in (None, majors[0], majors[-1]):
        body = {"capsule_id": released.id} | ({} if version is None else {"version": version})
        run = http.ask("POST", "/computations", 200, json=body).json()
        try:
            shown = (run["owner"], run.get("owner_email"), run.get("version"))
            expected = ("release", None, version or majors[-1])
            what = f"a run of version {version} of {majors} shows {shown}, not {expected}"
            expect(shown == expected, what, "runs.of_release", "get_computation.answer.version")
            _check_seen(deployment, released.id, run["id"])
        finally:
            theirs.computations.delete_computation(run["id"])
    requests: tuple[tuple[str, str, int, Any, str], ...] = (
        ("POST", "/computations", 400, {"capsule_id": released.id, "version": NEVER}, "runs.unknown_version"),
        ("GET", f"{where}/app_panel?version={NEVER}", 404, None, "capsules.panel_version"),
        ("GET", f"{where}/app_panel?version={majors[0]}", 200, None, "get_capsule_app_panel.query.version"),
    )
    for method, path, status, sent, rule in requests:
        answer = http.ask(method, path, json=sent).status
        expect(answer == status, f"{method} {path.partition('?')[0]} returned {answer}, expected {status}", rule)
    attach = [DataAssetAttachParams(id=deployment.data_asset)]
    client = deployment.sdk().capsules
    rules = ["attaching.released"]
    expect_error(403, "attaching to a released capsule", client.attach_data_assets, released.id, attach, rules=rules)
    expect_error(403, "detaching from a released capsule", client.detach_data_assets, released.id, [], rules=rules)


def _check_seen(deployment: Deployment, capsule: str, key: str) -> None:
    """A run of a release is seen by the other user, who started it, and administrators, and by nobody else."""
    for who, seen in ((OTHER, True), (ADMIN, True), (OWNER, False)):
        status = deployment.http(who).ask("GET", f"/computations/{key}").status
        what = f"a run of a release returned {status} to the {who}"
        expect((status == 200) is seen, what, "runs.of_release_are_private")
        listed = [row["id"] for row in deployment.http(who).ask("GET", f"/capsules/{capsule}/computations", 200).json()]
        what = f"a run of a release is listed for the {who}: {key in listed}"
        expect((key in listed) is seen, what, "runs.of_release_are_private")


CHECKS = (
    capsules_are_no_pipelines,
    what_a_run_ignores,
    data_assets_of_pipelines,
    attached_and_not_shared,
    shared_along,
    released_versions,
)
