"""Running the application in the foreground: listen, say that it is ready, stop cleanly."""

import gc
import json
import logging
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from mock_server.app import Application, create_app
from mock_server.control import ROOT
from mock_server.domain.naming import exporting
from mock_server.errors import StartError
from mock_server.services import access
from mock_server.serving.acceptor import raise_file_limit
from mock_server.serving.listening import is_loopback, listen, tls_on, url_of
from mock_server.serving.server import Server
from mock_server.settings import LogFormat, Settings
from mock_server.ui import ROOT as DASHBOARD
from mock_server.version import __version__

if TYPE_CHECKING:
    from mock_server.serving.tls import Tls


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with level, message and, after a failure, the traceback."""
        line = {"level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class Companion(Protocol):
    """A process beside the server, which speaks to it."""

    def start(self, url: str, control_token: str | None, variables: dict[str, str]) -> None:
        """Start it, with these variables in its environment: the server answers at `url`."""

    async def stop(self) -> None:
        """End it, while the server still answers."""


def serve(settings: Settings, host: str, port: int, log_format: LogFormat, companion: Companion | None = None) -> None:
    """Serve until the process is told to stop, with a `companion` if one is given. Raises `StartError` when it cannot
    start.
    """
    _log_to_stderr(log_format)
    raise_file_limit()
    with ExitStack() as ending:
        listener = ending.enter_context(listen(host, port))
        _require_token(listener, settings.control_token)
        tls = tls_on(listener, settings)
        if tls is not None:
            ending.callback(tls.close)
        app = create_app(settings)
        ending.callback(app.worlds.close)
        with suppress(KeyboardInterrupt):
            _run(app, listener, tls, log_format, companion)


def _run(
    app: Application, listener: socket.socket, tls: "Tls | None", log_format: LogFormat, companion: Companion | None
) -> None:
    """Serve, and say so, until the process is told to stop."""
    settings = app.worlds.settings
    url = url_of(listener, "http" if tls is None else "https")
    announcement = _announcement(app, url, settings, log_format, tls)

    def ready() -> None:
        _say(announcement)
        if companion is not None:
            companion.start(url, settings.control_token, tls.known_by if tls else {})

    server = Server(app, listener, ready, leave=companion.stop if companion else None, tls=tls.context if tls else None)
    signal.signal(signal.SIGTERM, _stopping(server))
    # What is there by now stays to the end. Taking it apart then would be most of the work of a stop.
    gc.freeze()
    gc.enable()
    server.run()


def _require_token(listener: socket.socket, token: str | None) -> None:
    """Raise `StartError` when others than this machine could steer the server without a token."""
    if token is None and not is_loopback(listener):
        address = listener.getsockname()[0]
        raise StartError(f"others could steer a server that listens on {address}: it needs a --control-token")


def _stopping(server: Server) -> Callable[[int, FrameType | None], None]:
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


def _say(announcement: str) -> None:
    sys.stdout.write(announcement)
    sys.stdout.flush()


def _announcement(app: Application, url: str, settings: Settings, log_format: LogFormat, tls: "Tls | None") -> str:
    tokens = access.tokens(app.worlds.default)
    where = str(settings.data_dir) if settings.data_dir else "in memory"
    origin = (
        f"new, from seed {settings.seed}" if app.worlds.default.is_new else "kept from before; the seed was not used"
    )
    token = next(iter(tokens), "YOUR_TOKEN")
    trusted = tls.exports if tls is not None else {}
    ca = f"--cacert {shlex.quote(trusted['CURL_CA_BUNDLE'])} " if trusted else ""
    paste = f"curl {ca}-u {token}: -X POST {url}/api/v1/capsules/search -d '{{}}'"
    env = exporting(url=url, token=token, ca_file=trusted.get("CURL_CA_BUNDLE"))
    control = url + ROOT
    capsules = app.worlds.folders.of_settings
    if log_format is LogFormat.JSON:
        ready: dict[str, Any] = {
            "message": "ready",
            "url": url,
            "control": control,
            "dashboard": url + DASHBOARD,
            "data": where,
            **({"s3": app.worlds.storage.public_url} if app.worlds.storage is not None else {}),
            **({"trust": trusted} if trusted else {}),
            "new": app.worlds.default.is_new,
            "tokens": tokens,
            "env": env,
            "try": paste,
        }
        if capsules:
            ready["capsules"] = capsules
        return json.dumps({"level": "info", **ready}) + "\n"
    width = max(map(len, tokens), default=0)
    storage = app.worlds.storage
    s3 = (
        f"  s3      {storage.public_url} (codeocean-mock env prints what clients export)\n"
        if storage is not None
        else ""
    )
    folders = "".join(f"  capsule {key}  {folder}\n" for key, folder in capsules.items())
    lines = "".join(f"    {token:{width}}  {what}\n" for token, what in tokens.items())
    exports = "".join(f"    export {name}={shlex.quote(value)}\n" for name, value in trusted.items())
    trusting = f"  trust   clients that are to know the certificate\n{exports}" if trusted else ""
    return (
        f"codeocean-mock {__version__} is ready: {url}\n"
        f"  data    {where} ({origin})\n"
        f"  control {control}{' (with the control token)' if settings.control_token else ''}\n"
        f"  look    {url}{DASHBOARD}\n"
        f"{s3}{folders}{trusting}"
        f"  tokens\n{lines}"
        f"  env     {env}\n"
        f"  try     {paste}\n"
        "  stop    Ctrl-C\n"
    )
