"""A proxy before an S3 server, which does with some requests what networks and servers do on bad days."""

import http.client
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from mock_server.s3.endpoint import Endpoint, EndpointOptions
from tests.process import PATIENCE

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "expect"}


@dataclass
class Fault:
    """What happens to the next `times` requests of a method whose path has a text in it."""

    method: str
    path: str
    times: int
    status: int = 0
    """The status of an answer with `body`; 0 is none: the connection is closed."""
    body: str = ""
    cut: int | None = None
    """After how many bytes the body of the server's own answer ends, though it was announced whole."""
    after: bool = False
    """Whether the server does what was asked before the answer is lost."""
    hold: threading.Event | None = None
    """What to wait for before anything is sent."""


class Proxy:
    """The proxy. Requests without a fault go through it unchanged."""

    def __init__(self, upstream: Endpoint) -> None:
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.passed = urlsplit(upstream.url).netloc
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self._keys = upstream.keys
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.endpoint = self.reached(attempts=1)

    def reached(self, **options: Any) -> Endpoint:
        """The endpoint behind it."""
        return Endpoint(EndpointOptions(self.url, region="us-east-1", **options), self._keys)

    def answer(self, method: str, status: int, body: str = "", *, times: int = 1, path: str = "") -> None:
        """Answer the next requests itself."""
        self.faults.append(Fault(method, path, times, status, body))

    def refuse(self, method: str, status: int, code: str, *, times: int = 1, path: str = "") -> None:
        """Answer the next requests with an error of S3."""
        body = f"<Error><Code>{code}</Code><Message>of the tests</Message></Error>"
        self.answer(method, status, "" if method == "HEAD" else body, times=times, path=path)

    def next_fault(self, method: str, path: str) -> Fault | None:
        """The fault for a request, which is used up by it."""
        with self._lock:
            self.requests.append(f"{method} {path}")
            for fault in self.faults:
                if fault.method == method and fault.path in path and fault.times > 0:
                    fault.times -= 1
                    return fault
            return None

    def close(self) -> None:
        """Be down from now on."""
        self.endpoint.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.proxy.next_fault(self.command, self.path)
        if fault is None:
            self._relay(body)
            return
        self.close_connection = True
        if fault.hold is not None:
            fault.hold.wait(PATIENCE)
        if fault.after:
            self._relay(body, lambda *_: None)
        elif fault.cut is not None:
            self._relay(body, lambda status, headers, content: self._send(status, headers, content[: fault.cut]))
        elif fault.status:
            content = fault.body.encode()
            self._send(fault.status, [("Content-Length", str(len(content)))], content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - the names of http.server

    def _relay(self, body: bytes, send: Callable[..., None] | None = None) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        with closing(http.client.HTTPConnection(self.proxy.passed, timeout=PATIENCE)) as upstream:
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            content = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        if answer.getheader("Content-Length") is None:
            kept.append(("Content-Length", str(len(content))))
        (send or self._send)(answer.status, kept, content)

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
