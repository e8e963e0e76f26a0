"""The scenarios against the fake: in every profile, all together and each by itself; what they leave; what they see."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from contract_tests.checks import Check, run_checks
from contract_tests.deployment import Deployment, Subjects
from contract_tests.findings import Outcome, Status
from contract_tests.probes.limits import parameter_edges
from contract_tests.reports.progress import Silent
from contract_tests.scenarios import CHECKS
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.ledger import Ledger, read
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.profiles import BUDGETS, Profile
from mock_server import MockCodeOcean
from tests import ids
from tests.contract import fake
from tests.contract.whole_run import WholeRun, dump

NAMES = [check.name for check in CHECKS]

OBSERVING = {
    "read_run",
    "read_data_asset",
    "read_capsule",
    "read_pipeline",
    "app_panel",
    "walk_searches",
    "custom_metadata",
    "unknown_ids",
    "minimum_version",
}
"""Scenarios that change nothing."""

SANDBOXED = OBSERVING | {
    "run_and_capture",
    "capture_of_folder",
    "data_asset_life",
    "search_and_page",
    "rename_and_delete",
    "nothing_left",
}
"""Scenarios that touch nothing but what they make."""

MAKE_SPARINGLY = {"runs": 2, "created": 6}
"""What the scenarios take of a sandboxed run's budgets; the other layers need the rest."""


def run(deployment: Deployment, *checks: Check) -> dict[str, Outcome]:
    return {outcome.check: outcome for outcome in run_checks(deployment, "scenarios", checks, Silent())}


def sent_by(deployment: Deployment, check: str) -> list[Exchange]:
    return [exchange for exchange in deployment.gate.exchanges if exchange.check == check]


def assert_ended(outcomes: dict[str, Outcome], passed_check: set[str]) -> None:
    """All that should have been held, and the others were skipped."""
    for outcome in outcomes.values():
        expected = Status.PASSED if outcome.check in passed_check else Status.SKIPPED
        messages = [finding.message for finding in outcome.findings]
        assert outcome.status is expected, (outcome.check, outcome.detail, messages)


def assert_declared(deployment: Deployment, check: Check) -> None:
    sent = {exchange.name for exchange in sent_by(deployment, check.name) if exchange.name}
    assert sent <= set(check.operations), f"{check.name} does not declare {sent - set(check.operations)}"


# ---- the profile full


def test_every_scenario_has_a_name_of_its_own_and_says_what_it_looks_at() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for check in CHECKS:
        assert check.summary.endswith("."), check.name
        assert check.operations, check.name


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_on_the_fake(whole: WholeRun, name: str) -> None:
    outcome = whole.outcomes[name]
    assert outcome.status is Status.PASSED, (outcome.detail, [finding.message for finding in outcome.findings])
    assert any(exchange.ok or exchange.status in (400, 404) for exchange in sent_by(whole.deployment, name))


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_it_declares_what_it_sends(whole: WholeRun, check: Check) -> None:
    assert_declared(whole.deployment, check)


def test_every_operation_succeeds_in_some_scenario(whole: WholeRun) -> None:
    succeeded = {exchange.name for exchange in whole.exchanges if exchange.ok and exchange.check in NAMES}
    assert set(OPERATIONS) <= succeeded


def test_what_was_made_is_gone_and_what_was_changed_is_as_before(whole: WholeRun) -> None:
    deleted = {
        exchange.keys["capsule_id"]
        for exchange in whole.exchanges
        if exchange.name in ("delete_capsule", "delete_pipeline") and exchange.ok
    }
    assert len(deleted) == 2
    assert whole.before.keys() - whole.after.keys() == deleted
    assert not whole.after.keys() - whole.before.keys()
    # Runs date what they use, and releases add a version.
    dated = ("last_accessed", "last_used", "versions")
    for key, (archived, row, permissions, runs) in whole.after.items():
        archived_before, row_before, permissions_before, runs_before = whole.before[key]
        assert archived == archived_before
        assert {**row, **dict.fromkeys(dated)} == {**row_before, **dict.fromkeys(dated)}
        assert permissions == permissions_before
        assert runs == runs_before
    assert not whole.scenarios


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_it_holds_alone(mock: MockCodeOcean, check: Check) -> None:
    with fake.deployment(mock) as deployment:
        before = deployment.steered().info().counts
        assert_ended(run(deployment, check), {check.name})
        assert_declared(deployment, check)
        after = deployment.steered().info().counts
        assert after.data_assets == before.data_assets
        # The run that scenarios share is left for the others.
        assert after.computations - before.computations <= 1


@pytest.mark.parametrize("bounds", ["minimum: -1234567, maximum: 1234567", "minimum: -1.0e+17, maximum: 1.0e+17"])
def test_large_bounds_of_a_parameter_are_probed_exactly(mock: MockCodeOcean, tmp_path: Path, bounds: str) -> None:
    text = (resources.files("mock_server.seeds") / "demo.yaml").read_text(encoding="utf-8")
    assert "minimum: 1, maximum: 1000}" in text
    (tmp_path / "seed.yaml").write_text(text.replace("minimum: 1, maximum: 1000}", f"{bounds}}}"))
    with fake.deployment(mock, seed=str(tmp_path / "seed.yaml")) as deployment:
        assert_ended(run(deployment, parameter_edges), {"parameter_edges"})


# ---- profiles for real deployments


@pytest.mark.slow
def test_sandboxed_touches_only_what_it_makes_and_leaves_nothing(mock: MockCodeOcean, tmp_path: Path) -> None:
    budgets = replace(BUDGETS[Profile.SANDBOXED], per_second=None, **MAKE_SPARINGLY)
    ledger = Ledger(tmp_path / "ledger", "contract-test", mock.url, ids.CAPSULE)
    named = Subjects(capsule=ids.CAPSULE)
    with fake.deployment(mock, Profile.SANDBOXED, budgets=budgets, ledger=ledger, named=named) as deployment:
        before = dump(deployment)
        assert_ended(run(deployment, *CHECKS), SANDBOXED)
        after = dump(deployment)
        assert not deployment.gate.refused
        assert deployment.gate.meter.used["runs"] == MAKE_SPARINGLY["runs"]
        after[ids.CAPSULE][1].pop("last_accessed", None)
        before[ids.CAPSULE][1].pop("last_accessed", None)
        assert after == before
    [entries] = read(tmp_path / "ledger")
    assert len([entry for entry in entries.entries if entry.id]) == sum(MAKE_SPARINGLY.values())


def test_sandboxed_holds_without_a_control_plane(mock: MockCodeOcean) -> None:
    """As on a real deployment: nothing can be steered, so that time has to pass by itself."""
    clock = {"mode": "scaled", "scale": 60.0}
    with fake.deployment(mock, Profile.SANDBOXED, named=Subjects(capsule=ids.CAPSULE), clock=clock) as deployment:
        deployment.control = None
        assert_ended(run(deployment, *(check for check in CHECKS if check.name in SANDBOXED)), SANDBOXED)


def test_observe_changes_nothing(mock: MockCodeOcean) -> None:
    with fake.deployment(mock, Profile.OBSERVE) as deployment:
        before, counts = dump(deployment), deployment.steered().info().counts
        assert_ended(run(deployment, *CHECKS), OBSERVING)
        assert not deployment.gate.refused
        effects = {exchange.operation.effect for exchange in deployment.gate.exchanges if exchange.operation}
        assert effects == {Effect.READ}
        assert dump(deployment) == before
        assert deployment.steered().info().counts.model_copy(update={"requests": counts.requests}) == counts


def test_without_the_other_users_token_what_needs_it_is_skipped(mock: MockCodeOcean) -> None:
    with fake.deployment(mock) as deployment:
        deployment._tokens = {"owner": deployment.token("owner")}
        outcomes = run(
            deployment, *(check for check in CHECKS if check.name in ("share_and_revoke", "run_and_capture"))
        )
        assert_ended(outcomes, {"run_and_capture"})
        assert "other" in outcomes["share_and_revoke"].detail


def test_an_empty_world_is_skipped_and_not_passed(mock: MockCodeOcean) -> None:
    with fake.deployment(mock, seed="empty") as deployment:
        outcomes = run(deployment, *CHECKS)
        assert not {outcome.check for outcome in outcomes.values() if outcome.status is Status.FAILED}
        for name in ("run_and_capture", "read_run", "share_capsule", "search_capsules", "attach_to_workstation"):
            assert outcomes[name].status is Status.SKIPPED, name
