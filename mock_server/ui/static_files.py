"""The style sheet and the scripts, served from the package: nothing comes from another host."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from mock_server.asgi.conditions import has_already
from mock_server.errors import NotFoundError
from mock_server.ui.paths import STATIC

KINDS = {
    "dashboard.css": "text/css; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
    "steering.css": "text/css; charset=utf-8",
    "dashboard.js": "text/javascript; charset=utf-8",
    "steering.js": "text/javascript; charset=utf-8",
    "connection.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "htmx-sse.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What is served, with its content type."""

FOR_EVER = "public, max-age=31536000, immutable"


class _Asset(NamedTuple):
    content: bytes
    hash: str


@cache
def _asset(name: str) -> _Asset:
    content = files("mock_server.ui").joinpath("static", name).read_bytes()
    return _Asset(content, hashlib.sha256(content).hexdigest()[:16])


@cache
def url(name: str) -> str:
    """The path of an asset. It changes with the content, so browsers may keep what they have."""
    return f"{STATIC}/{name}?v={_asset(name).hash}"


def serve(request: Request) -> Response:
    """Answer a request for an asset. Raises `NotFoundError`."""
    name = request.path_params["name"]
    if name not in KINDS:
        raise NotFoundError("there is no such file")
    asset = _asset(name)
    kept = FOR_EVER if request.query_params.get("v") == asset.hash else "no-cache"
    tag = f'"{asset.hash}"'
    headers = {"ETag": tag, "Cache-Control": kept}
    if has_already(request.scope, tag.encode()):
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers, media_type=KINDS[name])
