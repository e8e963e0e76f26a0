"""One request on a connection, and its answer: what ASGI calls `scope`, `receive` and `send`."""

import asyncio
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from mock_server.asgi.responses import BODILESS
from mock_server.serving.service import ASGIApplication

CONTROLS = bytes({*range(32), 127} - {ord("\t")})
"""What no header holds (RFC 9110, 5.5)."""


class Cycle:
    """A request and its answer.

    An answer is written in one piece where it can be: a head that says how long the body is waits for the beginning of
    that body. Two pieces are two system calls, and a client that is woken up twice.
    """

    __slots__ = (
        "_chunked",
        "_event",
        "_flow",
        "_left",
        "_news",
        "_transport",
        "app",
        "body",
        "disconnected",
        "expects_continue",
        "keep_alive",
        "more_body",
        "on_response",
        "response_complete",
        "response_started",
        "scope",
        "task",
        "waiting_head",
    )

    def __init__(
        self,
        app: ASGIApplication,
        scope: dict[str, Any],
        transport: asyncio.Transport,
        flow: FlowControl,
        on_response: Callable[[], None],
        *,
        keep_alive: bool,
        expects_continue: bool,
    ) -> None:
        self.app = app
        self.scope = scope
        self.keep_alive = keep_alive
        self.expects_continue = expects_continue
        self.on_response = on_response
        self.task: asyncio.Task[None] | None = None
        self._transport = transport
        self._flow = flow
        # What has come of the request, and whether the application has not heard of it.
        self.body = bytearray()
        self.more_body = True
        self.disconnected = False
        self._news = False
        self._event: asyncio.Event | None = None
        # What has been sent of the answer, and how many bytes of the body are left to send.
        self.response_started = False
        self.response_complete = False
        self.waiting_head = b""
        self._chunked = False
        self._left = 0

    # What the application is given.

    async def receive(self) -> dict[str, Any]:
        """Wait for the next part of the body, or for the client to leave."""
        if self.expects_continue and not self._transport.is_closing():
            self.expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self.disconnected and not self.response_complete:
            self._flow.resume_reading()
            if not self._news:
                self._event = self._event or asyncio.Event()
                await self._event.wait()
            self._news = False
            if self._event is not None:
                self._event.clear()
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body = bytes(self.body)
        self.body.clear()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: dict[str, Any]) -> None:
        """Send a part of the answer, with names of headers in lower case. Raises `RuntimeError` for what is no HTTP."""
        if self._flow.write_paused and not self.disconnected:
            await self._flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.body" and self.response_started and not self.response_complete:
            self._send_body(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "http.response.start" and not self.response_started:
            self.expects_continue = False
            self._send_head(message["status"], message.get("headers", ()))
            self.response_started = True
        else:
            raise RuntimeError(f"an answer that comes out of order: {kind}")

    def _send_head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        lines = [status_line(status)]
        length = None
        closes = False
        for name, value in headers:
            lines.append(b"%s: %s\r\n" % (name, value))
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                self._chunked = value.lower() == b"chunked"
            elif name == b"connection":
                closes = b"close" in (token.strip() for token in value.lower().split(b","))
        if closes:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close\r\n")
        if length is None and not self._chunked and self.scope["method"] != "HEAD" and status not in BODILESS:
            self._chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        head = b"".join(lines)
        if len(head.translate(None, CONTROLS)) + 2 * len(lines) != len(head):
            raise RuntimeError("a header holds a control character")
        head += b"\r\n"
        if length is None or self._chunked:
            self._transport.write(head)
        else:
            self._left = length
            self.waiting_head = head

    def _send_body(self, body: bytes, *, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            body = b""
            self._left = 0
        elif self._chunked:
            body = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        else:
            self._left -= len(body)
            if self._left < 0:
                raise RuntimeError("the body is longer than its content-length")
        if self.waiting_head:
            body = self.waiting_head + body
            self.waiting_head = b""
        if body:
            self._transport.write(body)
        if not more:
            self._end()

    def _end(self) -> None:
        if self._left:
            raise RuntimeError("the body is shorter than its content-length")
        self.response_complete = True
        self.wake()
        self.on_response()

    # What the connection does.

    def wake(self) -> None:
        """Let the application hear that something has come."""
        self._news = True
        if self._event is not None:
            self._event.set()


@lru_cache(maxsize=64)
def status_line(status: int) -> bytes:
    """The first line of an answer, without a phrase when the status has none."""
    known = status in HTTPStatus._value2member_map_
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase if known else ''}\r\n".encode()
