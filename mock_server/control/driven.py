"""Routes by which driven runs and data assets are told to go on."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from mock_server import background
from mock_server.asgi.connection import hang_up
from mock_server.control.parameters import OneWorld
from mock_server.errors import ApiError
from mock_server.services.driven import log, progress, results, tars
from mock_server.wire.common import Error
from mock_server.wire.control import RunPlan
from mock_server.wire.driven import DataAssetPlan, Finish, FinishDataAsset, LogLength, Progress, ResultFiles

router = APIRouter(prefix="/worlds/{world}", tags=["driven runs"], responses={409: {"model": Error}})

RUN = "/computations/{computation_id}"
DATA_ASSET = "/data_assets/{data_asset_id}"
BINARY = "application/octet-stream"
TAR = "application/x-tar"
TEXT = "text/plain; charset=utf-8"

Lease = Annotated[str | None, Query(description="The lease of the runner that says it; without, it is said by hand")]
Offset = Annotated[int, Query(ge=0, le=2**63 - 1)]


def _body(content_type: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {content_type: {}}}}


@router.post(f"{RUN}/progress", response_model_exclude_none=True)
async def set_progress(world: OneWorld, computation_id: str, request: Progress, lease: Lease = None) -> RunPlan:
    """Have a driven run come into a later stage."""
    return progress.progress(world, computation_id, request, lease)


@router.post(f"{RUN}/finish", response_model_exclude_none=True)
async def finish_run(world: OneWorld, computation_id: str, request: Finish, lease: Lease = None) -> RunPlan:
    """Have a driven run end."""
    return progress.finish(world, computation_id, request, lease)


@router.post(f"{RUN}/log", openapi_extra=_body("text/plain"))
async def append_to_log(
    world: OneWorld, computation_id: str, request: Request, offset: Offset | None = None, lease: Lease = None
) -> LogLength:
    """Add to the log of a driven run. With an `offset`, the length before, the same may be said twice."""
    return log.append(world, computation_id, await request.body(), offset, lease)


@router.get(f"{RUN}/log", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def get_log(world: OneWorld, computation_id: str, offset: Offset = 0) -> Response:
    """The log of a driven run, from an offset on, as far as it goes."""
    return StreamingResponse(log.read(world, computation_id, offset), media_type=TEXT)


@router.put(f"{RUN}/results", openapi_extra=_body(TAR))
async def put_result_tar(world: OneWorld, computation_id: str, request: Request, lease: Lease = None) -> ResultFiles:
    """Put the files of a tar into the results of a driven run, all or none."""
    return await results.put_tar(world, computation_id, request.stream(), lease)


@router.put(f"{RUN}/results/{{path:path}}", openapi_extra=_body(BINARY))
async def put_result(
    world: OneWorld, computation_id: str, path: str, request: Request, lease: Lease = None
) -> ResultFiles:
    """Put a file into the results of a driven run; one at the same path is replaced."""
    return await results.put(world, computation_id, path, request.stream(), lease)


@router.get(DATA_ASSET, response_model_exclude_none=True)
async def get_data_asset_plan(world: OneWorld, data_asset_id: str) -> DataAssetPlan:
    """Where a data asset stands."""
    return progress.data_asset_plan(world, data_asset_id)


@router.post(f"{DATA_ASSET}/finish", response_model_exclude_none=True)
async def finish_data_asset(world: OneWorld, data_asset_id: str, request: FinishDataAsset) -> DataAssetPlan:
    """Have a driven data asset be ready, or fail."""
    return progress.finish_data_asset(world, data_asset_id, request)


@router.get(f"{DATA_ASSET}/tar", response_class=Response, responses={200: {"content": {TAR: {}}}})
async def get_data_asset_tar(world: OneWorld, data_asset_id: str, request: Request) -> Response:
    """The files of a data asset as a tar, those of external ones too."""
    pieces = tars.of_data_asset(world, data_asset_id)
    # What cannot be read at all is answered as any refusal.
    first = await background.in_thread(next, pieces)
    return StreamingResponse(_sent(request, first, pieces), media_type=TAR)


async def _sent(request: Request, first: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    try:
        async for piece in iterate_in_threadpool(pieces):
            yield piece
    except ApiError:
        # Half of an answer must not be taken for all of it.
        await hang_up(request.scope, request.receive)
