"""The control plane over HTTP, of a server on a clock that only the test moves."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.conftest import USER, Client, HandClock, Server
from tests.process import PATIENCE


class Plane(httpx.Client):
    """An HTTP client of a server's control plane; `url` is the server's."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=f"{url}/_mock", timeout=PATIENCE, verify=False)
        self.url = url

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Send a request, check its status, give the JSON of the answer (None without one)."""
        response = self.request(method, path, **more)
        assert response.status_code == status, f"{response.status_code} {response.text[:300]}"
        return response.json() if response.content else None

    def refused(self, method: str, path: str, status: int = 400, **more: Any) -> str:
        """Send a request that is refused; the message, which is one line and all there is."""
        answer = self.ask(method, path, status, **more)
        assert list(answer) == ["message"]
        message: str = answer["message"]
        assert message
        assert "\n" not in message
        return message

    def of(self, world: str) -> "World":
        """One of its worlds."""
        return World(self, world)


class World:
    """A world of a server, whether it is there or not."""

    def __init__(self, plane: Plane, name: str) -> None:
        self.plane, self.name, self.path = plane, name, f"/worlds/{name}"

    def ask(self, method: str, path: str = "", status: int = 200, **more: Any) -> Any:
        """As `Plane.ask`, below the world's own path."""
        return self.plane.ask(method, self.path + path, status, **more)

    def refused(self, method: str, path: str = "", status: int = 400, **more: Any) -> str:
        """As `Plane.refused`, below the world's own path."""
        return self.plane.refused(method, self.path + path, status, **more)

    def advance(self, **wish: object) -> Any:
        """Move the clock; what the answer says."""
        return self.ask("POST", "/clock/advance", json=wish)

    def load(self, text: str, **more: Any) -> Any:
        """Load scenarios in place of all others; the list of them."""
        return self.ask("PUT", "/scenarios", content=text, **more)


@pytest.fixture
def plane(server: Server) -> Iterator[Plane]:
    with Plane(server.url) as plane:
        yield plane


def serving(**chosen: Any) -> Iterator[Plane]:
    """A server of its own, on a clock that stands, with settings of the test's choice."""
    app = create_app(Settings(**{"data_dir": None, "random_seed": 7} | chosen), HandClock())
    with LiveServer(app) as server, Plane(server.url) as plane:
        yield plane
    app.worlds.close()


@pytest.fixture(scope="session")
def still() -> Iterator[Plane]:
    """The control plane of a server for all tests that leave its default world alone."""
    yield from serving()


@pytest.fixture
def own(still: Plane) -> Iterator[World]:
    """A world of the test's own; its clock stands until it is moved."""
    still.ask("POST", "/worlds", 201, json={"name": "own", "random_seed": 7, "replace": True})
    yield still.of("own")
    still.ask("DELETE", "/worlds/own", 204)


@pytest.fixture
def user(own: World) -> Iterator[Client]:
    """The demo user in the world of the test's own."""
    with Client(own.plane.url, f"{USER}@own") as client:
        yield client


@pytest.fixture
def world(plane: Plane) -> World:
    """The default world."""
    return plane.of("default")


def started(client: Client, **params: object) -> str:
    """The id of a run that was just started."""
    key: str = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE} | params)["id"]
    return key


def asset_of(client: Client, **params: object) -> str:
    """The id of a data asset that is being made, from a bucket."""
    body = {"name": "made", "mount": "made", "tags": [], "source": {"aws": {"bucket": "some-bucket"}}}
    key: str = client.ask("POST", "/data_assets", json=body | params)["id"]
    return key


def ended(client: Client, world: World, run: str) -> Any:
    """The run an hour later."""
    world.advance(by="1h")
    return client.ask("GET", f"/computations/{run}")


def names_of(client: Client, run: str, path: str = "") -> list[str]:
    """What a folder of a run's results holds."""
    listing = client.ask("POST", f"/computations/{run}/results", json={"path": path})
    return [item["name"] for item in listing["items"]]


def bytes_of(client: Client, run: str, path: str) -> bytes:
    """The content of a result file."""
    urls = client.ask("GET", f"/computations/{run}/results/urls", params={"path": path})
    return httpx.get(urls["download_url"]).content
