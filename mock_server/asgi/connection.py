"""What the server offers a request about its connection: closing it, and word that the server stops."""

from mock_server.asgi.context import Receive, Scope

HANG_UP = "codeocean_mock.hang_up"
"""Where a server keeps, in the state of a request, the function that closes its connection."""

ENDING = "codeocean_mock_ending"
"""The key in an ASGI scope's state under which the server says that it stops: an event."""


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection, and return when it is closed. Where that cannot be done the server answers 500."""
    close = scope.get("state", {}).get(HANG_UP)
    if close is None:
        return
    close()
    while (await receive())["type"] != "http.disconnect":
        pass
