"""Sockets that listen, and their addresses."""

import errno
import ipaddress
import socket
from typing import TYPE_CHECKING

from mock_server.errors import StartError
from mock_server.settings import Settings

if TYPE_CHECKING:
    from mock_server.serving.tls import Tls

BACKLOG = 65_535
"""How many connections may wait to be taken; the system has a limit of its own, often 4096."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `StartError` when it cannot."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not a host name"
        raise StartError(f"cannot listen on {host}: {reason}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        advice = "; choose another with --port" if problem.errno == errno.EADDRINUSE else ""
        raise StartError(f"cannot listen on {host} port {port}: {problem.strerror}{advice}") from None
    return listener


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """The address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def tls_on(listener: socket.socket, settings: Settings) -> "Tls | None":
    """How TLS is spoken to those who connect; None where it is not. Raises `StartError`."""
    if settings.tls is None:
        return None
    from mock_server.serving.tls import tls_of  # Late: plain HTTP needs none of it.

    return tls_of(settings.tls, settings, listener.getsockname()[0])


def is_loopback(listener: socket.socket) -> bool:
    """Whether only programs of this machine reach it."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback
