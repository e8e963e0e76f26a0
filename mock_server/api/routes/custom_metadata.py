"""The route of the deployment's custom metadata."""

from mock_server.api.routes.metadata import operation
from mock_server.asgi.context import RequestContext
from mock_server.domain.access import READ_DATA_ASSETS
from mock_server.operations.declaration import Routes
from mock_server.services import metadata
from mock_server.wire.custom_metadata import CustomMetadata

router = Routes(prefix="/api/v1", tags=["custom metadata"])


@router.get(
    "/custom_metadata",
    **operation(
        "get_custom_metadata",
        evidence="documented",
        scopes=READ_DATA_ASSETS,
        answers="All fields",
        example={
            "categories": ["Subject"],
            "fields": [{"category": "Subject", "name": "subject id", "type": "string"}],
        },
    ),
)
async def get_custom_metadata(context: RequestContext) -> CustomMetadata:
    """Get the custom metadata fields that data assets can have."""
    return metadata.get(context.world)
