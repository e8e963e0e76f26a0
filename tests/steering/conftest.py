"""One server on real time, and a world for each test whose clock stands until the test moves it."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from codeocean import CodeOcean

from mock_server import MockCodeOcean
from mock_server.client import CodeOceanWorld
from mock_server.domain.naming import DEMO_TOKEN

NUMBERS = count(1)


@pytest.fixture(scope="session")
def mock() -> Iterator[MockCodeOcean]:
    with MockCodeOcean(random_seed=7) as mock:
        yield mock


@pytest.fixture
def world(mock: MockCodeOcean) -> Iterator[CodeOceanWorld]:
    name = f"steered-{next(NUMBERS)}"
    world = mock.new_world(name, random_seed=7, clock={"mode": "frozen"})
    yield world
    world.close()
    world.control.delete()


@pytest.fixture
def sdk_with(world: CodeOceanWorld) -> Iterator[Callable[..., CodeOcean]]:
    """The official SDK in that world, with other options such as `retries`."""
    made: list[CodeOcean] = []

    def one(**options: Any) -> CodeOcean:
        made.append(world.client_of(DEMO_TOKEN, **options))
        return made[-1]

    yield one
    for sdk in made:
        sdk.session.close()
