"""One connection of HTTP/1.1: requests in, answers out in their order, with limits and an orderly end."""

import asyncio
import logging
from collections import deque
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.utils import get_local_addr, get_remote_addr

from mock_server.asgi.connection import CONNECTION
from mock_server.asgi.responses import failure
from mock_server.errors import (
    ApiError,
    BadRequestError,
    HeadersTooLargeError,
    RequestTimeoutError,
    UnavailableError,
    UriTooLongError,
)
from mock_server.serving.cycle import Cycle, status_line
from mock_server.serving.deadlines import Deadline, Moment, Phase
from mock_server.serving.parser import parser_for, without_offer
from mock_server.serving.service import Service

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1)."""

CONNECT = b"CONNECT"
"""Asks for a tunnel. There is none, and what is sent behind it is no HTTP: its answer is the last of the connection."""

log = logging.getLogger("codeocean_mock")

ASGI = {"version": "3.0", "spec_version": "2.3"}

NOTABLE = frozenset({b"expect", b"x-forwarded-for", b"x-forwarded-proto"})
"""Headers that few requests have, and that make a difference before the application sees them."""


class Served(asyncio.Protocol):
    """A connection, as requests see it too (`asgi.connection.Connection`).

    Requests that come before their forerunners are answered wait in `_pipeline`; `cycle` is the newest, and `_running`
    the one that the application has.
    """

    transport: asyncio.Transport
    flow: FlowControl

    def __init__(self, service: "Service[Served]") -> None:
        self.service = service
        self.limits = service.limits
        self.stopping = service.stopping
        self.is_loopback = service.is_loopback
        self.loop = asyncio.get_running_loop()
        self.parser = parser_for(self)
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.cycle: Cycle | None = None
        self._pipeline: deque[Cycle] = deque()
        self._running: Cycle | None = None
        self._begun = 0
        self._in_head = False
        self._is_notable = False
        self._failure: ApiError | None = None
        self._is_tunnel = False
        self._said_why = False
        self._received = 0
        self._unparsed = 0
        self._times_read = 0
        self._deadline = Deadline(self.limits)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        self.transport = cast(asyncio.Transport, transport)
        self.flow = FlowControl(self.transport)
        self._scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": "1.1",
            "server": get_local_addr(self.transport),
            "client": get_remote_addr(self.transport),
            "scheme": self.service.scheme,
            "root_path": "",
        }
        self.service.connections.add(self)

    # What comes in.

    def data_received(self, data: bytes) -> None:
        """Parse what was received. After a failure nothing can be understood any more, and is dropped."""
        if self._failure is not None or self._is_tunnel:
            return
        self._received += len(data)
        while data:
            data = self._parse(data)

    def _parse(self, data: bytes) -> bytes:
        """Parse `data`, and return what is to be parsed then."""
        self._unparsed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self.parser.get_method() == CONNECT:
                self._is_tunnel = True
                return b""
            # No other protocol is spoken here: the request is read again without the offer, by a new parser.
            head = without_offer(self.parser, self.url, self.headers)
            self.parser = parser_for(self)
            return head + data[upgrade.args[0] :]
        except httptools.HttpParserError as problem:
            cause = problem.__context__
            self._fail(cause if isinstance(cause, ApiError) else BadRequestError("malformed HTTP request"))
        else:
            if self._unparsed > self.limits.head_bytes:
                self._fail(self._too_large())
        return b""

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self.url = b""
        self.headers = []
        self._begun += 1
        self._in_head = True
        self._is_notable = False

    def on_url(self, url: bytes) -> None:
        """Keep a piece of the URL."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, or a trailer."""
        name = name.lower()
        if name in NOTABLE:
            self._is_notable = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Check the size of the head, and begin the request. Raises `UriTooLongError` and `HeadersTooLargeError`."""
        limits = self.limits
        if (
            len(self.url) > limits.url_bytes
            or len(self.headers) > limits.header_count
            or (self._unparsed > limits.head_bytes and self._head_size() > limits.head_bytes)
        ):
            raise self._too_large()
        self._unparsed = 0
        if self._offers_protocol():
            return
        parser = self.parser
        version, method = parser.get_http_version(), parser.get_method()
        self.cycle = cycle = Cycle(
            self.service.proxied if self._is_notable else self.service.app,
            self._scope_of(version, method),
            self.transport,
            self.flow,
            self.on_response_complete,
            keep_alive=version != "1.0" and parser.should_keep_alive() and method != CONNECT,
            expects_continue=self._is_notable and self._expects_continue(),
        )
        self._in_head = False
        # Trailers are read as headers are, and ignored.
        self.headers = []
        if self.is_busy:
            self.flow.pause_reading()
            self._pipeline.append(cycle)
        else:
            self._start(cycle)

    def _scope_of(self, version: str, method: bytes) -> dict[str, Any]:
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        return {
            **self._scope,
            "http_version": version,
            "headers": self.headers,
            "state": {CONNECTION: self},
            "method": method.decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": url.path,
            "query_string": url.query or b"",
        }

    def _expects_continue(self) -> bool:
        return any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body for the application; when it takes none for a while, no more is read."""
        self._unparsed = 0
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.wake()

    def on_message_complete(self) -> None:
        """End the request, unless it was one that offered another protocol, and has not begun."""
        self._unparsed = 0
        if self._in_head or self.cycle is None:
            return
        self.cycle.more_body = False
        self.cycle.wake()

    def _offers_protocol(self) -> bool:
        """Whether the request could go on in another protocol. The parser reads no body then, even if there is one."""
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != CONNECT

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _too_large(self) -> ApiError:
        """What is too large in the head that is being read, or in the trailers."""
        if len(self.url) > self.limits.url_bytes:
            return UriTooLongError(f"the URL is longer than {self.limits.url_bytes} bytes")
        if len(self.headers) > self.limits.header_count:
            return HeadersTooLargeError(f"the request has more than {self.limits.header_count} headers")
        return HeadersTooLargeError(f"the headers are larger than {self.limits.head_bytes} bytes")

    # What the application does with it.

    def _start(self, cycle: Cycle) -> None:
        if self.stopping.is_set() and not self._pipeline:
            cycle.keep_alive = False
        self._running = cycle
        cycle.task = self.loop.create_task(self._answer(cycle))
        self.service.tasks.add(cycle.task)

    async def _answer(self, cycle: Cycle) -> None:
        try:
            await cycle.app(cycle.scope, cycle.receive, cycle.send)
        except asyncio.CancelledError:
            if not cycle.disconnected:
                self._give_up(cycle)
        except Exception:
            if not cycle.disconnected:
                log.exception("%s %s failed", cycle.scope["method"], cycle.scope["path"])
                self._end_with(cycle, ApiError("internal error"))
        else:
            if not cycle.response_complete and not cycle.disconnected:
                log.error("%s %s was not answered", cycle.scope["method"], cycle.scope["path"])
                self._end_with(cycle, ApiError("internal error"))
        finally:
            self.service.tasks.discard(cycle.task)
            # It would keep the connection alive for as long as it is referred to itself.
            cycle.on_response = _nothing

    def _give_up(self, cycle: Cycle) -> None:
        """End a request that was not answered when the server stopped: with 503 when it can have changed nothing."""
        if cycle.more_body or cycle.scope["method"] in SAFE_METHODS:
            self._end_with(cycle, UnavailableError("the server is stopping"))
        else:
            cycle.disconnected = True
            self.transport.close()

    def on_response_complete(self) -> None:
        """Go on with the next request, or say what was wrong behind the last one, or end the connection."""
        running = self._running
        if running is None or self.transport.is_closing():
            return
        if not running.keep_alive and not (self._is_tunnel and running is self.cycle):
            self.transport.close()
            return
        self.flow.resume_reading()
        if not running.keep_alive:
            self._end_sending()
        elif self._pipeline:
            self._start(self._pipeline.popleft())
        elif self._failure is not None:
            self._say_why(self._failure)

    # How it ends.

    def hang_up(self) -> None:
        """Close the connection without another byte."""
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why makes no difference
        """Tell the application. What it is still sending has nobody to go to."""
        self.service.connections.discard(self)
        self._pipeline.clear()
        # It refers back to the connection.
        del self.parser
        self.flow.resume_writing()
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.wake()
            if running.response_started and running.task is not None:
                running.task.cancel()

    def shutdown(self) -> None:
        """Close the connection, or else do so after the last of the requests that have come."""
        if self.cycle is not None and self.is_busy:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    @property
    def owes_answer(self) -> bool:
        """Whether a whole request has come whose answer has not begun, or has not been sent to its end."""
        if self.cycle is None or not self.is_busy:
            return self.transport.get_write_buffer_size() > 0
        return not self.cycle.more_body and not self.cycle.response_started

    @property
    def is_busy(self) -> bool:
        """Whether a request on it is being answered."""
        running = self._running
        return running is not None and not (running.response_complete or running.disconnected)

    def _fail(self, problem: ApiError) -> None:
        """End the connection over what was received last. The requests before it are answered first."""
        self._failure = problem
        cycle = self.cycle
        if cycle is not None and not self._in_head and cycle.more_body:
            # It is the body of a request that has begun.
            if cycle is self._running:
                self._end_with(cycle, problem)
                return
            self._pipeline.pop()
        if not self.is_busy:
            self._say_why(problem)

    def _end_with(self, cycle: Cycle, problem: ApiError) -> None:
        """Answer the request that runs with a failure, if its answer has not begun, and end the connection."""
        self._failure = problem
        begun = cycle.response_started and not cycle.waiting_head
        cycle.disconnected = True
        cycle.wake()
        if begun:
            self.transport.close()
        else:
            self._say_why(problem)

    def _say_why(self, problem: ApiError) -> None:
        """Write the last answer of the connection.

        It is closed when the client has done so: closed now, with more on its way in, the answer might be lost.
        """
        if self._said_why or self.transport.is_closing():
            return
        reply = failure(problem)
        lines = [status_line(reply.status), *(b"%s: %s\r\n" % pair for pair in reply.headers())]
        self.transport.write(b"".join(lines) + b"connection: close\r\n\r\n" + reply.body)
        self._end_sending()
        self.flow.resume_reading()

    def _end_sending(self) -> None:
        """Send no more, and leave it to the client to close: under TLS a close means just that."""
        self._said_why = True
        end = self.transport.write_eof if self.transport.can_write_eof() else self.transport.close
        end()

    # Clients that keep it waiting.

    def pause_writing(self) -> None:
        """Let the application wait with what it sends."""
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """Let the application send, as the client has read."""
        self._times_read += 1
        self.flow.resume_writing()

    def check(self, now: float) -> None:
        """End the connection when it has waited too long for its client. Called now and then."""
        state = self._moment()
        if not self._deadline.has_passed(state, self._received, now):
            return
        if state.phase in (Phase.HEAD, Phase.BODY):
            self._fail(RequestTimeoutError("the request did not arrive in time"))
        elif state.phase in (Phase.READER, Phase.CLOSE):
            self.transport.abort()
        else:
            self.transport.close()

    def _moment(self) -> Moment:
        cycle, request = self.cycle, self._begun
        unread = self.transport.get_write_buffer_size()
        if unread:
            return Moment(Phase.READER, request, self._times_read * 2**32 + unread)
        if self._said_why or self.transport.is_closing():
            return Moment(Phase.CLOSE, request)
        if request == 0:
            return Moment(Phase.REQUEST, request)
        if cycle is None or self._in_head:
            return Moment(Phase.HEAD if self._failure is None else Phase.ANSWER, request)
        if cycle.response_complete:
            return Moment(Phase.REMAINDER if cycle.more_body else Phase.REQUEST, request)
        if cycle.more_body and not cycle.response_started and not self.flow.read_paused:
            return Moment(Phase.BODY, request)
        return Moment(Phase.ANSWER, request)


def _nothing() -> None:
    """Do nothing."""
