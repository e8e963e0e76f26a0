"""Parameters that several operations share."""

from typing import Annotated

from mock_server.operations.declaration import Path, Query
from mock_server.wire import common

UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

_uuid = Path(description="An id: a UUID with dashes", pattern=UUID_PATTERN, json_schema_extra={"format": "uuid"})

CapsuleId = Annotated[str, _uuid]
ComputationId = Annotated[str, _uuid]
JobId = Annotated[str, _uuid]
DataAssetId = Annotated[str, _uuid]

FilePath = Annotated[common.Path, Query(min_length=1, description="A file, relative to the root folder")]
"""Which file: relative to the results or the data asset."""
NewName = Annotated[common.Name, Query(description="The new display name")]
PanelVersion = Annotated[common.QueryVersion | None, Query(description="A released major version")]
ArchiveFlag = Annotated[common.QueryBool, Query(description="true archives, false takes it back")]
