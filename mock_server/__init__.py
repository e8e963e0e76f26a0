"""A local, stateful fake of the Code Ocean REST API."""

from mock_server.version import __version__

# `typing` is not imported: until the command hears Ctrl-C, nothing is that takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mock_server.embedded import MockCodeOcean

__all__ = ["MockCodeOcean", "__version__"]


def __getattr__(name: str) -> "Any":
    """`MockCodeOcean`, imported when it is asked for: the server takes a second to import."""
    if name != "MockCodeOcean":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mock_server.embedded import MockCodeOcean

    return MockCodeOcean
