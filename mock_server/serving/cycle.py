"""One request and its answer on a connection."""

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

FORBIDDEN = bytes({*range(32), 127} - {9})
"""What no header holds: control characters, but for the tab."""

SEPARATORS = b'()<>@,;:\\[]={} \t"'
"""What the name of a header does not hold either (RFC 9110, 5.6.2)."""

BODILESS = (204, 304)
"""Statuses of answers that have no body, and no length of one."""


class Cycle(RequestResponseCycle):
    """uvicorn's, with an answer that is written at once when its length is known.

    uvicorn writes the head, then the body: two system calls, and a client that is woken up twice. A head that says how
    long its body is waits here for the beginning of the body.
    """

    _head = b""

    async def send(self, message: Any) -> None:
        """Send a part of the answer, as ASGI has it. Raises `RuntimeError` for what makes no HTTP."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.response_started:
            if kind != "http.response.start":
                raise RuntimeError(f"an answer begins with http.response.start, not with {kind}")
            self.response_started = True
            self.waiting_for_100_continue = False
            self._head = self._head_of(message["status"], message.get("headers", ()))
            if self.chunked_encoding:
                self._write(b"")
        elif self.response_complete:
            raise RuntimeError(f"an answer has ended, and {kind} comes")
        else:
            self._send_body(message.get("body", b""), more=message.get("more_body", False))

    def _head_of(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        lines = [STATUS_LINE[status]]
        for name, value in headers:
            if len(name.translate(None, FORBIDDEN + SEPARATORS)) != len(name):
                raise RuntimeError("not a name of a header")
            if len(value.translate(None, FORBIDDEN)) != len(value):
                raise RuntimeError(f"not a value of a header: that of {name.decode()}")
            lines.append(b"%s: %s\r\n" % (name, value))
            match name.lower():
                case b"content-length":
                    self.expected_content_length = int(value)
                    self.chunked_encoding = False
                case b"transfer-encoding":
                    self.chunked_encoding = value.lower() == b"chunked"
                case b"connection" if b"close" in value.lower():
                    self.keep_alive = False
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in BODILESS:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        if not self.keep_alive and not any(line.lower().startswith(b"connection: ") for line in lines):
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def _send_body(self, body: bytes, *, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            self._write(b"")
        elif self.chunked_encoding:
            piece = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            self._write(piece if more else piece + b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("the body is longer than its content-length")
            self._write(body)
        if more:
            return
        if self.expected_content_length:
            raise RuntimeError("the body is shorter than its content-length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _write(self, data: bytes) -> None:
        """Write the head, if it still waits, and `data`."""
        if self._head:
            data = self._head + data
            self._head = b""
        if data:
            self.transport.write(data)
