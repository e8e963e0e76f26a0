"""What the commands say of a target that is no deployment: one line in plain words, exit code 2, within ten seconds."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract_tests.transport.ledger import Ledger
from tests.cli.conftest import Done, command
from tests.process import started

CONTROL_TOKEN = "only-for-this-test"

SECONDS = 10.0
"""How soon each command has to end, on a machine that has nothing else to do."""

ROWS = [{"id": "1", "title": "A book", "author": "Somebody"}, {"id": "2", "title": "Another"}]


class Served(NamedTuple):
    """What a server answers to everything."""

    status: int
    body: bytes = b"{}"
    kind: str = "application/json"
    headers: dict[str, str] = {}  # noqa: RUF012 - nothing writes to it


def page(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps({"has_more": False, "results": rows}).encode()


@contextmanager
def served(answer: Served, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that gives one answer to everything; with `context`, over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # A handshake that fails is what is tested.
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def accepted(then: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that accepts connections, and does `then` with each until the event is set."""
    over = threading.Event()
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def accept() -> None:
            with suppress(OSError):
                while not over.is_set():
                    threads.append(threading.Thread(target=serve, args=(listening.accept()[0],)))
                    threads[-1].start()

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                then(connection, over)

        threads = [threading.Thread(target=accept)]
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            # Wakes the one that accepts: to close the socket would not.
            socket.create_connection(listening.getsockname()).close()
            for thread in threads:
                thread.join()


def say_nothing(_: socket.socket, over: threading.Event) -> None:
    over.wait()


def drip(connection: socket.socket, over: threading.Event) -> None:
    """Send a response whose end never comes, a byte a second."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n" + b" " * 1000:
        connection.sendall(bytes([byte]))
        if over.wait(1):
            return


def hang_up(_: socket.socket, __: threading.Event) -> None:
    pass


@contextmanager
def nobody(scheme: str = "http") -> Iterator[str]:
    """An address where nothing listens, and nothing will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def http_called_https() -> Iterator[str]:
    with served(Served(200)) as url:
        yield url.replace("http:", "https:")


@contextmanager
def https_called_http() -> Iterator[str]:
    # It never gets as far as to need a certificate.
    with served(Served(200), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as url:
        yield url.replace("https:", "http:")


@contextmanager
def address(text: str) -> Iterator[str]:
    yield text


HTML = Served(200, b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8")
NOT_ONE = "is not a Code Ocean deployment: POST /api/v1/capsules/search returned 200"

ANSWERING: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing listens": (nobody, "nothing answers at http://127.0.0.1:"),
    "nothing listens, with https": (partial(nobody, "https"), ": connection refused"),
    "another API": (partial(served, Served(200, b'{"status": "ok"}')), NOT_ONE),
    "an API of lists": (partial(served, Served(200, b"[]")), NOT_ONE),
    "an API that knows no such path": (partial(served, Served(404, b'{"detail": "Not Found"}')), "returned 404"),
    "a search that looks like ours": (partial(served, Served(200, page(ROWS))), NOT_ONE),
    "a search with rows that are no objects": (partial(served, Served(200, b'{"results": [1, 2]}')), NOT_ONE),
    "500": (partial(served, Served(500, b"boom")), "is down, or what stands before it cannot reach it"),
    "502": (partial(served, Served(502, b"<h1>Bad Gateway</h1>", "text/html")), "returned 502"),
    "503": (partial(served, Served(503, b"")), "returned 503"),
    "too many requests": (partial(served, Served(429)), "answers 429"),
    "a login page": (partial(served, HTML), "a web page, such as a login page"),
    "a login page that is called JSON": (partial(served, HTML._replace(kind="application/json")), "a web page"),
    "a redirect": (
        partial(served, Served(302, headers={"Location": "https://login.example.org/?token=hunter2"})),
        "redirects to https://login.example.org/?token=***;",
    ),
    "http that is called https": (http_called_https, "does not speak TLS; is it http://127.0.0.1:"),
    "https that is called http": (https_called_http, "without an HTTP response; is it https://127.0.0.1:"),
    "a proxy that wants https": (
        partial(served, Served(400, b"The plain HTTP request was sent to HTTPS port")),
        "speaks HTTPS; pass it as https://",
    ),
    "one that hangs up": (partial(accepted, hang_up), "closed the connection without an HTTP response"),
    "one that never answers": (partial(accepted, say_nothing), "did not respond within"),
    "a byte a second": (partial(accepted, drip), "did not respond within"),
}
"""Targets of every command that sends something, each with words of the line."""

ADDRESSES = {
    "nonsense": "not a deployment URL: 'nonsense';",
    "nonsense:8000": "not a deployment URL: 'nonsense:8000';",
    "": "not a deployment URL: ''",
    "http://": "not a deployment URL",
    "http://exa mple.org": "not a deployment URL",
    f"http://{'a' * 70}.org": "not a deployment URL",
    "http://127.0.0.1:65536": "(its port must be 1 to 65535)",
    "http://127.0.0.1:0": "(its port must be 1 to 65535)",
    "http://127.0.0.1:x": "(its port must be 1 to 65535)",
    "http://user:hunter2@127.0.0.1": "'http://***@127.0.0.1' (credentials belong into --token)",
}
"""Addresses that are none, each with words of the line."""


def one_line(*arguments: str) -> str:
    """The line with which a command ends that cannot do anything with its target."""
    began = time.monotonic()
    done: Done = command("contract", *arguments)
    took = time.monotonic() - began
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert took < SECONDS * busy
    assert done.err.startswith("codeocean-mock: ")
    assert "hunter2" not in done.err
    return done.err


def ledger_at(folder: Path, url: str) -> Path:
    """The ledger of a run at `url` that left something."""
    place = folder / "ledger.jsonl"
    ledger = Ledger(place, "t", url, None)
    ledger.open([])
    with place.open("a") as file:
        file.write('{"of": "t", "intent": 1, "operation": "create_data_asset"}\n{"of": "t", "made": 1, "id": "x"}\n')
    return place


@pytest.mark.parametrize("token", [(), ("--token", "cop_x")], ids=["no token", "a token"])
@pytest.mark.parametrize("target", ANSWERING)
def test_a_run(target: str, token: tuple[str, ...]) -> None:
    make, words = ANSWERING[target]
    with make() as url:
        assert words in one_line("--url", url, *token)


@pytest.mark.parametrize("target", ANSWERING)
def test_a_drift_report(target: str) -> None:
    make, words = ANSWERING[target]
    with make() as url:
        assert words in one_line("drift", "--url", url, "--token", "cop_x", "--timeout", "1")


@pytest.mark.parametrize("target", ANSWERING)
def test_a_sweep_keeps_its_ledger(target: str, tmp_path: Path) -> None:
    make, words = ANSWERING[target]
    with make() as url:
        place = ledger_at(tmp_path, url)
        written = place.read_text()
        assert words in one_line("sweep", "--ledger", str(place), "--token", "cop_x", "--timeout", "1")
        if "the token" not in words:
            assert words in one_line("sweep", "--ledger", str(place), "--timeout", "1"), "before the token is missed"
        assert place.read_text() == written


@pytest.mark.parametrize("subcommand", ["run", "plan", "drift", "sweep"])
@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_is_none(url: str, subcommand: str, tmp_path: Path) -> None:
    options = {
        "run": ("--url", url),
        "plan": ("plan", "--url", url),
        "drift": ("drift", "--url", url),
        "sweep": ("sweep", "--token", "cop_x", "--ledger", str(ledger_at(tmp_path, url))),
    }
    assert ADDRESSES[url] in one_line(*options[subcommand])


@pytest.mark.parametrize("subcommand", [("--profile", "observe"), ("drift",)], ids=["run", "drift"])
def test_a_host_name_that_does_not_resolve(subcommand: tuple[str, ...]) -> None:
    host = "no-such-host.invalid"
    line = one_line(*subcommand, "--url", f"http://{host}", "--allow-host", host, "--token", "cop_x")
    assert f"the host name {host} does not resolve" in line


@pytest.mark.skipif(shutil.which("openssl") is None, reason="requires openssl, to make a certificate")
def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    request = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 1 -keyout key.pem -out cert.pem"
    subprocess.run(request.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with served(Served(200), context) as url:
        assert "is not trusted, or is for another name; set REQUESTS_CA_BUNDLE" in one_line("--url", url)


def test_a_file_of_authorities_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with http_called_https() as url:
        assert "none.pem" in one_line("--url", url)


@pytest.mark.parametrize("profile", [(), ("--profile", "observe")])
def test_a_wrong_control_token(profile: tuple[str, ...]) -> None:
    with started("--in-memory", "--control-token", CONTROL_TOKEN) as server:
        line = one_line("--url", server.url, "--control-token", "another", *profile)
        assert "rejected the control token: pass the right --control-token" in line


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--token", "schlüssel"), "the token of --token cannot be sent"),
        (("--other-token", "a\tb"), "the token of --other-token cannot be sent"),
        (("--control-token", "a b"), "the control token cannot be sent"),
    ],
)
def test_a_token_that_cannot_be_sent(option: tuple[str, ...], words: str) -> None:
    with served(Served(404)) as url:
        assert words in one_line("--url", url, *option)


def test_a_deployment_that_takes_longer_is_waited_for_with_the_option() -> None:
    with accepted(say_nothing) as url:
        assert "did not respond within 0.2 seconds; allow more with --timeout" in one_line(
            "--url", url, "--timeout", "0.2"
        )
