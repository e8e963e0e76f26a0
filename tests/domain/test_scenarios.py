"""Scenarios: what is drawn for a run, a data asset, an attachment or a release."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.lifecycle import ENDS, FOREVER, STAGES, End, Plan, Stage, state_at
from mock_server.domain.scenarios import (
    BUILT_IN,
    EIGHT_HOURS,
    NAMES,
    Scenario,
    draw,
    failing,
    named_by,
    past_run,
    ready_since,
    resolve_mix,
    run_plan,
)
from mock_server.ids import Ids

START = 1_800_000_000.0

RUNS = BUILT_IN["computation"]

EVERY = [(kind, name) for kind, family in BUILT_IN.items() for name in family]

each_built_in = pytest.mark.parametrize(("kind", "name"), EVERY, ids=[f"{kind}-{name}" for kind, name in EVERY])


def duration(plan: Plan) -> float:
    return sum(stage.seconds for stage in plan.stages)


def drawn(scenario: Scenario, number: int = 0, kind: str = "computation") -> Plan:
    return draw(kind, scenario, START, Ids(7).draws("run", str(number)))


@each_built_in
def test_drawn_lengths_are_in_the_declared_ranges(kind: str, name: str) -> None:
    scenario = BUILT_IN[kind][name]
    for number in range(100):
        plan = drawn(scenario, number, kind)
        assert (plan.started, plan.end.state, plan.scenario) == (START, scenario.end.state, name)
        assert plan.driven == scenario.driven
        if plan.driven:
            assert plan.stages == (Stage(STAGES[kind][0], FOREVER),)
            continue
        assert plan.end == scenario.end
        states = tuple(stage.state for stage in plan.stages)
        if scenario.stuck_in is None:
            assert states == STAGES[kind]
        else:
            assert states == STAGES[kind][: STAGES[kind].index(scenario.stuck_in) + 1]
        for stage, (low, high) in zip(plan.stages, scenario.ranges, strict=False):
            assert low <= stage.seconds <= high or (stage.state, stage.seconds) == (scenario.stuck_in, FOREVER)


@each_built_in
def test_every_end_is_one_that_there_is(kind: str, name: str) -> None:
    assert BUILT_IN[kind][name].end.state in ENDS[kind]


def test_every_kind_has_all_names() -> None:
    assert NAMES == (
        "succeeds", "fails", "out-of-memory", "silent-failure", "succeeded-exit-1", "failed-exit-0", "stopped",
        "stuck", "slow", "driven", "flaky",
    )  # fmt: skip
    for kind in STAGES:
        assert tuple(BUILT_IN[kind]) == NAMES


def test_a_run_of_the_demo_takes_about_eight_seconds() -> None:
    lengths = [duration(drawn(RUNS["succeeds"], number)) for number in range(500)]
    assert min(lengths) >= 6
    assert max(lengths) <= 9
    assert len(set(lengths)) > 100


def test_the_same_draws_give_the_same_plan() -> None:
    assert drawn(RUNS["fails"], 3) == drawn(RUNS["fails"], 3)
    assert drawn(RUNS["fails"], 3) != drawn(RUNS["fails"], 4)


@pytest.mark.parametrize(
    ("name", "end", "keeps_files"),
    [
        ("succeeds", End("completed", "succeeded", 0), True),
        ("fails", End("completed", "failed", 1), False),
        ("out-of-memory", End("completed", "failed", 137), False),
        ("silent-failure", End("completed", "succeeded", 1), False),
        ("succeeded-exit-1", End("completed", "succeeded", 1), False),
        ("failed-exit-0", End("completed", "failed", 0), False),
        ("stopped", End("completed", "stopped", 0), False),
        ("slow", End("completed", "succeeded", 0), True),
    ],
)
def test_how_the_built_in_runs_end(name: str, end: End, keeps_files: bool) -> None:
    assert (RUNS[name].end, RUNS[name].keeps_files) == (end, keeps_files)


def test_the_slow_one_runs_for_eight_hours() -> None:
    assert drawn(RUNS["slow"]).stages[1] == Stage("running", EIGHT_HOURS)


def test_the_stuck_one_never_ends() -> None:
    assert state_at(drawn(RUNS["stuck"]), START + 1e12).state == "running"


def test_the_flaky_one_fails_one_time_in_three_and_always_the_same_times() -> None:
    def outcomes(seed: int) -> list[str]:
        ids = Ids(seed)
        return [resolve_mix(RUNS["flaky"], RUNS.__getitem__, ids.draws(str(number))).name for number in range(3000)]

    assert set(outcomes(7)) == {"succeeds", "fails"}
    assert 900 < outcomes(7).count("fails") < 1100
    assert outcomes(7) == outcomes(7) != outcomes(8)


def test_what_is_no_mix_is_settled_already() -> None:
    assert resolve_mix(RUNS["fails"], RUNS.__getitem__, Ids(1).draws("x")) is RUNS["fails"]


@given(st.sampled_from(list(RUNS.values())), st.integers(0, 2**31))
def test_a_past_run_lasts_exactly_its_seconds(scenario: Scenario, seconds: int) -> None:
    plan = past_run(scenario, START, seconds, leaves_files=True)
    assert duration(plan) == seconds
    assert plan.end == scenario.end._replace(has_results=True)


@pytest.mark.parametrize("leaves_files", [True, False])
@pytest.mark.parametrize(("said", "shown"), [(None, None), (True, True), (False, False)])
def test_a_run_has_results_when_its_code_leaves_files_unless_its_scenario_says_otherwise(
    said: bool | None, shown: bool | None, leaves_files: bool
) -> None:
    scenario = replace(RUNS["succeeds"], has_results=said)
    wanted = leaves_files if shown is None else shown
    draws = Ids(1).draws("run")
    assert run_plan(scenario, START, draws, leaves_files=leaves_files, pipeline=False).end.has_results == wanted
    assert past_run(scenario, START, 5, leaves_files=leaves_files).end.has_results == wanted


@pytest.mark.parametrize(
    ("name", "pipeline", "leaves_files"), list(itertools.product(RUNS, (True, False), (True, False)))
)
def test_parts_of_a_pipelines_results_appear_while_it_is_running(name: str, pipeline: bool, leaves_files: bool) -> None:
    plan = run_plan(RUNS[name], START, Ids(1).draws("run"), leaves_files=leaves_files, pipeline=pipeline)
    assert bool(plan.parts) == (pipeline and leaves_files and not plan.driven)
    assert list(plan.parts) == sorted(set(plan.parts))
    assert all(state_at(plan, START + at).state == "running" for at in plan.parts)
    assert all(at < 3 * EIGHT_HOURS for at in plan.parts), "one that is stuck has some after as long as others"
    stages = draw("computation", RUNS[name], START, Ids(1).draws("run")).stages
    assert plan.stages == stages, "parts change nothing of how long a run takes"


def test_what_fails_says_why() -> None:
    plan = drawn(failing(BUILT_IN["data_asset"]["stuck"], "no such bucket"), kind="data_asset")
    assert state_at(plan, START).state == "draft"
    assert state_at(plan, START + 60).end == End("failed", failure_reason="no such bucket")


def test_a_seeded_data_asset_is_ready_from_the_start() -> None:
    assert state_at(ready_since(START), START).end == End("ready")


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ([], None),
        (["a", "mock:scenario=x", "mock:scenario=y"], "x"),
        (["mock:scenario"], None),
        (["mock:scenario="], ""),
    ],
)
def test_a_tag_names_a_scenario(tags: list[str], name: str | None) -> None:
    assert named_by(tags) == name
