"""Scenarios: what is drawn for a run or a data asset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.lifecycle import COMPUTATION_STAGES, End, Plan, Stage, at
from mock_server.domain.scenarios import (
    BUILT_IN,
    CAPTURE_SECONDS,
    EIGHT_HOURS,
    Scenario,
    draw_capture,
    draw_run,
    past_run,
    ready_since,
)
from mock_server.ids import Ids

START = 1_800_000_000.0

each_built_in = pytest.mark.parametrize("scenario", BUILT_IN.values(), ids=BUILT_IN)


def duration(plan: Plan) -> float:
    return sum(stage.seconds for stage in plan.stages)


def drawn(scenario: Scenario, number: int = 0) -> Plan:
    return draw_run(scenario, START, Ids(7).draws("run", str(number)))


@each_built_in
def test_drawn_lengths_are_in_the_declared_ranges(scenario: Scenario) -> None:
    ranges = (scenario.initializing, scenario.running, scenario.finalizing)
    for number in range(200):
        plan = drawn(scenario, number)
        assert plan.started == START
        assert plan.end == scenario.end
        assert tuple(stage.state for stage in plan.stages) == COMPUTATION_STAGES
        for stage, (low, high) in zip(plan.stages, ranges, strict=True):
            assert low <= stage.seconds <= high


def test_a_run_of_the_demo_takes_about_eight_seconds() -> None:
    lengths = [duration(drawn(BUILT_IN["succeeds"], number)) for number in range(500)]
    assert min(lengths) >= 6
    assert max(lengths) <= 9
    assert len(set(lengths)) > 100


def test_the_same_draws_give_the_same_plan() -> None:
    assert drawn(BUILT_IN["fails"], 3) == drawn(BUILT_IN["fails"], 3)
    assert drawn(BUILT_IN["fails"], 3) != drawn(BUILT_IN["fails"], 4)


@pytest.mark.parametrize(
    ("name", "end", "keeps_files"),
    [
        ("succeeds", End("completed", "succeeded", 0, has_results=True), True),
        ("fails", End("completed", "failed", 1, has_results=True), False),
        ("silent-failure", End("completed", "succeeded", 1, has_results=False), False),
        ("slow", End("completed", "succeeded", 0, has_results=True), True),
    ],
)
def test_how_the_built_in_ones_end(name: str, end: End, keeps_files: bool) -> None:
    assert (BUILT_IN[name].end, BUILT_IN[name].keeps_files) == (end, keeps_files)


def test_the_slow_one_runs_for_eight_hours() -> None:
    assert drawn(BUILT_IN["slow"]).stages[1] == Stage("running", EIGHT_HOURS)


def test_a_scenario_can_be_given_an_exact_length() -> None:
    longer = BUILT_IN["fails"].lasting(12.5)
    assert drawn(longer).stages[1] == Stage("running", 12.5)
    assert longer.end == BUILT_IN["fails"].end
    assert BUILT_IN["fails"].running != longer.running


@given(st.sampled_from(list(BUILT_IN.values())), st.integers(0, 2**31))
def test_a_past_run_lasts_exactly_its_seconds(scenario: Scenario, seconds: int) -> None:
    plan = past_run(scenario, START, seconds)
    assert duration(plan) == seconds
    assert all(stage.seconds >= 0 for stage in plan.stages)
    ended = at(plan, START + seconds)
    assert (ended.elapsed, ended.end) == (seconds, scenario.end)
    assert seconds == 0 or at(plan, START + seconds - 0.125).end is None


def test_a_data_asset_is_a_draft_and_then_ready() -> None:
    low, high = CAPTURE_SECONDS
    for number in range(200):
        plan = draw_capture(START, Ids(7).draws(str(number)))
        assert [stage.state for stage in plan.stages] == ["draft"]
        assert low <= duration(plan) <= high
        assert at(plan, START).state == "draft"
        assert at(plan, START + high).end == End("ready")


def test_a_data_asset_that_fails_says_why() -> None:
    plan = draw_capture(START, Ids(7).draws("x"), "no such bucket")
    assert at(plan, START).state == "draft"
    assert at(plan, START + 60).end == End("failed", failure_reason="no such bucket")


def test_a_seeded_data_asset_is_ready_from_the_start() -> None:
    assert at(ready_since(START), START).end == End("ready")
