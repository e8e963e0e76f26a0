"""The clock: never backwards, as fast as it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.clock import Anchor, Clock
from tests.conftest import START, HandClock

moves = st.floats(-(10.0**6), 10.0**6)
scales = st.floats(0.001, 10.0**6)


def test_a_new_clock_shows_real_time() -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    assert clock.now() == START
    real.advance(2.5)
    assert clock.now() == START + 2.5


@pytest.mark.parametrize("scale", [0.5, 1.0, 60.0, 10.0**6])
def test_it_runs_as_fast_as_its_scale(scale: float) -> None:
    real = HandClock()
    clock = Clock.starting(scale, real)
    real.advance(8)
    assert clock.now() == START + 8 * scale


def test_an_anchor_ties_it_to_real_time() -> None:
    assert Clock(Anchor(real=START, virtual=1000.0, scale=2.0), HandClock(START + 5)).now() == 1010.0


def test_real_time_that_is_set_back_stops_it_until_it_has_caught_up() -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    real.advance(10)
    assert clock.now() == START + 10
    real.advance(-5)
    assert clock.now() == START + 10
    real.advance(5)
    assert clock.now() == START + 10
    real.advance(1)
    assert clock.now() == START + 11


def test_real_time_before_the_anchor_does_not_go_below_it() -> None:
    assert Clock(Anchor(START, START, 1.0), HandClock(START - 3600)).now() == START


@given(st.lists(moves, max_size=30), scales)
def test_it_never_runs_backwards(steps: list[float], scale: float) -> None:
    real = HandClock()
    clock = Clock.starting(scale, real)
    seen = [clock.now()]
    for step in steps:
        real.advance(step)
        seen.append(clock.now())
    assert seen == sorted(seen)


@given(st.lists(moves | scales.map(lambda scale: ("rescale", scale)), max_size=30))
def test_it_never_runs_backwards_nor_jumps_when_it_is_rescaled(steps: list[float | tuple[str, float]]) -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    seen = [clock.now()]
    for step in steps:
        if isinstance(step, tuple):
            before = clock.now()
            clock.rescale(step[1])
            assert clock.now() == before
        else:
            real.advance(step)
        seen.append(clock.now())
    assert seen == sorted(seen)


def test_it_goes_on_from_the_moment_of_the_rescale() -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    real.advance(100)
    clock.rescale(60.0)
    assert clock.now() == START + 100
    real.advance(1)
    assert clock.now() == START + 160
    clock.rescale(1.0)
    real.advance(1)
    assert clock.now() == START + 161
    assert clock.anchor == Anchor(START + 101, START + 160, 1.0)


def test_a_rescale_while_real_time_is_set_back_lets_it_go_on() -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    real.advance(100)
    clock.now()
    real.advance(-50)
    clock.rescale(2.0)
    assert clock.now() == START + 100
    real.advance(1)
    assert clock.now() == START + 102


def test_an_anchor_that_was_kept_gives_the_same_time() -> None:
    real = HandClock()
    clock = Clock.starting(1.0, real)
    real.advance(7)
    clock.rescale(3.0)
    real.advance(7)
    assert Clock(clock.anchor, real).now() == clock.now()
