"""Parameters that several routes of the control plane share."""

from typing import Annotated

from mock_server.operations.declaration import Path
from mock_server.wire.control import WORLD_NAME

WorldName = Annotated[str, Path(pattern=WORLD_NAME, description="The name of a world")]
SnapshotName = Annotated[str, Path(pattern=WORLD_NAME, description="The name of a snapshot")]
Name = Annotated[str, Path()]
ComputationId = Annotated[str, Path()]
DataAssetId = Annotated[str, Path()]
