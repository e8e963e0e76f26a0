"""Two servers behind HAProxy, each with a data directory of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from mock_server.client import Control
from tests.process import Process, started, until
from tools.balancer import balanced, installed

TOKEN = "the-token-of-all-servers"
REPLICAS = 2
MAX_WORLDS = 300


class Replica:
    """A server that can be killed and started again in the same place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._process = self._started("0")
        self.url = self._process.url
        self.place = self.url.removeprefix("http://")
        self.control = Control(self.url, TOKEN)

    def _started(self, port: str) -> Process:
        options = ("--data-dir", str(self._folder), "--port", port, "--max-worlds", str(MAX_WORLDS))
        return self._stack.enter_context(started(*options, "--control-token", TOKEN))

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def start_again(self) -> None:
        self._process = self._started(self.place.rpartition(":")[2])

    def close(self) -> None:
        self.control.close()
        self._stack.close()

    def worlds(self) -> set[str]:
        """The worlds that it has, `default` aside."""
        return {world.name for world in self.control.worlds()} - {"default"}

    def operations(self, world: str) -> list[str | None]:
        """The operation of each request to a world."""
        return [entry.operation for entry in self.control.world(world).journal(limit=1000).requests]


class Cluster:
    """The servers, and where HAProxy answers for them."""

    def __init__(self, url: str, replicas: list[Replica]) -> None:
        self.url, self.replicas = url, replicas
        self.http = httpx.Client(base_url=url, verify=False)

    def owner(self, world: str) -> int:
        """The number of the server that a world belongs to, as its token says it."""
        answer = self.http.get("/api/v1/capsules/x", auth=(f"cop_nobody@{world}", ""))
        return int(answer.headers["x-codeocean-mock-replica"])

    def worlds_of(self, replica: int, count: int) -> list[str]:
        """Names of so many worlds that belong to one server."""
        names = (f"w{number}" for number in range(20 * count))
        return [name for name in names if self.owner(name) == replica][:count]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    if installed() is None:
        missing = "servers were not tried behind a load balancer: HAProxy is not installed (apt-get install haproxy)"
        pytest.fail(missing) if "NEEDS_HAPROXY" in os.environ else pytest.skip(missing)
    with ExitStack() as running:
        replicas = [Replica(tmp_path / str(number)) for number in range(REPLICAS)]
        for replica in replicas:
            running.callback(replica.close)
        places = [replica.place for replica in replicas]
        balancer = running.enter_context(balanced(places, TOKEN, tmp_path / "haproxy.log"))
        cluster = Cluster(balancer.url, replicas)
        running.callback(cluster.http.close)
        until(lambda: cluster.http.get("/_balancer").status_code == 200)
        yield cluster
