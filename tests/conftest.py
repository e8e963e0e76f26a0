"""A server in this process for each test, on a clock that only the test moves."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from inspect import signature
from typing import Any, NamedTuple

import httpx
import pytest
from codeocean import CodeOcean
from hypothesis import HealthCheck, settings

from mock_server.app import Application, create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests.process import PATIENCE

# Whoever runs the tests in the background of a shell has them ignore Ctrl-C, and so would what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Thousands of tests are collected, and none of them is garbage.
gc.disable()

# How long an example takes says something of the machine and nothing of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# What httpx waits by default, five seconds, is too short for a machine that is busy. Its functions share this object.
waiting = signature(httpx.Client).parameters["timeout"].default
waiting.connect = waiting.read = waiting.write = waiting.pool = PATIENCE

START = 1_800_000_000.0

USER = "cop_demo_user"

USUAL_PORT = 8000
"""Where `make run` serves."""


def pytest_collection_finish() -> None:
    """From here on garbage is collected; what was made before is not searched for it again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _usual_port_taken() -> Iterator[None]:
    """The usual port is taken while the tests run, by one that never answers, or whoever had it before: no test may
    need it, and none may meet a server there.
    """
    with ExitStack() as listening:
        with suppress(OSError):
            # Each process of the tests has it for itself, so that it does not matter which of them ends first.
            listening.enter_context(socket.create_server(("127.0.0.1", USUAL_PORT), reuse_port=True))
        yield


class HandClock:
    """Real time for a server under test: it stands still until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Client(httpx.Client):
    """An HTTP client of a server under test, speaking as one token."""

    def __init__(self, url: str, token: str | None = USER) -> None:
        # No TLS here, and reading the certificates would take longer than most tests.
        super().__init__(base_url=f"{url}/api/v1", auth=(token, "") if token else None, timeout=PATIENCE, verify=False)
        self.url = url
        self._others: list[Client] = []

    def speaking_as(self, token: str | None) -> "Client":
        """Another client of the same server; it is closed with this one."""
        self._others.append(Client(self.url, token))
        return self._others[-1]

    def close(self) -> None:
        for other in self._others:
            other.close()
        super().close()

    def __exit__(self, *problem: Any) -> None:
        self.close()
        super().__exit__(*problem)

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Send a request, check its status, give the JSON of the answer (None without one)."""
        response = self.request(method, path, **more)
        assert response.status_code == status, f"{response.status_code} {response.text[:300]}"
        return response.json() if response.content else None


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class Host:
    """A running server whose application can be exchanged; starting one for each test would take most of the time."""

    app: Application
    _loop: asyncio.AbstractEventLoop

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self._loop = asyncio.get_running_loop()
        await self.app(scope, receive, send)

    def exchange(self, app: Application) -> None:
        """Serve another application. The thread that serves closes the one before: it may be at work there."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE)
        self.app = app

    async def _close(self) -> None:
        self.app._control.stop()
        self.app.worlds.close()


class Server(NamedTuple):
    """Where a world is served."""

    url: str
    app: Application


@pytest.fixture(scope="session")
def hosts() -> Iterator[Callable[[int], tuple[Host, str]]]:
    """The n-th host of this session and its address; started when it is first asked for."""
    running: list[tuple[Host, LiveServer]] = []

    def host(number: int) -> tuple[Host, str]:
        while len(running) <= number:
            app = Host()
            app.app = create_app(Settings(data_dir=None, seed="empty"))
            running.append((app, LiveServer(app).__enter__()))
        return running[number][0], running[number][1].url

    yield host
    for app, server in running:
        server.__exit__(None, None, None)
        app.app.worlds.close()


@pytest.fixture
def start(clock: HandClock, hosts: Callable[[int], tuple[Host, str]]) -> Callable[..., Server]:
    """Serves new worlds with settings of the test's choice, each at its own address."""
    made: list[Server] = []

    def start_one(**settings: Any) -> Server:
        chosen = {"data_dir": None, "random_seed": 7} | settings
        host, url = hosts(len(made))
        host.exchange(create_app(Settings(**chosen), clock))
        made.append(Server(url, host.app))
        return made[-1]

    return start_one


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


@pytest.fixture
def sdk(server: Server) -> Iterator[CodeOcean]:
    """The official SDK, unchanged."""
    sdk = CodeOcean(domain=server.url, token=USER)
    yield sdk
    sdk.session.close()
