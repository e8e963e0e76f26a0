"""Faults: which requests they hit, and what happens then."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.access import Caller
from mock_server.domain.faults import FaultCall, FaultRule, Faults, over, path_fits, unknown_operation
from mock_server.domain.versions import OPERATIONS
from mock_server.errors import BadRequestError
from mock_server.ids import Ids

SET_AT = 1000.0
RUN = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
ADA = Caller("u-ADA", "Ada@example.com", admin=False, scopes=frozenset())
POLL = FaultCall("get_computation", "GET", f"/api/v1/computations/{RUN}", (RUN,), ADA)

draws = Ids(7).draws


def faults(*specs: dict[str, Any]) -> Faults:
    made = Faults()
    made.replace(list(specs), SET_AT)
    return made


def names(found: Faults, calls: int, call: FaultCall = POLL, now: float = SET_AT) -> list[str | None]:
    """The faults that hit so many equal requests, one after the other."""
    chosen = [found.choose(call, now, draws) for _ in range(calls)]
    return [one.name if one else None for one in chosen]


def hits(spec: dict[str, Any], calls: int) -> list[int]:
    """Which of so many equal requests a fault hits, counted from 1."""
    found = names(faults({"status": 503, **spec}), calls)
    return [number for number, name in enumerate(found, start=1) if name]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"operation": "get_computation"}, True),
        ({"operation": "run_capsule"}, False),
        ({"method": "get"}, True),
        ({"method": "POST"}, False),
        ({"path": f"/api/v1/computations/{RUN}"}, True),
        ({"path": "/api/v1/*"}, True),
        ({"path": "*/computations"}, False),
        ({"entity": RUN.upper()}, True),
        ({"entity": RUN[:-1]}, False),
        ({"user": "u-ada"}, True),
        ({"user": "ada@EXAMPLE.com"}, True),
        ({"user": "ada"}, False),
        ({"operation": "get_computation", "method": "GET", "path": "*", "entity": RUN, "user": "u-ADA"}, True),
        ({"operation": "get_computation", "method": "POST"}, False),
    ],
)
def test_which_requests_are_meant(wanted: dict[str, Any], fits: bool) -> None:
    found = faults({"status": 503, **wanted})
    assert (found.choose(POLL, SET_AT, draws) is not None) == fits
    assert [(rule.seen, rule.applied) for rule in found] == [(int(fits), int(fits))]


def test_a_request_of_nobody_for_nothing_known() -> None:
    nobody = FaultCall(None, "POST", "/nothing", (), None)
    assert names(faults({"status": 503}), 1, nobody) == ["fault-1"]
    for wanted in ({"operation": "run_capsule"}, {"user": "u-ADA"}, {"entity": RUN}):
        assert names(faults({"status": 503, **wanted}), 1, nobody) == [None]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 3}, [3]),
        ({"first": 2}, [1, 2]),
        ({"every": 2}, [2, 4, 6]),
        ({"every": 1}, [1, 2, 3, 4, 5, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"nth": 3, "times": 5}, [3]),
        ({"probability": 1.0}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_which_of_them_are_hit(spec: dict[str, Any], expected: list[int]) -> None:
    assert hits(spec, 6) == expected


def test_a_probability_hits_about_that_share_and_always_the_same() -> None:
    drawn = hits({"probability": 0.3}, 1000)
    assert 250 < len(drawn) < 350
    assert drawn == hits({"probability": 0.3}, 1000)
    assert drawn != hits({"probability": 0.3, "name": "another"}, 1000)
    assert hits({"probability": 0.3, "times": 2}, 1000) == drawn[:2]


@pytest.mark.parametrize(
    ("window", "opens", "closes"),
    [
        ({}, 0, None),
        ({"after": 60.0}, 60, None),
        ({"lasts": 30.0}, 0, 30),
        ({"after": 60.0, "lasts": 30.0}, 60, 90),
        ({"lasts": 0.0}, 0, 0),
    ],
)
def test_the_window_is_on_the_worlds_clock(window: dict[str, float], opens: float, closes: float | None) -> None:
    for seconds in (0, 29.5, 30, 59.5, 60, 89.5, 90, 10**9):
        found = faults({"status": 503, **window})
        is_open = opens <= seconds and (closes is None or seconds < closes)
        now = SET_AT + seconds
        assert names(found, 1, now=now) == (["fault-1"] if is_open else [None])
        assert [rule.seen for rule in found] == [int(is_open)]
        assert [over(rule, now) for rule in found] == [closes is not None and seconds >= closes]


@pytest.mark.parametrize(
    ("spec", "calls"), [({"nth": 3}, 3), ({"first": 3}, 3), ({"times": 3}, 3), ({"every": 3, "times": 1}, 3)]
)
def test_when_it_is_over(spec: dict[str, Any], calls: int) -> None:
    found = faults({"status": 503, **spec})
    [rule] = found
    for _ in range(calls):
        assert not over(rule, SET_AT)
        names(found, 1)
    assert over(rule, SET_AT)


def test_some_are_never_over() -> None:
    found = faults({"status": 503, "probability": 0.5}, {"latency": 1.0, "every": 2})
    names(found, 10)
    assert not any(over(rule, 1e12) for rule in found)


def test_the_first_that_takes_the_answers_place_wins_but_all_count() -> None:
    found = faults({"status": 503, "nth": 2}, {"close": True}, {"malform": True}, {"status": 500, "entity": "other"})
    assert names(found, 3) == ["fault-2", "fault-1", "fault-2"]
    assert [(rule.seen, rule.applied) for rule in found] == [(3, 1), (3, 2), (3, 0), (0, 0)]


@pytest.mark.parametrize(
    "effect",
    [
        {"status": 429, "message": "slow down", "headers": {"Retry-After": "3"}},
        {"close": True},
        {"truncate": 0, "phase": "after"},
        {"malform": True, "phase": "after"},
    ],
)
def test_what_happens(effect: dict[str, Any]) -> None:
    chosen = faults({"name": "bad", **effect}).choose(POLL, SET_AT, draws)
    assert chosen is not None
    nothing: dict[str, Any] = {
        "status": None,
        "message": None,
        "headers": {},
        "close": False,
        "truncate": None,
        "malform": False,
    }
    assert chosen._asdict() == {"name": "bad", "phase": "before", "latency": 0.0} | nothing | effect
    assert not chosen.only_delays


def test_one_that_only_delays() -> None:
    chosen = faults({"latency": 2.0, "close": False, "malform": False, "headers": {}}).choose(POLL, SET_AT, draws)
    assert chosen is not None
    assert chosen.only_delays
    assert (chosen.phase, chosen.latency) == ("before", 2.0)


def test_latencies_add_up_and_are_waited_where_the_answer_is_replaced() -> None:
    slow = {"name": "slow", "latency": 2.0}
    lost = {"name": "lost", "latency": 0.5, "phase": "after", "close": True}
    late = {"name": "late", "latency": 9.0, "status": 503}
    chosen = faults(slow, lost, late).choose(POLL, SET_AT, draws)
    assert chosen is not None
    assert (chosen.name, chosen.phase, chosen.latency, chosen.close) == ("lost", "after", 2.5, True)
    assert chosen.status is None


def test_of_those_that_only_delay_the_first_is_named() -> None:
    found = faults({"name": "a", "latency": 1.0, "phase": "after"}, {"name": "b", "latency": 2.0})
    chosen = found.choose(POLL, SET_AT, draws)
    assert chosen is not None
    assert (chosen.name, chosen.phase, chosen.latency) == ("a", "after", 3.0)


@pytest.mark.parametrize("latency", [[0.5, 1.5], (0.5, 1.5)])
def test_a_range_is_drawn_from_the_seed(latency: Any) -> None:
    def drawn() -> list[float]:
        found = faults({"latency": latency})
        chosen = [found.choose(POLL, SET_AT, draws) for _ in range(50)]
        return [one.latency for one in chosen if one]

    assert all(0.5 <= seconds < 1.5 for seconds in drawn())
    assert len(set(drawn())) == 50
    assert drawn() == drawn()


def test_setting_replacing_and_forgetting() -> None:
    found = Faults()
    assert not found
    first = found.set({"status": 503}, SET_AT)
    assert (first.name, first.spec["name"], first.set_at) == ("fault-1", "fault-1", SET_AT)
    found.set({"name": "lost", "close": True}, SET_AT)
    names(found, 2)
    again = found.set({"name": "fault-1", "latency": 1.0}, SET_AT + 5)
    assert (again.seen, again.applied, again.set_at) == (0, 0, SET_AT + 5)
    assert [rule.name for rule in found] == ["fault-1", "lost"]
    assert found.set({"status": 500}, SET_AT).name == "fault-2"
    assert len(found) == 3
    assert found.forget("lost")
    assert not found.forget("lost")
    found.clear()
    assert not found


def test_names_are_made_up_around_those_that_are_given() -> None:
    found = faults({"status": 500}, {"name": "fault-1", "status": 501}, {"status": 502}, {"name": "x", "status": 503})
    assert [rule.name for rule in found] == ["fault-2", "fault-1", "fault-3", "x"]
    with pytest.raises(BadRequestError, match="two faults are called x"):
        found.replace(
            [{"name": "x", "close": True}, {"name": "y", "close": True}, {"name": "x", "status": 500}], SET_AT
        )
    assert len(found) == 4
    found.replace([], SET_AT)
    assert not found


def test_what_was_stored_goes_on_where_it_was() -> None:
    specs: list[dict[str, Any]] = [{"status": 503, "probability": 0.5, "times": 4}, {"latency": [0.1, 0.2], "every": 3}]
    whole, halves = faults(*specs), faults(*specs)
    expected = names(whole, 20)
    first = names(halves, 7)
    restored = Faults.from_json(halves.to_json())
    assert first + names(restored, 13) == expected
    assert restored.to_json() == whole.to_json()


@pytest.mark.parametrize("name", [*OPERATIONS, "get_file"])
def test_known_operations(name: str) -> None:
    assert unknown_operation(name) is None


def test_unknown_operations() -> None:
    near = unknown_operation("Get_Computations")
    assert near is not None
    assert near.startswith("there is no operation Get_Computations; did you mean get_computation")
    assert unknown_operation("zzz") == "there is no operation zzz"
    assert len(unknown_operation("z" * 10**6) or "") < 200


letters = st.text(alphabet="ab/", max_size=6)


@given(st.lists(letters, min_size=1, max_size=5), st.lists(letters, max_size=5))
def test_a_star_is_any_text(parts: list[str], between: list[str]) -> None:
    between = (between + [""] * len(parts))[: len(parts) - 1]
    path = "".join(part + text for part, text in zip(parts, [*between, ""], strict=True))
    assert path_fits("*".join(parts), path)
    assert path_fits("*".join(parts).replace("*", "**"), path)


def slowly_fits(pattern: str, path: str) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "*":
        return any(slowly_fits(pattern[1:], path[at:]) for at in range(len(path) + 1))
    return path[:1] == pattern[0] and slowly_fits(pattern[1:], path[1:])


@given(st.text(alphabet="ab*", max_size=7), st.text(alphabet="ab", max_size=8))
def test_patterns_against_the_obvious_way(pattern: str, path: str) -> None:
    assert path_fits(pattern, path) == slowly_fits(pattern, path)


def test_what_looks_like_a_pattern_elsewhere_is_none_here() -> None:
    assert not path_fits("/a?[b]", "/axb")
    assert path_fits("/a?[b]", "/a?[b]")


class Step(NamedTuple):
    """A request of a property test, and how long after the one before it comes."""

    call: FaultCall
    wait: int


counting: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"nth": st.integers(1, 4)}),
    st.fixed_dictionaries({"first": st.integers(1, 4)}),
    st.fixed_dictionaries({"every": st.integers(1, 4)}),
)
effects = st.sampled_from(
    [{"status": 503}, {"close": True}, {"truncate": 0}, {"malform": True}, {"latency": 2.0}, {"latency": [1.0, 2.0]}]
)
others = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["get_computation", "run_capsule"]),
        "probability": st.sampled_from([0.3, 1.0]),
        "times": st.integers(1, 3),
        "after": st.integers(0, 10),
        "lasts": st.integers(0, 20),
    },
)
specs = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()}, counting, effects, others
)
steps = st.builds(Step, st.sampled_from([POLL, POLL._replace(operation="run_capsule")]), st.integers(0, 5))


def expected_of(specs: list[dict[str, Any]], calls: list[Step]) -> tuple[list[tuple[int, int]], list[Any]]:
    """What faults are to do, worked out fault by fault from what is written."""
    seen, applied = [0] * len(specs), [0] * len(specs)
    outcomes: list[Any] = []
    now = 0.0
    for call, wait in calls:
        now += wait
        fired: list[int] = []
        taken = False
        for at, spec in enumerate(specs):
            start = spec.get("after", 0)
            in_time = start <= now and ("lasts" not in spec or now < start + spec["lasts"])
            if not in_time or spec.get("operation", call.operation) != call.operation:
                continue
            seen[at] += 1
            waits_only = "latency" in spec
            share = draws("fault", f"fault-{at + 1}", str(seen[at])).uniform(0, 1)
            spared = (
                spec.get("nth", seen[at]) != seen[at],
                spec.get("first", seen[at]) < seen[at],
                seen[at] % spec.get("every", 1) != 0,
                spec.get("times") == applied[at],
                share >= spec.get("probability", 1.0),
                taken and not waits_only,
            )
            if any(spared):
                continue
            applied[at] += 1
            fired.append(at)
            taken = taken or not waits_only
        named = [at for at in fired if "latency" not in specs[at]] + fired
        outcomes.append(f"fault-{named[0] + 1}" if named else None)
    return list(zip(seen, applied, strict=True)), outcomes


@given(st.lists(specs, max_size=4), st.lists(steps, max_size=15))
def test_against_a_naive_model(specs: list[dict[str, Any]], calls: list[Step]) -> None:
    found = faults(*specs)
    now = SET_AT
    outcomes = []
    for call, wait in calls:
        now += wait
        chosen = found.choose(call, now, draws)
        outcomes.append(chosen.name if chosen else None)
        found = Faults.from_json(found.to_json())
    counted = [(rule.seen, rule.applied) for rule in found]
    assert (counted, outcomes) == expected_of(specs, calls)


@given(specs, st.lists(steps, max_size=15))
def test_what_is_over_never_happens_again(spec: dict[str, Any], calls: list[Step]) -> None:
    rule = FaultRule("fault-1", spec, SET_AT)
    found = Faults([rule])
    now = SET_AT
    for call, wait in calls:
        now += wait
        was_over = over(rule, now)
        chosen = found.choose(call, now, draws)
        assert not (was_over and chosen)
        assert not was_over or over(rule, now)
