"""Routes of capsules and of pipelines: the same ones, made once for each kind."""

from typing import Any

from mock_server.api.routes.examples import ATTACH_EXAMPLE, PERMISSIONS_EXAMPLE, RUN_EXAMPLE
from mock_server.api.routes.metadata import link, operation
from mock_server.api.routes.parameters import ArchiveFlag, CapsuleId, JobId, PanelVersion
from mock_server.asgi.context import RequestContext
from mock_server.domain.access import ATTACH, READ_CAPSULES, WRITE_CAPSULES
from mock_server.operations.declaration import Routes
from mock_server.services import attachments, capsules, panels, permissions, releases
from mock_server.services.capsules import Kind
from mock_server.wire.app_panels import AppPanel
from mock_server.wire.attachments import AttachList, AttachResults, DetachList
from mock_server.wire.capsules import Capsule, CapsuleSearchParams, CapsuleSearchResults
from mock_server.wire.computations import Computation
from mock_server.wire.permissions import Permissions, PermissionsParams
from mock_server.wire.releases import GitSyncResults, ReleaseIssues, ReleaseJob

EXAMPLE = {
    "created": 1646687025,
    "id": "1d8288da-0785-4e4f-aa37-2d1db3636bc4",
    "name": "Example capsule to execute for capsule API",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "slug": "1576467",
    "status": "non_release",
}
PANEL_EXAMPLE = {
    "general": {"title": "FastQC"},
    "parameters": [{"name": "Number of threads", "param_name": "threads", "default_value": "1", "type": "text"}],
}
JOB_EXAMPLE = {
    "duration": 0,
    "job_id": "de91932c-d885-455a-9f3a-ec4a6fd95707",
    "started": 1710962969,
    "status": "created",
}


def make_router(kind: Kind) -> Routes:
    """The routes under `/capsules` or under `/pipelines` (the SDK's `Pipelines` is its `Capsules` on another path)."""
    plural = f"{kind}s"
    router = Routes(prefix=f"/api/v1/{plural}", tags=[plural])
    first = link(f"get_{kind}", capsule_id="$response.body#/results/0/id")

    @router.post(
        "/search",
        summary=f"Search {plural}",
        **operation(
            f"search_{plural}",
            evidence="documented",
            scopes=READ_CAPSULES,
            answers=f"A page of {plural}",
            example={"has_more": False, "results": [EXAMPLE]},
            failures=(413,),
            links={f"get_{kind}": first},
        ),
    )
    async def search(context: RequestContext, params: CapsuleSearchParams) -> CapsuleSearchResults:
        """Search by words, phrases, fields and filters; sorted by relevance when there are words, and else by name."""
        return await capsules.search(context.world, context.caller, kind, params)

    @router.get(
        "/{capsule_id}",
        summary=f"Get {kind}",
        **operation(
            f"get_{kind}",
            evidence="documented",
            scopes=READ_CAPSULES,
            answers=f"The {kind}",
            example=EXAMPLE,
            failures=(404,),
        ),
    )
    async def get(context: RequestContext, capsule_id: CapsuleId) -> Capsule:
        """Get what is known of one; a pipeline is found under both paths."""
        return capsules.get(context.world, context.caller, kind, capsule_id)

    @router.get(
        "/{capsule_id}/computations",
        summary=f"List computations of a {kind}",
        **operation(
            f"list_{kind}_computations",
            evidence="documented",
            scopes=READ_CAPSULES,
            answers="All runs, newest first",
            example=[RUN_EXAMPLE],
            failures=(404,),
        ),
    )
    async def list_computations(context: RequestContext, capsule_id: CapsuleId) -> list[Computation]:
        """List all runs, newest first; there are no pages."""
        return capsules.list_computations(context.world, context.caller, kind, capsule_id)

    _add_access(router, kind)
    _add_attachments(router, kind)
    _add_end_of_life(router, kind)
    _add_releases(router, kind)
    return router


def _documented(operation_id: str, answers: str, **more: Any) -> dict[str, Any]:
    """Arguments for the decorator of a documented operation that may not find its capsule."""
    failures = tuple({400, 404, *more.pop("failures", ())})
    return operation(operation_id, evidence="documented", answers=answers, failures=failures, **more)


def _add_access(router: Routes, kind: Kind) -> None:
    @router.get(
        "/{capsule_id}/app_panel",
        summary=f"Get the app panel of a {kind}",
        **_documented(f"get_{kind}_app_panel", "The app panel", scopes=READ_CAPSULES, example=PANEL_EXAMPLE),
    )
    async def get_app_panel(context: RequestContext, capsule_id: CapsuleId, version: PanelVersion = None) -> AppPanel:
        """Get the app panel, of a released version if asked for; 404 when there is none."""
        return panels.get(context.world, context.caller, kind, capsule_id, version)

    @router.get(
        "/{capsule_id}/permissions",
        summary=f"Get the permissions of a {kind}",
        **_documented(f"get_{kind}_permissions", "All roles", scopes=READ_CAPSULES, example=PERMISSIONS_EXAMPLE),
    )
    async def get_permissions(context: RequestContext, capsule_id: CapsuleId) -> Permissions:
        """Get who may do what."""
        return permissions.of_capsule(context.world, context.caller, kind, capsule_id)

    @router.post(
        "/{capsule_id}/permissions",
        summary=f"Update the permissions of a {kind}",
        **_documented(f"update_{kind}_permissions", "Done", scopes=WRITE_CAPSULES, status=204, failures=(413,)),
    )
    async def update_permissions(context: RequestContext, capsule_id: CapsuleId, params: PermissionsParams) -> None:
        """Set who may do what; the owner always stays."""
        permissions.update_capsule(context.world, context.caller, kind, capsule_id, params)


def _add_attachments(router: Routes, kind: Kind) -> None:
    @router.post(
        "/{capsule_id}/data_assets",
        summary=f"Attach data assets to a {kind}",
        **_documented(
            f"attach_{kind}_data_assets",
            "What became of each data asset",
            scopes=ATTACH,
            example=ATTACH_EXAMPLE,
            failures=(413,),
        ),
    )
    async def attach(context: RequestContext, capsule_id: CapsuleId, params: AttachList) -> list[AttachResults]:
        """Attach data assets, all of them or none."""
        return attachments.attach_to_capsule(context.world, context.caller, kind, capsule_id, params)

    @router.delete(
        "/{capsule_id}/data_assets",
        summary=f"Detach data assets from a {kind}",
        **_documented(f"detach_{kind}_data_assets", "Done", scopes=ATTACH, status=204, failures=(413,)),
    )
    async def detach(context: RequestContext, capsule_id: CapsuleId, params: DetachList) -> None:
        """Detach data assets, all of them or none."""
        attachments.detach_from_capsule(context.world, context.caller, kind, capsule_id, params)


def _add_end_of_life(router: Routes, kind: Kind) -> None:
    gone = {f"get_{kind}": link(f"get_{kind}", capsule_id="$request.path.capsule_id")}

    @router.patch(
        "/{capsule_id}/archive",
        summary=f"Archive a {kind}",
        **_documented(f"archive_{kind}", "Done", scopes=WRITE_CAPSULES, status=204),
    )
    async def archive(context: RequestContext, capsule_id: CapsuleId, archive: ArchiveFlag) -> None:
        """Archive it, or take it back."""
        capsules.archive(context.world, context.caller, kind, capsule_id, archive)

    @router.delete(
        "/{capsule_id}",
        summary=f"Delete a {kind}",
        **_documented(
            f"delete_{kind}", "It is gone, and its runs with it", scopes=WRITE_CAPSULES, status=204, links=gone
        ),
    )
    async def delete(context: RequestContext, capsule_id: CapsuleId) -> None:
        """Delete it: only when it is archived and was never released."""
        capsules.delete(context.world, context.caller, kind, capsule_id)


def _add_releases(router: Routes, kind: Kind) -> None:
    job = {
        f"get_{kind}_release_job": link(
            f"get_{kind}_release_job", capsule_id="$request.path.capsule_id", job_id="$response.body#/job_id"
        )
    }

    @router.post(
        "/{capsule_id}/sync",
        summary=f"Sync a {kind} with its Git repository",
        **_documented(
            f"sync_{kind}", "What was exchanged", scopes=WRITE_CAPSULES, example={"pushed": 2}, failures=(423,)
        ),
    )
    async def sync(context: RequestContext, capsule_id: CapsuleId) -> GitSyncResults:
        """Exchange commits with the external Git repository."""
        return releases.sync(context.world, context.caller, kind, capsule_id)

    started = "The release has been started"

    @router.post(
        "/{capsule_id}/release",
        summary=f"Release a {kind}",
        **_documented(
            f"release_{kind}", started, scopes=WRITE_CAPSULES, example=JOB_EXAMPLE, links=job, refusal=ReleaseIssues
        ),
    )
    async def release(context: RequestContext, capsule_id: CapsuleId) -> ReleaseJob:
        """Start to release the next version. 403 tells the requirements that are not met, without a message."""
        return releases.start(context.world, context.caller, kind, capsule_id)

    @router.get(
        "/{capsule_id}/release/{job_id}",
        summary=f"Get a release job of a {kind}",
        **_documented(f"get_{kind}_release_job", "The job as it stands now", scopes=READ_CAPSULES, example=JOB_EXAMPLE),
    )
    async def get_release_job(context: RequestContext, capsule_id: CapsuleId, job_id: JobId) -> ReleaseJob:
        """Get how a release stands."""
        return releases.get(context.world, context.caller, kind, capsule_id, job_id)
