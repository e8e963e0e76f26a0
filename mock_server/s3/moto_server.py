"""The process that serves moto's S3: `python -m mock_server.s3.moto_server`. It writes its port to standard output, and
lives until its standard input is closed: whoever started it may end in whatever way.

Everything is in memory, large objects in temporary files that the system removes with the process.
"""

import logging
import os
import re
import resource
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from mock_server.clock import real_time
from mock_server.s3.moto_mended import mend

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

OPEN_FILES = 10_240
"""How many files may be open: as many as the system allows, up to here (macOS takes no more)."""

EXPIRED = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"""
DENIED = EXPIRED.replace(b"Request has expired", b"Access Denied")

ANYBODY = "AWS4-HMAC-SHA256 Credential=anybody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
"""What moto takes for credentials."""

_SIGNED = re.compile(r"(?:^|&)(?:X-Amz-)?Signature=")


class Access:
    """Refuses signed URLs whose time is over, and whoever shows no credentials but for what is public: S3 does, and
    moto does not.
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        query = environ.get("QUERY_STRING", "")
        refusal = EXPIRED if has_expired(query, real_time()) else None
        if not environ.get("HTTP_AUTHORIZATION") and not _SIGNED.search(query):
            if not _is_public(environ):
                refusal = DENIED
            # What is decided here is not decided again: moto asks a policy about HEAD by another name than S3.
            environ["HTTP_AUTHORIZATION"] = ANYBODY
        if refusal is None:
            return self._app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(refusal)))])
        return [refusal]


def _is_public(environ: dict[str, Any]) -> bool:
    """Whether anybody may do what a request asks for: list a bucket or read an object, as its ACL or the policy of the
    bucket says (S3 user guide, Access policy language).
    """
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import s3_backends

    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    bucket_name, _, key_name = (
        environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace").lstrip("/").partition("/")
    )
    for account in list(s3_backends.values()):
        bucket = account["aws"].buckets.get(bucket_name)
        if bucket is not None:
            resource = f"arn:aws:s3:::{bucket_name}" + (f"/{key_name}" if key_name else "")
            permission = bucket.get_permission("s3:GetObject" if key_name else "s3:ListBucket", resource)
            acl = bucket.keys.get(key_name, bucket).acl
            return permission == PermissionResult.PERMITTED or (
                permission != PermissionResult.DENIED and bool(acl and acl.public_read)
            )
    return True  # That there is no such bucket is said to everybody.


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

    mend()

    class Handler(MotoRequestHandler):
        # Clients that ask whether to go on before they send a body are answered from this version on.
        protocol_version = "HTTP/1.1"

    server = make_server("127.0.0.1", 0, Access(create_backend_app("s3")), threaded=True, request_handler=Handler)
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
