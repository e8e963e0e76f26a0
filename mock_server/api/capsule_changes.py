"""Routes that look into or change a capsule or pipeline: app panel, permissions, attachments, archive, releases."""

from typing import Any

from fastapi import APIRouter

from mock_server.api.call import Call
from mock_server.api.declare import link, operation
from mock_server.api.parameters import ArchiveFlag, CapsuleId, JobId, PanelVersion
from mock_server.services import attachments, capsules, panels, permissions, releases
from mock_server.services.capsules import Kind
from mock_server.wire.app_panels import AppPanel
from mock_server.wire.attachments import AttachList, AttachResults, DetachList
from mock_server.wire.permissions import Permissions, PermissionsParams
from mock_server.wire.releases import GitSyncResults, ReleaseIssues, ReleaseJob

READ = ("capsule:read",)
WRITE = ("capsule:read", "capsule:write")
ATTACH = ("capsule:read", "capsule:write", "data_asset:read", "data_asset:write")

PANEL_EXAMPLE = {
    "general": {"title": "FastQC"},
    "parameters": [{"name": "Number of threads", "param_name": "threads", "default_value": "1", "type": "text"}],
}
PERMISSIONS_EXAMPLE = {"everyone": "none", "users": [{"email": "demo-user@example.com", "role": "owner"}]}
ATTACH_EXAMPLE = [
    {
        "external": False,
        "id": "eeefcc52-b445-4e3c-80c5-0e65526cd712",
        "job_id": "de91932c-d885-455a-9f3a-ec4a6fd95707",
        "mount": "Reference",
        "mount_state": "mounting",
        "ready": False,
    }
]
JOB_EXAMPLE = {
    "duration": 0,
    "job_id": "de91932c-d885-455a-9f3a-ec4a6fd95707",
    "started": 1710962969,
    "status": "created",
}


def add_changes(router: APIRouter, kind: Kind) -> None:
    """Add the routes to the router of a kind."""
    _add_access(router, kind)
    _add_attachments(router, kind)
    _add_end_of_life(router, kind)
    _add_releases(router, kind)


def _told(operation_id: str, answers: str, **more: Any) -> dict[str, Any]:
    """What the operations here have in common."""
    failures = tuple({400, 404, *more.pop("failures", ())})
    return operation(operation_id, evidence="documented", answers=answers, failures=failures, **more)


def _add_access(router: APIRouter, kind: Kind) -> None:
    @router.get(
        "/{capsule_id}/app_panel",
        summary=f"Get the app panel of a {kind}",
        **_told(f"get_{kind}_app_panel", "The app panel", scopes=READ, example=PANEL_EXAMPLE),
    )
    async def get_app_panel(call: Call, capsule_id: CapsuleId, version: PanelVersion = None) -> AppPanel:
        """Get the app panel, of a released version if asked for; 404 when there is none."""
        return panels.get(call.world, call.caller, kind, capsule_id, version)

    @router.get(
        "/{capsule_id}/permissions",
        summary=f"Get the permissions of a {kind}",
        **_told(f"get_{kind}_permissions", "All roles", scopes=READ, example=PERMISSIONS_EXAMPLE),
    )
    async def get_permissions(call: Call, capsule_id: CapsuleId) -> Permissions:
        """Get who may do what."""
        return permissions.of_capsule(call.world, call.caller, kind, capsule_id)

    @router.post(
        "/{capsule_id}/permissions",
        summary=f"Update the permissions of a {kind}",
        **_told(f"update_{kind}_permissions", "Done", scopes=WRITE, status=204, failures=(413,)),
    )
    async def update_permissions(call: Call, capsule_id: CapsuleId, params: PermissionsParams) -> None:
        """Set who may do what; the owner always stays."""
        permissions.update_capsule(call.world, call.caller, kind, capsule_id, params)


def _add_attachments(router: APIRouter, kind: Kind) -> None:
    @router.post(
        "/{capsule_id}/data_assets",
        summary=f"Attach data assets to a {kind}",
        **_told(
            f"attach_{kind}_data_assets", "Mounting has begun", scopes=ATTACH, example=ATTACH_EXAMPLE, failures=(413,)
        ),
    )
    async def attach(call: Call, capsule_id: CapsuleId, params: AttachList) -> list[AttachResults]:
        """Attach data assets, all of them or none."""
        return attachments.attach_to_capsule(call.world, call.caller, kind, capsule_id, params)

    @router.delete(
        "/{capsule_id}/data_assets",
        summary=f"Detach data assets from a {kind}",
        **_told(f"detach_{kind}_data_assets", "Done", scopes=ATTACH, status=204, failures=(413,)),
    )
    async def detach(call: Call, capsule_id: CapsuleId, params: DetachList) -> None:
        """Detach data assets, all of them or none."""
        attachments.detach_from_capsule(call.world, call.caller, kind, capsule_id, params)


def _add_end_of_life(router: APIRouter, kind: Kind) -> None:
    gone = {f"get_{kind}": link(f"get_{kind}", capsule_id="$request.path.capsule_id")}

    @router.patch(
        "/{capsule_id}/archive",
        summary=f"Archive a {kind}",
        **_told(f"archive_{kind}", "Done", scopes=WRITE, status=204),
    )
    async def archive(call: Call, capsule_id: CapsuleId, archive: ArchiveFlag) -> None:
        """Archive it, or take it back."""
        capsules.archive(call.world, call.caller, kind, capsule_id, archive)

    @router.delete(
        "/{capsule_id}",
        summary=f"Delete a {kind}",
        **_told(f"delete_{kind}", "It is gone, and its runs with it", scopes=WRITE, status=204, links=gone),
    )
    async def delete(call: Call, capsule_id: CapsuleId) -> None:
        """Delete it: only when it is archived and was never released."""
        capsules.delete(call.world, call.caller, kind, capsule_id)


def _add_releases(router: APIRouter, kind: Kind) -> None:
    job = {
        f"get_{kind}_release_job": link(
            f"get_{kind}_release_job", capsule_id="$request.path.capsule_id", job_id="$response.body#/job_id"
        )
    }

    @router.post(
        "/{capsule_id}/sync",
        summary=f"Sync a {kind} with its Git repository",
        **_told(f"sync_{kind}", "What was exchanged", scopes=WRITE, example={"pushed": 2}, failures=(423,)),
    )
    async def sync(call: Call, capsule_id: CapsuleId) -> GitSyncResults:
        """Exchange commits with the external Git repository."""
        return releases.sync(call.world, call.caller, kind, capsule_id)

    started = "The release has been started"

    @router.post(
        "/{capsule_id}/release",
        summary=f"Release a {kind}",
        **_told(f"release_{kind}", started, scopes=WRITE, example=JOB_EXAMPLE, links=job, refusal=ReleaseIssues),
    )
    async def release(call: Call, capsule_id: CapsuleId) -> ReleaseJob:
        """Start to release the next version. 403 tells the requirements that are not met, without a message."""
        return releases.start(call.world, call.caller, kind, capsule_id)

    @router.get(
        "/{capsule_id}/release/{job_id}",
        summary=f"Get a release job of a {kind}",
        **_told(f"get_{kind}_release_job", "The job as it stands now", scopes=READ, example=JOB_EXAMPLE),
    )
    async def get_release_job(call: Call, capsule_id: CapsuleId, job_id: JobId) -> ReleaseJob:
        """Get how a release stands."""
        return releases.get(call.world, call.caller, kind, capsule_id, job_id)
