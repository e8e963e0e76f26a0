"""Running the application in the foreground: listen, say that it is ready, stop cleanly."""

import asyncio
import errno
import gc
import ipaddress
import json
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.app import Application, create_app
from mock_server.asgi.connection import ENDING, HANG_UP
from mock_server.asgi.responses import failure
from mock_server.control import ROOT
from mock_server.errors import BadRequestError, StartError
from mock_server.services import world_info
from mock_server.settings import LogFormat, Settings
from mock_server.ui import ROOT as DASHBOARD
from mock_server.version import __version__

ASGIApplication = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

GRACE_SECONDS = 0.5
"""How long a stop waits for requests that are still being answered: downloads, and those who wait for something."""

BACKLOG = 2048


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with level, message and, after a failure, the traceback."""
        line = {"level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _Protocol(HttpToolsProtocol):
    """Answers what is not HTTP in the one error shape too, and lets the application close a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Tell every request on this connection how to close it, and when the server stops."""
        super().connection_made(transport)
        self._ending = asyncio.Event()
        self.app_state = self.app_state | {HANG_UP: transport.close, ENDING: self._ending}

    def shutdown(self) -> None:
        """End what would go on for ever: the server waits for answers that are on their way."""
        self._ending.set()
        super().shutdown()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it is always the same
        reply = failure(BadRequestError("malformed HTTP request"))
        lines = [b"HTTP/1.1 400 Bad Request", *(b"%s: %s" % pair for pair in reply.headers()), b"connection: close"]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + reply.body)
        self.transport.close()


def uvicorn_config(app: ASGIApplication) -> uvicorn.Config:
    """How the application is served, in the foreground and in tests alike. The application dates its own answers."""
    return uvicorn.Config(
        app,
        access_log=False,
        date_header=False,
        http=_Protocol,
        ws="none",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type]  # uvicorn hands it to asyncio
    )


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


def url_of(listener: socket.socket) -> str:
    """The address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Announcing(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._announcement)
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Downloads that are cut off now would be logged as failures.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def serve(settings: Settings, host: str, port: int, log_format: LogFormat) -> None:
    """Serve until the process is told to stop. Raises `StartError` when it cannot start."""
    _log_to_stderr(log_format)
    listener = listen(host, port)
    try:
        _require_token(listener, settings.control_token)
        app = create_app(settings)
    except BaseException:
        listener.close()
        raise
    try:
        server = _Announcing(uvicorn_config(app), _announcement(app, url_of(listener), settings, log_format))
        signal.signal(signal.SIGTERM, _stopping(server))
        # What is there by now stays to the end. Taking it apart then would be most of the work of a stop.
        gc.freeze()
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        app.worlds.close()


def _require_token(listener: socket.socket, token: str | None) -> None:
    """Raise `StartError` when others than this machine could steer the server without a token."""
    address = listener.getsockname()[0]
    if token is None and not ipaddress.ip_address(address).is_loopback:
        raise StartError(f"others could steer a server that listens on {address}: it needs a --control-token")


def _stopping(server: uvicorn.Server) -> Callable[[int, FrameType | None], None]:
    """What SIGTERM does before and after uvicorn minds it."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        # uvicorn stops in order, then sends itself the signal again; by then that is no news.
        if not server.should_exit:
            raise SystemExit(0)

    return stop


def _log_to_stderr(log_format: LogFormat) -> None:
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(levelname)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format is LogFormat.JSON else plain)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # What clients do wrong they are told; it is no matter for the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _announcement(app: Application, url: str, settings: Settings, log_format: LogFormat) -> str:
    tokens = world_info.tokens(app.worlds.default)
    where = str(settings.data_dir) if settings.data_dir else "in memory"
    origin = (
        f"new, from seed {settings.seed}" if app.worlds.default.is_new else "kept from before; the seed was not used"
    )
    token = next(iter(tokens), "YOUR_TOKEN")
    paste = f"curl -u {token}: -X POST {url}/api/v1/capsules/search -d '{{}}'"
    control = url + ROOT
    if log_format is LogFormat.JSON:
        ready: dict[str, Any] = {
            "message": "ready",
            "url": url,
            "control": control,
            "dashboard": url + DASHBOARD,
            "data": where,
            "new": app.worlds.default.is_new,
            "tokens": tokens,
            "try": paste,
        }
        return json.dumps({"level": "info", **ready}) + "\n"
    width = max(map(len, tokens), default=0)
    lines = "".join(f"    {token:{width}}  {what}\n" for token, what in tokens.items())
    return (
        f"codeocean-mock {__version__} is ready: {url}\n"
        f"  data    {where} ({origin})\n"
        f"  control {control}{' (with the control token)' if settings.control_token else ''}\n"
        f"  look    {url}{DASHBOARD}\n"
        f"  tokens\n{lines}"
        f"  try     {paste}\n"
        "  stop    Ctrl-C\n"
    )
