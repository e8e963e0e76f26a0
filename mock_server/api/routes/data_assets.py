"""Routes of data assets."""

from typing import Annotated, Literal

from mock_server.api.routes.examples import FOLDER_EXAMPLE, PERMISSIONS_EXAMPLE, URLS_EXAMPLE
from mock_server.api.routes.metadata import link, operation
from mock_server.api.routes.parameters import ArchiveFlag, DataAssetId, FilePath
from mock_server.asgi.context import RequestContext
from mock_server.domain.access import READ_DATA_ASSETS, WRITE_DATA_ASSETS
from mock_server.operations.declaration import Query, Routes
from mock_server.services import data_assets, files, permissions, transfers
from mock_server.wire.common import (
    DownloadFileURL,
    FileURLs,
    Folder,
    FolderParams,
    OptionalText,
    QueryBool,
    QueryLimit,
    QueryOffset,
    SortOrder,
)
from mock_server.wire.data_assets import (
    DataAsset,
    DataAssetParams,
    DataAssetSearchParams,
    DataAssetSearchResults,
    DataAssetUpdateParams,
    SortField,
    TransferDataParams,
)
from mock_server.wire.permissions import Permissions, PermissionsParams
from mock_server.wire.search import Query as SearchQuery

router = Routes(prefix="/api/v1/data_assets", tags=["data assets"])

OLD_LIMIT = 10
"""How many results the old GET search gives when nothing is said (docs v2.5)."""

OldType = Literal["dataset", "result"]
OldOwnership = Literal["owner", "shared"]

EXAMPLE = {
    "created": 1641473110,
    "description": "commoncrawl",
    "files": 24212276,
    "id": "27b4d7ec-a2f8-4c8d-9be5-361d33e50bf0",
    "last_used": 0,
    "mount": "commoncrawl",
    "name": "commoncrawl",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "size": 7184869799906702,
    "state": "ready",
    "tags": ["x1", "x2", "y1"],
    "type": "dataset",
}
OF_NEW_ASSET = {
    name: link(name, data_asset_id="$response.body#/id")
    for name in ("get_data_asset", "update_data_asset", "archive_data_asset", "delete_data_asset")
}
GONE = {"get_data_asset": link("get_data_asset", data_asset_id="$request.path.data_asset_id")}


@router.post(
    "",
    **operation(
        "create_data_asset",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        answers="The data asset, a draft at first",
        example=EXAMPLE | {"state": "draft", "files": 0, "size": 0},
        failures=(413,),
        links=OF_NEW_ASSET,
    ),
)
async def create_data_asset(context: RequestContext, params: DataAssetParams) -> DataAsset:
    """Create a data asset from a bucket, from the results of a run, or combined from others."""
    return data_assets.create(context.world, context.caller, params)


@router.get(
    "",
    **operation(
        "search_data_assets_legacy",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="A page of data assets, with the number of all that match",
        example={"has_more": False, "results": [EXAMPLE], "total": 1},
        deprecated=True,
    ),
)
async def search_data_assets_legacy(
    context: RequestContext,
    start: Annotated[QueryOffset, Query(description="Where the page begins")] = 0,
    limit: Annotated[QueryLimit, Query(description="How many data assets")] = OLD_LIMIT,
    sort_field: Annotated[OptionalText[SortField], Query(description="What to sort by")] = None,
    sort_order: Annotated[OptionalText[SortOrder], Query(description="Which way; ignored without sort_field")] = None,
    query: Annotated[OptionalText[SearchQuery], Query(description="Words, phrases and field:value terms")] = None,
    type: Annotated[OptionalText[OldType], Query(description="Only data assets of this type")] = None,  # noqa: A002 - the API's name
    ownership: Annotated[OptionalText[OldOwnership], Query(description="Only own or only shared ones")] = None,
    favorite: Annotated[QueryBool | None, Query(description="Only favourites")] = None,
    archived: Annotated[QueryBool | None, Query(description="Only archived ones")] = None,
) -> DataAssetSearchResults:
    """Search data assets, as the documentation of platform versions 2.5 to 2.17 has it."""
    params = DataAssetSearchParams(
        offset=start,
        limit=limit,
        sort_field=sort_field,
        sort_order=sort_order,
        query=query,
        type=type,
        ownership="created" if ownership == "owner" else ownership,
        favorite=favorite,
        archived=archived,
    )
    return await data_assets.search(context.world, context.caller, params, with_total=True)


@router.post(
    "/search",
    **operation(
        "search_data_assets",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="A page of data assets",
        example={"has_more": False, "results": [EXAMPLE]},
        failures=(413,),
        links={"get_data_asset": link("get_data_asset", data_asset_id="$response.body#/results/0/id")},
    ),
)
async def search_data_assets(context: RequestContext, params: DataAssetSearchParams) -> DataAssetSearchResults:
    """Search by words, phrases, fields and filters; sorted by relevance when there are words, and else newest first."""
    return await data_assets.search(context.world, context.caller, params)


@router.get(
    "/{data_asset_id}",
    **operation(
        "get_data_asset",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="The data asset as it stands now",
        example=EXAMPLE,
        failures=(404,),
    ),
)
async def get_data_asset(context: RequestContext, data_asset_id: DataAssetId) -> DataAsset:
    """Get a data asset."""
    return data_assets.get(context.world, context.caller, data_asset_id)


@router.put(
    "/{data_asset_id}",
    **operation(
        "update_data_asset",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        answers="The data asset as it is now",
        example=EXAMPLE,
        failures=(404, 413),
    ),
)
async def update_data_asset(
    context: RequestContext, data_asset_id: DataAssetId, params: DataAssetUpdateParams
) -> DataAsset:
    """Change name, description, tags, mount or custom metadata; null and missing fields stay as they are."""
    return data_assets.update(context.world, context.caller, data_asset_id, params)


@router.patch(
    "/{data_asset_id}/archive",
    **operation(
        "archive_data_asset",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        status=204,
        answers="Done",
        failures=(404,),
    ),
)
async def archive_data_asset(context: RequestContext, data_asset_id: DataAssetId, archive: ArchiveFlag) -> None:
    """Archive a data asset, or take it back."""
    data_assets.archive(context.world, context.caller, data_asset_id, archive)


@router.delete(
    "/{data_asset_id}",
    **operation(
        "delete_data_asset",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        status=204,
        answers="The data asset is gone",
        failures=(404,),
        links=GONE,
    ),
)
async def delete_data_asset(context: RequestContext, data_asset_id: DataAssetId) -> None:
    """Delete a data asset; not while it is attached to a capsule or used by a run."""
    data_assets.delete(context.world, context.caller, data_asset_id)


@router.post(
    "/{data_asset_id}/files",
    **operation(
        "list_data_asset_files",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="One level of the files",
        example=FOLDER_EXAMPLE,
        failures=(404, 413),
    ),
)
async def list_data_asset_files(
    context: RequestContext, data_asset_id: DataAssetId, params: FolderParams | None = None
) -> Folder:
    """List the files of an internal data asset."""
    return data_assets.list_files(context.world, context.caller, data_asset_id, params.path if params else None)


@router.get(
    "/{data_asset_id}/files/urls",
    **operation(
        "get_data_asset_file_urls",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="Signed URLs of the file",
        example=URLS_EXAMPLE,
        failures=(404,),
    ),
)
async def get_data_asset_file_urls(context: RequestContext, data_asset_id: DataAssetId, path: FilePath) -> FileURLs:
    """Get the URLs of a file of an internal data asset: to download it and to view it."""
    return data_assets.file_urls(context.world, context.caller, data_asset_id, path, context.base_url)


@router.get(
    "/{data_asset_id}/files/download_url",
    **operation(
        "get_data_asset_file_download_url",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="A signed URL of the file",
        example={"url": URLS_EXAMPLE["download_url"]},
        failures=(404,),
        deprecated=True,
    ),
)
async def get_data_asset_file_download_url(
    context: RequestContext, data_asset_id: DataAssetId, path: FilePath
) -> DownloadFileURL:
    """Get the download URL of a file of an internal data asset."""
    found = data_assets.file_urls(context.world, context.caller, data_asset_id, path, context.base_url)
    return files.download_url(found)


@router.get(
    "/{data_asset_id}/permissions",
    **operation(
        "get_data_asset_permissions",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="All roles",
        example=PERMISSIONS_EXAMPLE,
        failures=(404,),
    ),
)
async def get_data_asset_permissions(context: RequestContext, data_asset_id: DataAssetId) -> Permissions:
    """Get who may do what with a data asset."""
    return permissions.of_data_asset(context.world, context.caller, data_asset_id)


@router.post(
    "/{data_asset_id}/permissions",
    **operation(
        "update_data_asset_permissions",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        status=204,
        answers="Done",
        failures=(404, 413),
    ),
)
async def update_data_asset_permissions(
    context: RequestContext, data_asset_id: DataAssetId, params: PermissionsParams
) -> None:
    """Set who may do what with a data asset; the owner always stays."""
    permissions.update_data_asset(context.world, context.caller, data_asset_id, params)


@router.post(
    "/{data_asset_id}/transfer",
    **operation(
        "transfer_data_asset",
        evidence="documented",
        scopes=WRITE_DATA_ASSETS,
        status=204,
        answers="The files are where they were to be put, or `transfer_error` says why not",
        failures=(404, 413),
    ),
)
async def transfer_data_asset(context: RequestContext, data_asset_id: DataAssetId, params: TransferDataParams) -> None:
    """Move the files of a data asset to other storage; for admins."""
    transfers.transfer(context.world, context.caller, data_asset_id, params)
