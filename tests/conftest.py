"""A server in this process for each test, on a clock that only the test moves."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from codeocean import CodeOcean

from mock_server.app import create_app
from mock_server.live import LiveServer
from mock_server.settings import Settings

START = 1_800_000_000.0

USER = "cop_demo_user"


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
        super().__init__(base_url=f"{url}/api/v1", auth=(token, "") if token else None, timeout=20)
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


@pytest.fixture
def start(clock: HandClock) -> Iterator[Callable[..., LiveServer]]:
    """Starts servers with settings of the test's choice; all of them stop when the test ends."""
    running: list[LiveServer] = []

    def start_one(**settings: Any) -> LiveServer:
        chosen = {"data_dir": None, "random_seed": 7} | settings
        server = LiveServer(create_app(Settings(**chosen), clock))
        server.__enter__()
        running.append(server)
        return server

    yield start_one
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def server(start: Callable[..., LiveServer]) -> LiveServer:
    return start()


@pytest.fixture
def client(server: LiveServer) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


@pytest.fixture
def sdk(server: LiveServer) -> Iterator[CodeOcean]:
    """The official SDK, unchanged."""
    sdk = CodeOcean(domain=server.url, token=USER)
    yield sdk
    sdk.session.close()
