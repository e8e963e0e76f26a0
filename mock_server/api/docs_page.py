"""The OpenAPI document, and Swagger UI to read it in a browser. Nothing comes from another host."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from mock_server.asgi.context import Scope
from mock_server.asgi.responses import Response, date_header, failure, send_reply
from mock_server.errors import MethodNotAllowedError
from mock_server.world import World

SPEC_PATH = "/openapi.json"
DOCS_PATH = "/docs"


class Asset(NamedTuple):
    """A file inside an installed package, and its content type."""

    package: str
    name: str
    kind: bytes


ASSETS = {
    DOCS_PATH: Asset("mock_server.api", "static/docs.html", b"text/html; charset=utf-8"),
    f"{DOCS_PATH}/docs.css": Asset("mock_server.api", "static/docs.css", b"text/css; charset=utf-8"),
    f"{DOCS_PATH}/docs.js": Asset("mock_server.api", "static/docs.js", b"text/javascript; charset=utf-8"),
    f"{DOCS_PATH}/favicon.png": Asset("fastapi_swagger.resources", "favicon-32x32.png", b"image/png"),
    f"{DOCS_PATH}/swagger-ui.css": Asset("fastapi_swagger.resources", "swagger-ui.css", b"text/css; charset=utf-8"),
    f"{DOCS_PATH}/swagger-ui-bundle.js": Asset(
        "fastapi_swagger.resources", "swagger-ui-bundle.js", b"text/javascript; charset=utf-8"
    ),
}
"""What is served, by path."""

_OWNED = frozenset(path + slash for path in (SPEC_PATH, *ASSETS) for slash in ("", "/"))

POLICY = "; ".join(
    (
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy: the browser asks no host but this one, and runs no script but ours."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class DocsPage:
    """An ASGI application for the document and its page. `spec` makes the document when it is first asked for."""

    def __init__(self, world: World, spec: Callable[[], dict[str, Any]]) -> None:
        self._world = world
        self._spec = cache(lambda: json.dumps(spec()).encode())

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ARG002 - requests have no body
        """Answer one request."""
        reply = self._reply(scope["method"], scope["path"].removesuffix("/"))
        await send_reply(send, reply, date_header(self._world.clock.now()))

    def _reply(self, method: str, path: str) -> Response:
        if method != "GET":
            return failure(MethodNotAllowedError("GET"))
        if path == SPEC_PATH:
            return Response(200, self._spec(), extra=HEADERS)
        asset = ASSETS[path]
        return Response(200, _content(asset), asset.kind, HEADERS)


@cache
def _content(asset: Asset) -> bytes:
    return files(asset.package).joinpath(asset.name).read_bytes()


def owns(path: str) -> bool:
    """Whether `path` is served here. One trailing slash more makes no difference."""
    return path in _OWNED
