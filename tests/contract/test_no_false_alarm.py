"""The unchanged fake stays clean: under load on a slow disk, with a clock that skips, with one that jumps."""

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from contract_tests.checks import run_checks
from contract_tests.deployment import STEERED_POLLS, Deployment
from contract_tests.findings import CheckFailed, Status
from contract_tests.oracles.runner import ORACLES, Watch
from contract_tests.plan import DIRECTED
from contract_tests.reports.progress import Silent
from contract_tests.spec import layer as spec
from contract_tests.spec.configuration import Effort
from contract_tests.spec.conformance import ConformsToSpec
from contract_tests.spec.document import packaged
from mock_server import MockCodeOcean
from mock_server.store.database import Database
from tests.contract import fake
from tests.process import PATIENCE
from tools.soak.clients import meanwhile

pytestmark = pytest.mark.slow

PAUSE = 0.05
"""Seconds between what others do."""

GENERATED = frozenset({"get_computation", "run_capsule", "get_data_asset", "list_computation_results"})


@contextmanager
def load(deployment: Deployment, _: pytest.MonkeyPatch) -> Iterator[None]:
    """Other clients make, read, search and delete in the same world."""
    url, token = f"{deployment.gate.target.url}/api/v1", deployment.token("owner")
    numbers = itertools.count()
    with httpx.Client(base_url=url, auth=(token, ""), timeout=PATIENCE, verify=False) as client:

        def work() -> None:
            run = client.post("/computations", json={"capsule_id": deployment.capsule}).json()["id"]
            client.get(f"/computations/{run}")
            fields = {"name": f"load {next(numbers)}", "mount": "load", "tags": ["load"]}
            asset = client.post("/data_assets", json=fields | {"source": {"aws": {"bucket": "any"}}}).json()["id"]
            client.post("/data_assets/search", json={"limit": 20})
            client.delete(f"/data_assets/{asset}")
            client.delete(f"/computations/{run}")

        with meanwhile(work, PAUSE):
            yield


@contextmanager
def slow_disk(_: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every transaction takes long to begin and to end."""
    transaction = Database.transaction

    @contextmanager
    def slow(database: Database) -> Iterator[Any]:
        time.sleep(0.005)
        with transaction(database) as inside:
            yield inside
            time.sleep(0.01)

    monkeypatch.setattr(Database, "transaction", slow)
    yield
    monkeypatch.undo()


@contextmanager
def jumping_clock(deployment: Deployment, _: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody moves the clock, by little and by much, at any moment."""
    draws = random.Random(5)

    def jump() -> None:
        deployment.steered().advance(draws.choice((0.001, 0.5, 3.0, 20.0)))

    with meanwhile(jump, PAUSE):
        yield


def test_on_a_moved_clock_a_slow_machine_is_no_breach(mock: MockCodeOcean) -> None:
    with fake.deployment(mock) as deployment:
        deployment.patience = 0.0
        asked = itertools.count(1)
        assert deployment.poll(lambda: next(asked), lambda answer: answer == STEERED_POLLS, "it") == STEERED_POLLS
        with pytest.raises(CheckFailed, match="it did not finish within 0 seconds"):
            deployment.poll(lambda: None, lambda _: False, "it")


@contextmanager
def load_on_a_slow_disk(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who writes has to wait for the others, too."""
    with slow_disk(deployment, monkeypatch), load(deployment, monkeypatch):
        yield


@pytest.mark.parametrize(
    ("trouble", "mode"),
    [(load_on_a_slow_disk, "skipping"), (jumping_clock, "frozen")],
    ids=["load on a slow disk, with a clock that skips", "a clock that jumps"],
)
def test_nothing_is_found(mock: MockCodeOcean, monkeypatch: pytest.MonkeyPatch, trouble: Any, mode: str) -> None:
    """A clock that skips, or that somebody moves, moves between any two requests: no other clock does more."""
    with fake.deployment(mock, clock={"mode": mode}) as deployment, trouble(deployment, monkeypatch):
        watch = Watch([*(oracle() for oracle in ORACLES), ConformsToSpec(packaged())])
        with deployment.gate.observed_by(watch):
            outcomes = [
                outcome
                for name, checks in DIRECTED.items()
                for outcome in run_checks(deployment, name, checks, Silent())
            ]
            effort = Effort(examples=2, coverage=False, stateful=False)
            outcomes += spec.run(deployment, packaged(), effort, 3, Silent(), GENERATED)
        problems = [problem for exchange in deployment.gate.exchanges for problem in exchange.problems]
    assert [finding for outcome in outcomes for finding in outcome.findings] == []
    assert problems + watch.finish() == []
    assert sum(outcome.status is Status.PASSED for outcome in outcomes) > len(outcomes) - 5
    assert [outcome for outcome in outcomes if outcome.status is Status.ERROR] == []
