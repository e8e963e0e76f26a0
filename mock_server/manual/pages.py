"""Pages of the built documentation, read from the package: nothing comes from another host."""

import hashlib
import re
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from mock_server.asgi.context import Scope, header
from mock_server.asgi.responses import Header, Response, date_header, failure, send_reply
from mock_server.errors import MethodNotAllowedError, NotFoundError
from mock_server.manual import ROOT
from mock_server.world import World

SITE = files("mock_server.manual").joinpath("site")
"""Where `make docs` puts the pages."""

SCRIPT_HASHES = "script-hashes.txt"
"""The file in which the build lists the scripts that stand inside pages, in the words of a content security policy."""

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
    """An ASGI application for the pages of a `site`, which carry the time of a `world`."""

    def __init__(self, world: World, site: Traversable = SITE) -> None:
        self._world, self._site = world, site

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ARG002 - requests have no body
        """Answer one request."""
        reply = self._reply(scope["method"], scope["path"].removeprefix(ROOT), header(scope, b"if-none-match"))
        await send_reply(send, reply, date_header(self._world.clock.now()))

    def _reply(self, method: str, path: str, known: bytes | None) -> Response:
        """The answer for a path below `ROOT`; `known` is the tag of what the client has already."""
        if method not in ("GET", "HEAD"):
            return failure(MethodNotAllowedError("GET, HEAD"))
        page = self._file(f"{path}index.html" if path.endswith("/") else path)
        if page is not None:
            return self._contents(page, known)
        if self._file(f"{path}/index.html") is not None:
            # Links of a page are relative to its folder.
            return Response(308, kind=b"", extra=((b"location", f"{ROOT}{path}/".encode()),))
        return failure(NotFoundError("the documentation has no such page" if is_built(self._site) else NOT_BUILT))

    def _contents(self, page: Traversable, known: bytes | None) -> Response:
        body = page.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
        extra = ((b"etag", tag), (b"cache-control", b"no-cache"), *self._headers)
        if known == tag:
            return Response(304, kind=b"", extra=extra)
        return Response(200, body, KINDS[_ending(page.name)], extra)

    def _file(self, path: str) -> Traversable | None:
        """The file at a path below `ROOT`, or None. Nothing outside of the site has one."""
        names = path.removeprefix("/").split("/")
        if _ending(names[-1]) not in KINDS or not all(map(NAME.fullmatch, names)):
            return None
        found = self._site.joinpath(*names)
        return found if found.is_file() else None

    @cached_property
    def _headers(self) -> tuple[Header, ...]:
        """What every page carries: the browser asks no host but this one, and runs no script but those of the build."""
        scripts = self._site.joinpath(SCRIPT_HASHES).read_text(encoding="ascii").split()
        policy = (
            "default-src 'none'",
            "connect-src 'self'",
            "img-src 'self' data:",
            " ".join(("script-src 'self'", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
        return (
            (b"content-security-policy", "; ".join(policy).encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
        )


def is_built(site: Traversable = SITE) -> bool:
    """Whether this installation has the pages."""
    return site.joinpath("index.html").is_file()


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
