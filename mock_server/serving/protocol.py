"""One connection of HTTP/1.1: uvicorn's protocol, with limits, failures in the one shape, and an orderly end."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

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
from mock_server.serving.cycle import Cycle
from mock_server.serving.deadlines import Deadline, Moment, Phase
from mock_server.serving.limits import Limits

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1)."""

log = logging.getLogger("codeocean_mock")


class Served(HttpToolsProtocol):
    """A connection, as requests see it too (`asgi.connection.Connection`).

    Requests that come before their forerunners are answered wait in uvicorn's `pipeline`; `cycle` is the newest, and
    `_running` the one that the application has.
    """

    def __init__(
        self, config: Config, state: ServerState, limits: Limits, stopping: asyncio.Event, is_loopback: bool
    ) -> None:
        super().__init__(config, state, {CONNECTION: self})
        self.limits = limits
        self.stopping = stopping
        self.is_loopback = is_loopback
        self._running: RequestResponseCycle | None = None
        self._task: asyncio.Task[None] | None = None
        self._failure: ApiError | None = None
        self._said_why = False
        self._received = 0
        self._unparsed = 0
        self.url = b""
        self.headers = []
        self._times_read = 0
        self._deadline = Deadline(limits)

    # What comes in.

    def data_received(self, data: bytes) -> None:
        """Parse what was received. After a failure nothing can be understood any more, and is dropped."""
        if self._failure is not None:
            return
        self._received += len(data)
        self._unparsed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # No other protocol is spoken here: the request is read again, without the offer.
            self.data_received(self._without_offer() + data[upgrade.args[0] :])
        except httptools.HttpParserError as problem:
            cause = problem.__context__
            self._fail(cause if isinstance(cause, ApiError) else BadRequestError("malformed HTTP request"))
        else:
            if self._unparsed > self.limits.head_bytes:
                self._fail(self._too_large())

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
        super().on_headers_complete()
        # uvicorn has no other way to name the class; the request's task begins later.
        self.cycle.__class__ = Cycle
        # Trailers are read as headers are, and ignored.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body for the application; when it takes none for a while, no more is read."""
        self._unparsed = 0
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """End the request."""
        self._unparsed = 0
        if self._offers_protocol():
            return
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _offers_protocol(self) -> bool:
        """Whether the request could go on in another protocol. The parser reads no body then, even if there is one."""
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"

    def _without_offer(self) -> bytes:
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % pair for pair in self.headers if pair[0] != b"upgrade"]
        return b"\r\n".join(lines) + b"\r\n\r\n"

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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.stopping.is_set() and not self.pipeline:
            cycle.keep_alive = False
        self._running = cycle
        self._task = task = self.loop.create_task(self._answer(cycle, app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, cycle: RequestResponseCycle, app: Any) -> None:
        try:
            await app(cycle.scope, cycle.receive, cycle.send)
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
            # It would keep the connection alive for as long as it is referred to itself.
            cycle.on_response = _nothing

    def _give_up(self, cycle: RequestResponseCycle) -> None:
        """End a request that was not answered when the server stopped: with 503 when it can have changed nothing."""
        if cycle.more_body or cycle.scope["method"] in SAFE_METHODS:
            self._end_with(cycle, UnavailableError("the server is stopping"))
        else:
            cycle.disconnected = True
            self.transport.close()

    def on_response_complete(self) -> None:
        """Go on with the next request, or say what was wrong behind the last one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._failure is not None:
            self._say_why(self._failure)

    # How it ends.

    def hang_up(self) -> None:
        """Close the connection without another byte."""
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application. What it is still sending has nobody to go to."""
        super().connection_lost(exc)
        self.pipeline.clear()
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
            if running.response_started and self._task is not None:
                self._task.cancel()

    def shutdown(self) -> None:
        """Close the connection, or else do so after the last of the requests that have come."""
        if self.is_busy:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    @property
    def owes_answer(self) -> bool:
        """Whether a whole request has come whose answer has not begun, or has not been sent to its end."""
        if not self.is_busy:
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
        if cycle is not None and cycle.scope is self.scope and cycle.more_body:
            # It is the body of a request that has begun.
            if cycle is self._running:
                self._end_with(cycle, problem)
                return
            self.pipeline.popleft()
        if not self.is_busy:
            self._say_why(problem)

    def _end_with(self, cycle: RequestResponseCycle, problem: ApiError) -> None:
        """Answer the request that runs with a failure, if its answer has not begun, and end the connection."""
        self._failure = problem
        begun = cycle.response_started
        cycle.disconnected = True
        cycle.message_event.set()
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
        self._said_why = True
        reply = failure(problem)
        status = HTTPStatus(reply.status)
        lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode())]
        lines += [b"%s: %s" % pair for pair in reply.headers()]
        self.transport.write(b"\r\n".join(lines) + b"\r\nconnection: close\r\n\r\n" + reply.body)
        self.transport.write_eof()
        self.flow.resume_reading()

    # Clients that keep it waiting.

    def resume_writing(self) -> None:
        """Note that the client has read."""
        self._times_read += 1
        super().resume_writing()

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
        cycle, request = self.cycle, self.scope
        unread = self.transport.get_write_buffer_size()
        if unread:
            return Moment(Phase.READER, request, self._times_read * 2**32 + unread)
        if self._said_why or self.transport.is_closing():
            return Moment(Phase.CLOSE, request)
        if request is None:
            return Moment(Phase.REQUEST, None)
        if cycle is None or cycle.scope is not request:
            return Moment(Phase.HEAD if self._failure is None else Phase.ANSWER, request)
        if cycle.response_complete:
            return Moment(Phase.REMAINDER if cycle.more_body else Phase.REQUEST, request)
        if cycle.more_body and not cycle.response_started and not self.flow.read_paused:
            return Moment(Phase.BODY, request)
        return Moment(Phase.ANSWER, request)


def _nothing() -> None:
    """Do nothing."""
