"""The flows of the oracles and the probes, against the fake."""

from collections.abc import Iterator

import pytest

from contract_tests import oracles, probes
from contract_tests.checks import Check, run_checks
from contract_tests.deployment import Deployment
from contract_tests.findings import Status
from contract_tests.oracles.runner import Watch
from contract_tests.reports.progress import Silent
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.profiles import Profile
from mock_server import MockCodeOcean
from tests.contract import fake

CHECKS = {check.name: (layer, check) for layer in (oracles, probes) for check in layer.CHECKS}


class FlowRun:
    """All checks, run once in one world, with all oracles watching."""

    def __init__(self, deployment: Deployment, watch: Watch) -> None:
        self.watch = watch
        self.exchanges = deployment.gate.exchanges
        self.refused = deployment.gate.refused
        self.before = everything(deployment)
        checks = [check for _, check in CHECKS.values()]
        with deployment.gate.observed_by(watch):
            self.outcomes = {outcome.check: outcome for outcome in run_checks(deployment, "oracles", checks, Silent())}
            with deployment.gate.running("oracles", "afterwards"):
                self.after = everything(deployment)


@pytest.fixture(scope="module")
def full(mock: MockCodeOcean) -> Iterator[FlowRun]:
    with fake.deployment(mock) as deployment:
        yield FlowRun(deployment, Watch())


@pytest.fixture(scope="module")
def observed(mock: MockCodeOcean) -> Iterator[FlowRun]:
    with fake.deployment(mock, Profile.OBSERVE) as deployment:
        yield FlowRun(deployment, Watch())


def make_exchange(check: Check, ran: FlowRun) -> list[str]:
    return [exchange.name for exchange in ran.exchanges if exchange.check == check.name and exchange.name is not None]


def test_checks_have_names_of_their_own() -> None:
    assert len(CHECKS) == len(oracles.CHECKS) + len(probes.CHECKS)
    assert all(check.summary.endswith(".") for _, check in CHECKS.values())


@pytest.mark.parametrize("name", CHECKS)
def test_the_fake_holds(full: FlowRun, name: str) -> None:
    outcome = full.outcomes[name]
    assert outcome.status is Status.PASSED, (outcome.detail, [finding.message for finding in outcome.findings])
    assert any(exchange.check == name for exchange in full.exchanges)


@pytest.mark.parametrize("name", CHECKS)
def test_checks_send_what_they_declare(full: FlowRun, name: str) -> None:
    _, check = CHECKS[name]
    undeclared = set(make_exchange(check, full)) - set(check.operations)
    # What a malformed path or a method that nobody declared turns out to call is not foreseen.
    assert not undeclared or (check.full and check.operations == ()), undeclared


def test_oracles_find_nothing(full: FlowRun) -> None:
    assert [problem for exchange in full.exchanges for problem in exchange.problems] == []
    assert full.watch.finish() == []


def test_flows_give_every_oracle_something_to_judge(full: FlowRun) -> None:
    assert [oracle.name for oracle in full.watch.oracles if not oracle.judged] == []


def test_those_that_only_read_can_be_run_where_nothing_else_may(observed: FlowRun) -> None:
    passed_check = {name for name, outcome in observed.outcomes.items() if outcome.status is Status.PASSED}
    reads = {
        name
        for name, (_, check) in CHECKS.items()
        if not check.full and all(_effect(operation) is Effect.READ for operation in check.operations)
    }
    assert passed_check == reads
    assert len(passed_check) > 15
    assert observed.refused == []
    assert {outcome.status for outcome in observed.outcomes.values()} == {Status.PASSED, Status.SKIPPED}


def _effect(name: str) -> Effect:
    return OPERATIONS[name].effect


def test_nothing_is_left(full: FlowRun) -> None:
    assert full.after == full.before


def everything(deployment: Deployment) -> tuple[list[str], set[str]]:
    caller = deployment.http()
    capsules = caller.ask("POST", "/capsules/search", 200, json={"ownership": "created"}).json()["results"]
    runs = [
        run["id"]
        for capsule in capsules
        for run in caller.ask("GET", f"/capsules/{capsule['id']}/computations", 200).json()
    ]
    assets = caller.ask("POST", "/data_assets/search", 200, json={"limit": 1000}).json()["results"]
    return sorted(runs), {asset["id"] for asset in assets}
