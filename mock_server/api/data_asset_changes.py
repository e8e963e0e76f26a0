"""Routes that share or move data assets."""

from fastapi import APIRouter

from mock_server.api.call import Call
from mock_server.api.capsule_changes import PERMISSIONS_EXAMPLE
from mock_server.api.data_assets import READ, WRITE
from mock_server.api.declare import operation
from mock_server.api.parameters import DataAssetId
from mock_server.services import permissions, transfers
from mock_server.wire.data_assets import TransferDataParams
from mock_server.wire.permissions import Permissions, PermissionsParams

router = APIRouter(prefix="/api/v1/data_assets", tags=["data assets"])


@router.get(
    "/{data_asset_id}/permissions",
    **operation(
        "get_data_asset_permissions",
        evidence="documented",
        scopes=READ,
        answers="All roles",
        example=PERMISSIONS_EXAMPLE,
        failures=(404,),
    ),
)
async def get_data_asset_permissions(call: Call, data_asset_id: DataAssetId) -> Permissions:
    """Get who may do what with a data asset."""
    return permissions.of_data_asset(call.world, call.caller, data_asset_id)


@router.post(
    "/{data_asset_id}/permissions",
    **operation(
        "update_data_asset_permissions",
        evidence="documented",
        scopes=WRITE,
        status=204,
        answers="Done",
        failures=(404, 413),
    ),
)
async def update_data_asset_permissions(call: Call, data_asset_id: DataAssetId, params: PermissionsParams) -> None:
    """Set who may do what with a data asset; the owner always stays."""
    permissions.update_data_asset(call.world, call.caller, data_asset_id, params)


@router.post(
    "/{data_asset_id}/transfer",
    **operation(
        "transfer_data_asset",
        evidence="documented",
        scopes=WRITE,
        status=204,
        answers="The files are where they were to be put, or `transfer_error` says why not",
        failures=(404, 413),
    ),
)
async def transfer_data_asset(call: Call, data_asset_id: DataAssetId, params: TransferDataParams) -> None:
    """Move the files of a data asset to other storage; for admins."""
    transfers.transfer(call.world, call.caller, data_asset_id, params)
