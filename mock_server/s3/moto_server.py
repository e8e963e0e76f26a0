"""The process that serves moto's S3: `python -m mock_server.s3.moto_server`. It writes its port to standard output, and
lives until its standard input is closed: whoever started it may end in whatever way.

Everything is in memory, large objects in temporary files that the system removes with the process.
"""

import logging
import os
import resource
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from mock_server.clock import real_time

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

OPEN_FILES = 10_240
"""How many files may be open: as many as the system allows, up to here (macOS takes no more)."""

EXPIRED = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"""


class ExpiringUrls:
    """Refuses signed URLs whose time is over, as S3 does and moto does not."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if has_expired(environ.get("QUERY_STRING", ""), real_time()):
            start_response(
                "403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(EXPIRED)))]
            )
            return [EXPIRED]
        return self._app(environ, start_response)


def has_expired(query: str, now: float) -> bool:
    """Whether a URL with this query was signed (AWS Signature Version 4, query parameters) for a time before `now`."""
    params = parse_qs(query)
    try:
        signed = datetime.strptime(params["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        return now > signed + int(params["X-Amz-Expires"][0])
    except (KeyError, ValueError):
        return False


def main() -> None:
    """Serve until standard input is closed."""
    # Every large object is an open file. macOS says that there is no limit, and has one.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    # Nobody reads what is logged: clients see what fails.
    logging.disable()
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    class Handler(MotoRequestHandler):
        # Clients that ask whether to go on before they send a body are answered from this version on.
        protocol_version = "HTTP/1.1"

    server = make_server("127.0.0.1", 0, ExpiringUrls(create_backend_app("s3")), threaded=True, request_handler=Handler)
    Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with_parent() -> None:
    # Not through the objects of Python, whose locks would be held then.
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
