"""The commands against a server as users start it; each test has a world of its own."""

import itertools
import json
import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from mock_server.cli import app
from mock_server.client import Control, WorldControl
from tests import ids
from tests.conftest import USER, Client
from tests.process import started

COUNTER = itertools.count(1)


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of a table; two blanks part them."""
        return [re.split(" {2,}", line) for line in self.out.splitlines()]

    @property
    def facts(self) -> dict[str, str]:
        """Names and values."""
        pairs = (line.partition("  ") for line in self.out.splitlines())
        return {name: value.strip() for name, _, value in pairs}


def command(*arguments: str, stdin: bytes | str | None = None, **env: str) -> Done:
    """A command in this process, in an environment without settings of whoever runs the tests."""
    unwanted = (name for name in os.environ if name.startswith("CODEOCEAN") or name.lower().endswith("_proxy"))
    variables: dict[str, str | None] = {**dict.fromkeys(unwanted), **env}
    result = CliRunner().invoke(app, arguments, input=stdin, env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


class Steering:
    """Commands for one world of the server."""

    def __init__(self, url: str, world: WorldControl) -> None:
        self.url, self.world = url, world

    def __call__(self, *arguments: str, code: int = 0, stdin: bytes | str | None = None) -> Done:
        """Run a command and check its exit code."""
        done = command(*arguments, stdin=stdin, CODEOCEAN_MOCK_URL=self.url, CODEOCEAN_MOCK_WORLD=self.world.name)
        assert done.code == code, done
        return done

    def refused(self, *arguments: str, code: int = 1) -> str:
        """Run a command that is to fail with one line."""
        done = self(*arguments, code=code)
        assert done.out == ""
        assert done.err.count("\n") == 1
        return done.err


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with started("--in-memory", "--random-seed", "7") as server:
        yield server.url


@pytest.fixture
def steer(url: str) -> Iterator[Steering]:
    with Control(url) as control:
        world = control.create_world(f"test-{next(COUNTER)}")
        yield Steering(url, world)
        world.delete()


@pytest.fixture
def api(steer: Steering) -> Iterator[Client]:
    """The public API in the test's world."""
    with Client(steer.url, steer.world.token(USER)) as client:
        yield client


@pytest.fixture
def run(steer: Steering, api: Client) -> str:
    """The id of a run that was just started, on a clock that stands."""
    steer.world.freeze()
    run: str = api.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
    return run
