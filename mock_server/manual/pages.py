"""Pages of the built documentation, read from the package: nothing comes from another host."""

import hashlib
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from mock_server.asgi.conditions import has_already
from mock_server.asgi.context import Scope
from mock_server.asgi.responses import Header, Response, date_header, failure, send_reply
from mock_server.errors import MethodNotAllowedError, NotFoundError
from mock_server.manual import ROOT
from mock_server.world import World

SITE = files("mock_server.manual").joinpath("site")
"""Where `make docs` puts the pages."""

SCRIPT_HASHES = "script-hashes.txt"
"""The last file of a build: the scripts that stand inside pages, in the words of a content security policy."""

KINDS = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "json": b"application/json",
    "png": b"image/png",
    "svg": b"image/svg+xml",
}
"""What is served, by the end of its name, with its content type."""

NAME = re.compile(r"\w[\w.-]{0,199}", re.ASCII)
"""Names that the build gives to files and folders; no other leads to the disk."""

NOT_BUILT = "this installation has no documentation pages; `make docs` builds them"


class Manual:
    """An ASGI application for the pages of a `site`, which carry the time of a `world`. The site may be built anew at
    any time.
    """

    def __init__(self, world: World, site: Traversable = SITE) -> None:
        self._world, self._site = world, site

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ARG002 - requests have no body
        """Answer one request."""
        await send_reply(send, self._reply(scope), date_header(self._world.clock.now()))

    def _reply(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return failure(MethodNotAllowedError("GET, HEAD"))
        scripts = _content(self._site, SCRIPT_HASHES)
        if scripts is None:
            return failure(NotFoundError(NOT_BUILT))
        path = scope["path"].removeprefix(ROOT)
        file = f"{path}index.html" if path.endswith("/") else path
        body = self._read(file)
        if body is not None:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
            extra = ((b"etag", tag), (b"cache-control", b"no-cache"), *_safeguards(scripts))
            if has_already(scope, tag):
                return Response(304, kind=b"", extra=extra)
            return Response(200, body, KINDS[_ending(file)], extra)
        if self._read(f"{path}/index.html") is not None:
            # Links of a page are relative to its folder.
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            return Response(308, kind=b"", extra=((b"location", f"{ROOT}{path}/".encode() + query),))
        return failure(NotFoundError("the documentation has no such page"))

    def _read(self, path: str) -> bytes | None:
        """The content of the file at a path below `ROOT`, or None. Nothing outside of the site has one."""
        names = path.removeprefix("/").split("/")
        if _ending(names[-1]) not in KINDS or not all(map(NAME.fullmatch, names)):
            return None
        return _content(self._site, *names)


def is_built(site: Traversable = SITE) -> bool:
    """Whether this installation has the pages."""
    return site.joinpath(SCRIPT_HASHES).is_file()


def _content(site: Traversable, *names: str) -> bytes | None:
    """The content of a file, or None when it cannot be read: it is not there, or no disk has a name that long."""
    try:
        return site.joinpath(*names).read_bytes()
    except OSError:
        return None


def _safeguards(scripts: bytes) -> tuple[Header, ...]:
    """What every page carries: the browser asks no host but this one, and runs no script but those of the build."""
    policy = (
        b"default-src 'none'",
        b"connect-src 'self'",
        b"img-src 'self' data:",
        b" ".join((b"script-src 'self'", *scripts.split())),
        b"style-src 'self' 'unsafe-inline'",
        b"worker-src 'self'",
        b"base-uri 'none'",
        b"form-action 'none'",
        b"frame-ancestors 'none'",
    )
    return (
        (b"content-security-policy", b"; ".join(policy)),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
