"""Plans: a time gives the state."""

import math
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from mock_server.domain.lifecycle import (
    FOREVER,
    STAGES,
    End,
    Moment,
    Plan,
    Stage,
    driven,
    ended,
    next_step,
    reached,
    state_at,
    steps,
    stopped,
)

START = 1_800_000_000.0

END = End("completed", end_status="succeeded", exit_code=0, has_results=True)

RUN = Plan(START, (Stage("initializing", 1.0), Stage("running", 5.0), Stage("finalizing", 2.0)), END)

# Parts of a second that floats hold exactly, so that sums are exact too.
seconds = st.integers(0, 10**9).map(lambda number: number / 1024)
times = st.integers(-(10**12), 10**13).map(lambda number: number / 1024)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    stages = tuple(Stage(state, draw(seconds)) for state in STAGES["computation"][: draw(st.integers(0, 3))])
    end = End(
        draw(st.sampled_from(("completed", "failed", "ready"))),
        end_status=draw(st.none() | st.sampled_from(("succeeded", "failed", "stopped"))),
        exit_code=draw(st.none() | st.integers(0, 255)),
        has_results=draw(st.booleans()),
        failure_reason=draw(st.none() | st.text(max_size=20)),
    )
    parts = tuple(sorted(draw(st.lists(seconds, max_size=3))))
    return Plan(draw(times), stages, end, draw(st.sampled_from(("", "slow"))), parts)


@st.composite
def plans_and_times(draw: st.DrawFn) -> tuple[Plan, list[float]]:
    """A plan and growing times, most of them while it lasts."""
    plan = draw(plans())
    during = st.floats(-0.1, 1.1).map(lambda part: plan.started + part * duration(plan))
    return plan, sorted(draw(st.lists(times | during, min_size=1, max_size=20)))


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (0.0, "initializing"),
        (0.999, "initializing"),
        (1.0, "running"),
        (5.999, "running"),
        (6.0, "finalizing"),
        (7.999, "finalizing"),
    ],
)
def test_a_stage_begins_where_the_one_before_it_ends(after: float, state: str) -> None:
    moment = state_at(RUN, START + after)
    assert (moment.state, moment.end) == (state, None)
    assert moment.elapsed == pytest.approx(after, abs=1e-6)


@pytest.mark.parametrize("after", [8.0, 8.001, 10.0**9])
def test_from_the_end_on_nothing_changes(after: float) -> None:
    assert state_at(RUN, START + after) == Moment("completed", 8.0, END)


@pytest.mark.parametrize("before", [0.001, 3600.0, START])
def test_before_the_start_it_stands_at_the_start(before: float) -> None:
    assert state_at(RUN, START - before) == Moment("initializing", 0.0, None)


@pytest.mark.parametrize("now", [0.0, START, START + 1])
def test_a_plan_without_stages_has_always_ended(now: float) -> None:
    plan = Plan(START, (), End("ready"))
    assert state_at(plan, now) == Moment("ready", 0.0, End("ready"))
    assert duration(plan) == 0


def duration(plan: Plan) -> float:
    return sum(stage.seconds for stage in plan.stages)


def test_a_stage_of_no_length_is_not_seen() -> None:
    plan = Plan(START, (Stage("initializing", 0.0), Stage("running", 1.0), Stage("finalizing", 0.0)), END)
    assert [state_at(plan, START + after).state for after in (0.0, 0.5, 1.0)] == ["running", "running", "completed"]


def test_the_duration_is_that_of_all_stages() -> None:
    assert duration(RUN) == 8.0


@given(plans())
def test_a_stored_plan_is_the_same(plan: Plan) -> None:
    assert Plan.from_json(from_json(to_json(plan.to_json()))) == plan


@given(plans_and_times())
def test_states_never_go_back(case: tuple[Plan, list[float]]) -> None:
    plan, moments = case
    order = [*(stage.state for stage in plan.stages), plan.end.state]
    seen = [order.index(state_at(plan, now).state) for now in moments]
    assert seen == sorted(seen)


@given(plans_and_times())
def test_elapsed_grows_until_the_end_and_stops_there(case: tuple[Plan, list[float]]) -> None:
    plan, moments = case
    seen = [state_at(plan, now) for now in moments]
    elapsed = [moment.elapsed for moment in seen]
    assert elapsed == sorted(elapsed)
    for moment in seen:
        assert (moment.elapsed == duration(plan)) if moment.end else (0 <= moment.elapsed < duration(plan))
    assert state_at(plan, plan.started + duration(plan)) == Moment(plan.end.state, duration(plan), plan.end)


@given(plans(), times)
def test_the_same_plan_and_time_give_the_same_answer(plan: Plan, now: float) -> None:
    stored = Plan.from_json(from_json(to_json(plan.to_json())))
    assert state_at(plan, now) == state_at(plan, now) == state_at(stored, now)


# Lengths as they are drawn, to the millisecond: sums of these are not exact.
rough = st.integers(0, 10**10).map(lambda number: number / 1000)
rough_plans = st.builds(
    lambda started, lengths: Plan(
        started, tuple(map(Stage, STAGES["computation"], lengths)), End("completed", "succeeded", 0)
    ),
    st.floats(0, 4 * 10**9),
    st.lists(rough, min_size=3, max_size=3),
)


@example(Plan(0.6, tuple(map(Stage, STAGES["computation"], (0.0, 0.118, 0.883))), End("completed", "succeeded", 0)))
@given(rough_plans)
def test_a_step_is_the_first_time_at_which_the_new_state_is_seen(plan: Plan) -> None:
    for step in steps(plan):
        assert state_at(plan, step.at).state == step.after
        assert state_at(plan, math.nextafter(step.at, 0)).state == step.before


@given(rough_plans)
def test_following_the_steps_sees_every_state_and_ends(plan: Plan) -> None:
    now, seen = plan.started, [state_at(plan, plan.started).state]
    while (step := next_step(plan, now)) is not None:
        assert step.before == seen[-1]
        now = step.at
        seen.append(state_at(plan, now).state)
    assert state_at(plan, now).end == plan.end
    assert now == plan.ends_at or not any(stage.seconds for stage in plan.stages)
    assert len(seen) == len(set(seen))


def test_what_lasts_for_ever_has_no_step() -> None:
    plan = Plan(START, (Stage("initializing", 1.0), Stage("running", FOREVER)), END)
    assert [step.after for step in steps(plan)] == ["running"]
    assert next_step(plan, START + 5) is None


def test_a_stop_ends_a_run_whose_stages_add_up_to_more_than_they_should() -> None:
    lengths = {"initializing": 0.4, "running": 1.8, "finalizing": 3.0}
    stages = tuple(Stage(state, seconds) for state, seconds in lengths.items())
    plan = Plan(0.0, stages, End("completed", end_status="succeeded", exit_code=0), "")
    assert state_at(stopped(plan, 2.6), 2.6).end == End("completed", end_status="stopped", exit_code=0)


def test_a_stop_keeps_the_results_that_are_there() -> None:
    plan = stopped(RUN._replace(parts=(2.0, 3.0)), START + 2.5, has_results=True)
    assert state_at(plan, START + 2.5).end == End("completed", "stopped", 0, has_results=True)
    assert plan.parts == ()


@given(rough_plans, st.floats(-10, 4 * 10**7))
def test_a_run_that_is_stopped_ends_there_and_was_the_same_before(plan: Plan, after: float) -> None:
    now = plan.started + after
    plan_after = stopped(plan, now)
    assert state_at(plan_after, now).end == End("completed", end_status="stopped", exit_code=0)
    if now > plan.started:
        before = math.nextafter(now, 0)
        known = state_at(plan, before)
        assert state_at(plan_after, before).state in (known.state, "completed")
    assert duration(plan_after) <= duration(plan) + 1e-6


ORDER = (*STAGES["computation"], "completed")


class Driving(NamedTuple):
    """What a driven run is told, at growing times, and at which times it is looked at."""

    started: float
    told: list[tuple[float, str]]
    looks: list[float]

    def plans(self) -> list[tuple[float, Plan]]:
        """The plan from each time on; what is out of order is not told."""
        found = [(self.started, driven("computation", "driven", self.started))]
        for now, stage in self.told:
            plan = found[-1][1]
            state = state_at(plan, now).state
            if stage == "completed" and state != stage:
                found.append((now, ended(plan, now, END)))
            elif ORDER.index(stage) > ORDER.index(state):
                found.append((now, reached(plan, now, stage)))
        return found


any_time = st.floats(0, 4 * 10**9)
between = st.floats(0, 4 * 10**7) | st.integers(0, 10**6).map(float) | rough | st.just(0.0)


@st.composite
def drivings(draw: st.DrawFn) -> Driving:
    started = now = draw(any_time)
    told = []
    for stage in draw(st.lists(st.sampled_from(ORDER), max_size=6)):
        now += draw(between)
        told.append((now, stage))
    during = st.floats(0, 1.5).map(lambda part: started + part * (now - started))
    looks = draw(st.lists(during | between.map(lambda after: now + after), max_size=10))
    return Driving(started, told, sorted({*looks, *(when for when, _ in told)}))


@given(drivings())
def test_a_driven_run_goes_on_only_when_it_is_told_to(driving: Driving) -> None:
    for now, plan in driving.plans():
        moment, later = state_at(plan, now), state_at(plan, now + 10**9)
        assert (later.state, later.end) == (moment.state, moment.end)
        assert next_step(plan, now) is None
        assert plan.endless is (moment.end is None)


@given(drivings())
def test_a_driven_run_never_goes_back_and_its_run_time_never_shrinks(driving: Driving) -> None:
    plans = driving.plans()
    seen = []
    for look in driving.looks:
        # At the time of a telling, both what was to be seen just before it and what is to be seen after it.
        before = [plan for since, plan in plans if since < look]
        after = [plan for since, plan in plans if since <= look]
        seen += [state_at(known[-1], look) for known in (before, after) if known]
    ranks = [ORDER.index(moment.state) for moment in seen]
    assert ranks == sorted(ranks)
    run_times = [int(moment.elapsed) for moment in seen]
    assert run_times == sorted(run_times)


@given(drivings())
def test_what_a_driven_run_is_told_changes_nothing_of_what_was_before(driving: Driving) -> None:
    plans = driving.plans()
    for (_, known), (now, plan) in pairwise(plans):
        for look in (look for look in driving.looks if look < now):
            assert state_at(plan, look) == state_at(known, look)
        assert [stage.state for stage in plan.stages][: len(known.stages)] == [stage.state for stage in known.stages]


@given(drivings())
def test_a_driven_plan_is_stored_as_it_is(driving: Driving) -> None:
    for now, plan in driving.plans():
        stored = Plan.from_json(from_json(to_json(plan.to_json())))
        assert stored == plan
        assert stored.driven
        assert [state_at(stored, look) for look in (now, *driving.looks)] == [
            state_at(plan, look) for look in (now, *driving.looks)
        ]


@given(drivings(), between)
def test_a_driven_run_can_be_stopped_at_any_time(driving: Driving, later: float) -> None:
    since, plan = driving.plans()[-1]
    now = since + later
    before, after = state_at(plan, now), state_at(stopped(plan, now), now)
    if before.end is None:
        assert after.end == End("completed", "stopped", 0)
    assert int(after.elapsed) == int(before.elapsed)


@given(any_time, between, between)
def test_a_driven_data_asset_is_a_draft_until_it_is_told_otherwise(started: float, after: float, later: float) -> None:
    plan = driven("data_asset", "driven", started)
    now = started + after
    assert state_at(plan, now).state == "draft"
    failed = ended(plan, now, End("failed", failure_reason="no"))
    assert state_at(failed, now + later).end == End("failed", failure_reason="no")
