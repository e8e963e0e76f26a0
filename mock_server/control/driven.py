"""Routes by which driven runs and data assets are told to go on."""

from itertools import chain
from typing import Annotated, Any

from mock_server import background
from mock_server.asgi.streams import Stream, in_threads
from mock_server.control.context import WorldContext
from mock_server.control.parameters import ComputationId, DataAssetId
from mock_server.operations.declaration import Path, Query, Routes
from mock_server.services.driven import log, progress, results, tars
from mock_server.wire.common import Error
from mock_server.wire.control import RunPlan
from mock_server.wire.driven import DataAssetPlan, Finish, FinishDataAsset, LogLength, Progress, ResultFiles

router = Routes(prefix="/worlds/{world}", tags=["driven runs"], responses={409: {"model": Error}})

RUN = "/computations/{computation_id}"
DATA_ASSET = "/data_assets/{data_asset_id}"
BINARY = "application/octet-stream"
TAR = "application/x-tar"
TEXT = "text/plain; charset=utf-8"

Lease = Annotated[str | None, Query(description="The lease of the runner that says it; without, it is said by hand")]
_bytes = Query(ge=0, le=2**63 - 1)

Offset = Annotated[int, _bytes]
OptionalOffset = Annotated[int | None, _bytes]


def _body(content_type: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {content_type: {}}}}


@router.post(f"{RUN}/progress", response_model_exclude_none=True)
async def set_progress(
    context: WorldContext, computation_id: ComputationId, request: Progress, lease: Lease = None
) -> RunPlan:
    """Have a driven run come into a later stage."""
    return progress.progress(context.world, computation_id, request, lease)


@router.post(f"{RUN}/finish", response_model_exclude_none=True)
async def finish_run(
    context: WorldContext, computation_id: ComputationId, request: Finish, lease: Lease = None
) -> RunPlan:
    """Have a driven run end."""
    return progress.finish(context.world, computation_id, request, lease)


@router.post(f"{RUN}/log", openapi_extra=_body("text/plain"))
async def append_to_log(
    context: WorldContext, computation_id: ComputationId, offset: OptionalOffset = None, lease: Lease = None
) -> LogLength:
    """Add to the log of a driven run. With an `offset`, the length before, the same may be said twice."""
    return log.append(context.world, computation_id, await context.body(), offset, lease)


@router.get(f"{RUN}/log", responses={200: {"content": {"text/plain": {}}}})
async def get_log(context: WorldContext, computation_id: ComputationId, offset: Offset = 0) -> Stream:
    """The log of a driven run, from an offset on, as far as it goes."""
    return Stream(TEXT.encode(), in_threads(log.read(context.world, computation_id, offset)))


@router.put(f"{RUN}/results", openapi_extra=_body(TAR))
async def put_result_tar(context: WorldContext, computation_id: ComputationId, lease: Lease = None) -> ResultFiles:
    """Put the files of a tar into the results of a driven run, all or none."""
    return await results.put_tar(context.world, computation_id, context.pieces(), lease)


@router.put(f"{RUN}/results/{{path:path}}", openapi_extra=_body(BINARY))
async def put_result(
    context: WorldContext, computation_id: ComputationId, path: Annotated[str, Path()], lease: Lease = None
) -> ResultFiles:
    """Put a file into the results of a driven run; one at the same path is replaced."""
    return await results.put(context.world, computation_id, path, context.pieces(), lease)


@router.get(DATA_ASSET, response_model_exclude_none=True)
async def get_data_asset_plan(context: WorldContext, data_asset_id: DataAssetId) -> DataAssetPlan:
    """Where a data asset stands."""
    return progress.data_asset_plan(context.world, data_asset_id)


@router.post(f"{DATA_ASSET}/finish", response_model_exclude_none=True)
async def finish_data_asset(
    context: WorldContext, data_asset_id: DataAssetId, request: FinishDataAsset
) -> DataAssetPlan:
    """Have a driven data asset be ready, or fail."""
    return progress.finish_data_asset(context.world, data_asset_id, request)


@router.get(f"{DATA_ASSET}/tar", responses={200: {"content": {TAR: {}}}})
async def get_data_asset_tar(context: WorldContext, data_asset_id: DataAssetId) -> Stream:
    """The files of a data asset as a tar, those of external ones too."""
    pieces = tars.of_data_asset(context.world, data_asset_id)
    # What cannot be read at all is answered as any refusal.
    first = await background.in_thread(next, pieces)
    return Stream(TAR.encode(), in_threads(chain((first,), pieces)))
