"""How fast a target is asked: a fake on this machine as fast as it answers, a deployment slowly."""

import pytest

from contract_tests import session
from contract_tests.options import Options
from contract_tests.transport.profiles import Profile
from tests.cli.conftest import command

URL = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("is_fake", "budgets", "rate"), [(True, {}, None), (True, {"per_second": 2.0}, 2.0), (False, {}, 5)]
)
def test_a_fake_on_this_machine_has_no_rate_but_one_that_was_given(
    is_fake: bool, budgets: dict[str, float], rate: float | None
) -> None:
    options = Options(URL, budgets=budgets)
    assert session._limits(options, Profile.OBSERVE, is_unhurried=is_fake).per_second == rate


def test_drift_shows_its_progress_on_standard_error() -> None:
    done = command("contract", "drift", "--layer", "scenarios", "--max-requests", "20", "--format", "json")
    assert done.json["version"] == 1
    assert "scenarios." in done.err


def test_a_plan_fits_a_terminal_and_says_why_checks_are_left_out() -> None:
    lines = command("contract", "plan", "--url", URL).out.splitlines()
    table = [line for line in lines if line.startswith(("layer", "oracles", "scenarios", "probes", "spec"))]
    assert len(table) > 20
    assert max(map(len, table)) <= 80
    assert any(line.startswith("not run: ") and line.endswith("requires the profile full") for line in lines)
