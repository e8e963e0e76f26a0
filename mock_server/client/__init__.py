"""A client of the control plane (docs/client.md). It speaks HTTP and knows nothing of the server's code."""

from mock_server.client.arguments import MatchFields
from mock_server.client.connection import is_loopback
from mock_server.client.control import Control
from mock_server.client.driven import ComputationControl, DataAssetControl
from mock_server.client.errors import ControlError, ForeignError, SilentError, UntrustedError, WrongArgumentError
from mock_server.client.handles import CodeOceanServer, CodeOceanWorld
from mock_server.client.world import WorldControl
from mock_server.domain.naming import DEFAULT_WORLD

__all__ = [
    "DEFAULT_WORLD",
    "CodeOceanServer",
    "CodeOceanWorld",
    "ComputationControl",
    "Control",
    "ControlError",
    "DataAssetControl",
    "ForeignError",
    "MatchFields",
    "SilentError",
    "UntrustedError",
    "WorldControl",
    "WrongArgumentError",
    "is_loopback",
]
