"""A local, stateful fake of the Code Ocean REST API."""

from typing import TYPE_CHECKING, Any

from mock_server.version import __version__

if TYPE_CHECKING:
    from mock_server.embedded import MockCodeOcean

__all__ = ["MockCodeOcean", "__version__"]


def __getattr__(name: str) -> Any:
    """`MockCodeOcean`, imported when it is asked for: the server takes a second to import."""
    if name != "MockCodeOcean":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mock_server.embedded import MockCodeOcean

    return MockCodeOcean
