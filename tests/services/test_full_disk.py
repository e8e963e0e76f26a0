"""What cannot be kept because the disk is full has not happened."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mock_server.errors import UnavailableError
from mock_server.local_files import ALL_FILES
from mock_server.services import clock, faults, scenarios
from mock_server.settings import Settings
from mock_server.wire.control import AdvanceClock, Fault, SetClock
from mock_server.world import World
from mock_server.worlds import Worlds
from tests.conftest import HandClock

SCENARIOS = "version: 1\nscenarios: [{name: mine, like: fails, when: {name: '*'}}]\n"


def load(world: World, text: str) -> None:
    asyncio.run(scenarios.load(world, text, "the text", ALL_FILES, replace=True))


@pytest.fixture
def world() -> Iterator[World]:
    """A world with a fault and a scenario, on a clock that a test moves by hand."""
    worlds = Worlds(Settings(data_dir=None, random_seed=7), HandClock())
    faults.put(worlds.default, Fault(name="there", close=True))
    load(worlds.default, SCENARIOS)
    yield worlds.default
    worlds.close()


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """Everything can be written but the end of a transaction: that is where a disk is found to be full."""

    def decide(action: int, what: str | None, *_: object) -> int:
        refused = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    connection = world.db._connection
    connection.set_authorizer(decide)
    yield
    connection.set_authorizer(None)


def seen(world: World) -> object:
    """What the control plane shows of clock, faults and scenarios."""
    return clock.clock(world), faults.listed(world), scenarios.listed(world)


@pytest.mark.parametrize(
    "change",
    [
        lambda world: clock.advance(world, AdvanceClock(by=3600)),
        lambda world: clock.set_clock(world, SetClock(mode="scaled", scale=60)),
        lambda world: faults.put(world, Fault(name="new", status=500)),
        lambda world: faults.replace(world, [Fault(name="new", status=500)]),
        lambda world: faults.clear(world),
        lambda world: faults.forget(world, "there"),
        lambda world: load(world, SCENARIOS.replace("mine", "new")),
        lambda world: scenarios.forget(world, "mine"),
    ],
    ids=["advance", "set clock", "set fault", "set faults", "clear", "forget fault", "load", "forget scenario"],
)
def test_everything_is_as_it_was(world: World, change: Callable[[World], object]) -> None:
    before = seen(world)
    with full_disk(world), pytest.raises(UnavailableError, match="cannot be used"):
        change(world)
    assert seen(world) == before
    change(world)
    assert seen(world) != before
