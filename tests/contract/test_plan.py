"""The plan of a run fits its budgets, and a run with the default budgets comes to a verdict."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests import plan as plans
from contract_tests.deployment import Subjects
from contract_tests.estimates import of_operation
from contract_tests.options import Options
from contract_tests.plan import DIRECTED, Plan
from contract_tests.spec.configuration import FULL, LEAST, QUICK
from contract_tests.transport.profiles import Profile
from tests.cli.conftest import command
from tests.contract.stand_in import OTHER_TOKEN, TOKEN, StandIn, run_stand_in

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
MANY = 100_000


def plan(profile: Profile, *, quick: bool = False, **budgets: Any) -> Plan:
    options = Options("http://127.0.0.1:1", profile=profile, quick=quick, named=Subjects(CAPSULE), budgets=budgets)
    return plans.plan(options, profile)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("requests", [60, 200, 500, 1000, 1400, 2000, 4000, MANY])
def test_the_plan_fits_the_budget_and_uses_it(profile: Profile, requests: int) -> None:
    fitted = plan(profile, requests=requests, seconds=None)
    assert fitted.requests <= requests
    if fitted.left_out:
        # Not even the next check or effort would fit.
        assert fitted.requests > requests * 0.3


def test_a_plan_without_a_budget_leaves_nothing_out() -> None:
    fitted = plan(Profile.FULL)
    assert (fitted.left_out, fitted.effort) == ((), FULL)
    assert all(row.reason is None for row in fitted.rows)
    assert plan(Profile.FULL, quick=True).effort == QUICK


def test_less_budget_leaves_out_more_and_hostile_input_first() -> None:
    fewer: set[str] | None = None
    for requests in (MANY, 1400, 900, 500, 200, 60):
        fitted = plan(Profile.OBSERVE, requests=requests)
        kept = {row.name for row in fitted.rows if row.reason is None}
        assert fewer is None or len(kept) <= len(fewer)
        fewer = kept
        out = {row.layer for row in fitted.rows if row.is_left_out}
        if out & {"oracles", "scenarios"}:
            probes = [row for row in fitted.rows if row.layer == "probes" and row.reason is None]
            assert all(row.cost.requests <= 40 for row in probes)
    assert fewer


def test_generated_requests_become_fewer_before_a_check_is_left_out() -> None:
    fitted = plan(Profile.OBSERVE, requests=1400)
    assert not [row for row in fitted.rows if row.is_left_out]
    assert LEAST.examples <= fitted.effort.examples < FULL.examples
    assert any("random requests of each operation" in text for text in fitted.left_out)


def test_time_at_a_rate_is_a_budget_of_requests() -> None:
    by_time = plan(Profile.OBSERVE, requests=None, seconds=100, per_second=6)
    assert by_time.requests <= 600
    assert by_time.left_out == plan(Profile.OBSERVE, requests=600, seconds=None).left_out


@pytest.mark.parametrize("budget", ["created", "runs"])
def test_what_may_be_made_is_planned_too(budget: str) -> None:
    for most in (0, 1):
        limits: dict[str, Any] = {budget: most}
        fitted = plan(Profile.SANDBOXED, **limits)
        used = sum(getattr(row.cost, budget) for row in fitted.rows if row.reason is None)
        assert used <= most
        left_out = [row for row in fitted.rows if row.is_left_out]
        assert left_out
        assert all(getattr(row.cost, budget) for row in left_out)


def test_the_plan_of_the_command_says_what_is_left_out() -> None:
    options = ("--url", "http://127.0.0.1:1", "--max-requests", "700")
    done = command("contract", "plan", *options)
    assert "left out to fit the budget of 700 requests" in done.out
    assert done.out.splitlines()[-1].startswith("left out to fit the budgets: probes.")
    rows: list[dict[str, Any]] = command("contract", "plan", *options, "--json").json
    assert sum(row["requests"] for row in rows if row["runs"]) <= 700


@pytest.fixture
def real(tmp_path: Path) -> Any:
    with run_stand_in(tmp_path, newer=False) as server:
        yield server


MOVING = ("last_accessed", "last_used", "state", "end_status", "exit_code", "run_time", "has_results", "processes")
"""Fields that change by themselves: time passes, and runs go on."""


def content(real: StandIn) -> list[Any]:
    """All that the user can see, but for what changes by itself."""
    rows: list[Any] = []
    with httpx.Client(base_url=f"{real.url}/api/v1", auth=(TOKEN, "")) as client:
        for kind in ("capsules", "pipelines", "data_assets"):
            for archived in (False, True):
                found = client.post(f"/{kind}/search", json={"limit": 1000, "archived": archived}).json()["results"]
                rows += found
                rows += [client.get(f"/{kind}/{row['id']}/permissions").json() for row in found]
                for row in found if kind != "data_assets" else ():
                    rows += client.get(f"/{kind}/{row['id']}/computations").json()
    return sorted(({k: v for k, v in row.items() if k not in MOVING} for row in rows), key=json.dumps)


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["observe", "sandboxed"])
def test_a_run_with_the_default_budgets_comes_to_a_verdict(real: StandIn, tmp_path: Path, profile: str) -> None:
    """At another rate than the default, which says nothing but how long it takes."""
    before = content(real)
    real.received.clear()
    tokens = ("--token", TOKEN, "--other-token", OTHER_TOKEN, "--ledger", str(tmp_path / "ledger"))
    capsule = ("--capsule", CAPSULE) if profile == "sandboxed" else ()
    done = command("contract", "--url", real.url, "--profile", profile, *tokens, *capsule, "--rate", "1000", "--json")
    report = done.json
    assert (done.code, report["verdict"], report["stopped"]) == (0, "passed", None), report["sentence"]
    assert report["carried_out"]["done"] == report["carried_out"]["possible"]
    assert report["left_out"]
    assert report["made"]["left"] == []
    assert report["made"]["created"] == report["made"]["deleted"] == (8 if profile == "sandboxed" else 0)
    requests = report["budgets"]["requests"]
    assert requests["used"] <= requests["most"]
    # Five a second, and less than five minutes.
    assert profile != "observe" or requests["most"] < 5 * 300
    assert content(real) == before
    assert bool(real.changes) == (profile == "sandboxed")


@pytest.mark.slow
def test_the_estimates_of_generated_requests_hold(real: StandIn) -> None:
    options = ("--layer", "spec", "--rate", "1000", "--max-requests", str(MANY), "--json")
    done = command("contract", "--url", real.url, "--profile", "observe", "--token", TOKEN, *options)
    called = {row["name"]: row["called"] for row in done.json["operations"] if row["called"]}
    assert len(called) > 20
    for name, count in called.items():
        estimate = of_operation(name, FULL.examples, coverage=True, full=False).requests
        assert abs(count - estimate) <= max(6, 0.2 * count), (name, count, estimate)


def test_every_check_is_planned_once() -> None:
    names = [row.name for row in plan(Profile.FULL).rows]
    assert len(set(names)) == len(names)
    assert sum(map(len, DIRECTED.values())) == len([name for name in names if not name.startswith("spec.")])
