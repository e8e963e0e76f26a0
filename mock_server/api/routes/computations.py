"""Routes of computations."""

from mock_server.api.routes.examples import ATTACH_EXAMPLE, FOLDER_EXAMPLE, URLS_EXAMPLE
from mock_server.api.routes.metadata import link, operation
from mock_server.api.routes.parameters import ComputationId, FilePath, NewName
from mock_server.asgi.context import RequestContext
from mock_server.domain.access import ATTACH, READ_CAPSULES, RUN, WRITE_CAPSULES
from mock_server.operations.declaration import Routes
from mock_server.services import attachments, computations, files
from mock_server.wire.attachments import AttachList, AttachResults, DetachList
from mock_server.wire.common import DownloadFileURL, FileURLs, Folder, FolderParams
from mock_server.wire.computations import Computation, RunParams

router = Routes(prefix="/api/v1", tags=["computations"])

EXAMPLE = {
    "cloud_workstation": False,
    "created": 1646943238,
    "has_results": False,
    "id": "de91932c-d885-455a-9f3a-ec4a6fd95707",
    "name": "Run 6943238",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "run_time": 1,
    "state": "initializing",
}

OF_NEW_RUN = {
    name: link(name, computation_id="$response.body#/id")
    for name in ("get_computation", "rename_computation", "delete_computation", "list_computation_results")
}
GONE = {"get_computation": link("get_computation", computation_id="$request.path.computation_id")}


@router.post(
    "/computations",
    **operation(
        "run_capsule",
        evidence="documented",
        scopes=RUN,
        answers="The run has been started",
        example=EXAMPLE,
        failures=(404, 413),
        links=OF_NEW_RUN,
    ),
)
async def run_capsule(context: RequestContext, params: RunParams) -> Computation:
    """Run a capsule or a pipeline."""
    return computations.run(context.world, context.caller, params)


@router.post(
    "/capsules/computations",
    **operation(
        "run_capsule_legacy",
        evidence="documented",
        scopes=RUN,
        answers="The run has been started",
        example=EXAMPLE | {"result_size": 0},
        failures=(404, 413),
        deprecated=True,
    ),
)
async def run_capsule_legacy(context: RequestContext, params: RunParams) -> Computation:
    """Run a capsule, under the path that the documentation of platform versions 2.5 to 2.11 prints."""
    started = computations.run(context.world, context.caller, params)
    return started.model_copy(update={"result_size": computations.result_size(context.world, started.id)})


@router.get(
    "/computations/{computation_id}",
    **operation(
        "get_computation",
        evidence="documented",
        scopes=READ_CAPSULES,
        answers="The run as it stands now",
        example=EXAMPLE,
        failures=(404,),
    ),
)
async def get_computation(context: RequestContext, computation_id: ComputationId) -> Computation:
    """Get a computation."""
    return computations.get(context.world, context.caller, computation_id)


@router.patch(
    "/computations/{computation_id}",
    **operation(
        "rename_computation",
        evidence="documented",
        scopes=WRITE_CAPSULES,
        status=204,
        answers="The run has its new name",
        failures=(404,),
    ),
)
async def rename_computation(context: RequestContext, computation_id: ComputationId, name: NewName) -> None:
    """Rename a computation."""
    computations.rename(context.world, context.caller, computation_id, name)


@router.delete(
    "/computations/{computation_id}",
    **operation(
        "delete_computation",
        evidence="documented",
        scopes=WRITE_CAPSULES,
        status=204,
        answers="The run is gone; if it was going, it has been stopped",
        failures=(404,),
        links=GONE,
    ),
)
async def delete_computation(context: RequestContext, computation_id: ComputationId) -> None:
    """Delete a computation; a running one is stopped."""
    computations.delete(context.world, context.caller, computation_id)


@router.post(
    "/computations/{computation_id}/results",
    **operation(
        "list_computation_results",
        evidence="documented",
        scopes=READ_CAPSULES,
        answers="One level of the result files so far; a pipeline has some while it is running",
        example=FOLDER_EXAMPLE,
        failures=(404, 413),
    ),
)
async def list_computation_results(
    context: RequestContext, computation_id: ComputationId, params: FolderParams | None = None
) -> Folder:
    """List the result files of a computation."""
    return computations.list_results(context.world, context.caller, computation_id, params.path if params else None)


@router.get(
    "/computations/{computation_id}/results/urls",
    **operation(
        "get_result_file_urls",
        evidence="documented",
        scopes=READ_CAPSULES,
        answers="Signed URLs of the file",
        example=URLS_EXAMPLE,
        failures=(404,),
    ),
)
async def get_result_file_urls(context: RequestContext, computation_id: ComputationId, path: FilePath) -> FileURLs:
    """Get the URLs of a result file: to download it and to view it."""
    return computations.result_urls(context.world, context.caller, computation_id, path, context.base_url)


@router.get(
    "/computations/{computation_id}/results/download_url",
    **operation(
        "get_result_file_download_url",
        evidence="documented",
        scopes=READ_CAPSULES,
        answers="A signed URL of the file",
        example={"url": URLS_EXAMPLE["download_url"]},
        failures=(404,),
        deprecated=True,
    ),
)
async def get_result_file_download_url(
    context: RequestContext, computation_id: ComputationId, path: FilePath
) -> DownloadFileURL:
    """Get the download URL of a result file."""
    found = computations.result_urls(context.world, context.caller, computation_id, path, context.base_url)
    return files.download_url(found)


@router.post(
    "/computations/{computation_id}/data_assets",
    **operation(
        "attach_computation_data_assets",
        evidence="documented",
        scopes=ATTACH,
        answers="What became of each data asset",
        example=ATTACH_EXAMPLE,
        failures=(404, 413),
    ),
)
async def attach_computation_data_assets(
    context: RequestContext, computation_id: ComputationId, params: AttachList
) -> list[AttachResults]:
    """Attach data assets to a cloud workstation."""
    return attachments.attach_to_session(context.world, context.caller, computation_id, params)


@router.delete(
    "/computations/{computation_id}/data_assets",
    **operation(
        "detach_computation_data_assets",
        evidence="documented",
        scopes=ATTACH,
        status=204,
        answers="Done",
        failures=(404, 413),
    ),
)
async def detach_computation_data_assets(
    context: RequestContext, computation_id: ComputationId, params: DetachList
) -> None:
    """Detach data assets from a cloud workstation."""
    attachments.detach_from_session(context.world, context.caller, computation_id, params)
