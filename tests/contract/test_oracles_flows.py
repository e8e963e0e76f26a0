"""The flows of the oracles and the probes, against the fake."""

from typing import Any

import pytest

from contract_tests import oracles, probes
from contract_tests.checks import run_checks
from contract_tests.findings import Status
from contract_tests.oracles.runner import Watch
from contract_tests.reports.progress import Silent
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.profiles import Profile
from mock_server import MockCodeOcean
from tests.contract import fake
from tests.contract.whole_run import WholeRun

CHECKS = {check.name: (layer, check) for layer in (oracles, probes) for check in layer.CHECKS}


def test_checks_have_names_of_their_own() -> None:
    assert len(CHECKS) == len(oracles.CHECKS) + len(probes.CHECKS)
    assert all(check.summary.endswith(".") for _, check in CHECKS.values())


@pytest.mark.parametrize("name", CHECKS)
def test_the_fake_holds(whole: WholeRun, name: str) -> None:
    outcome = whole.outcomes[name]
    assert outcome.status is Status.PASSED, (outcome.detail, [finding.message for finding in outcome.findings])
    assert any(exchange.check == name for exchange in whole.exchanges)


@pytest.mark.parametrize("name", CHECKS)
def test_checks_send_what_they_declare(whole: WholeRun, name: str) -> None:
    _, check = CHECKS[name]
    sent = {exchange.name for exchange in whole.exchanges if exchange.check == name and exchange.name is not None}
    undeclared = sent - set(check.operations)
    # What a malformed path or a method that nobody declared turns out to call is not foreseen.
    assert not undeclared or (check.full and check.operations == ()), undeclared


def test_oracles_find_nothing(whole: WholeRun) -> None:
    assert [problem for exchange in whole.exchanges for problem in exchange.problems] == []
    assert whole.watch.finish() == []


def test_flows_give_every_oracle_something_to_judge(whole: WholeRun) -> None:
    assert {oracle.name for oracle in whole.watch.oracles} == whole.judging_after_flows


def test_those_that_only_read_can_be_run_where_nothing_else_may(mock: MockCodeOcean) -> None:
    checks = [check for _, check in CHECKS.values()]
    with fake.deployment(mock, Profile.OBSERVE) as observed, observed.gate.observed_by(Watch()):
        outcomes = list(run_checks(observed, "oracles", checks, Silent()))
    passed_check = {outcome.check for outcome in outcomes if outcome.status is Status.PASSED}
    reads = {
        name
        for name, (_, check) in CHECKS.items()
        if not check.full and all(_effect(operation) is Effect.READ for operation in check.operations)
    }
    assert passed_check == reads
    assert len(passed_check) > 15
    assert observed.gate.refused == []
    assert {outcome.status for outcome in outcomes} == {Status.PASSED, Status.SKIPPED}


def _effect(name: str) -> Effect:
    return OPERATIONS[name].effect


def test_nothing_is_left(whole: WholeRun) -> None:
    assert runs_of(whole.after_flows) == runs_of(whole.before)


def runs_of(state: dict[str, Any]) -> dict[str, list[str]]:
    """The ids of all there is, each with those of its runs."""
    return {key: sorted(run["id"] for run in runs) for key, (*_, runs) in state.items()}
