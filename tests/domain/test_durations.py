"""Lengths of time and points in time as people write them."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.clock import LATEST
from mock_server.domain.durations import LONGEST, UNITS, iso, moment, ordered, seconds


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (0, 0), (90, 90), (0.25, 0.25), ("90s", 90), ("1h30m", 5400), ("1h 30m", 5400), (" 2d ", 172_800),
        ("250ms", 0.25), ("1.5h", 5400), ("0s", 0), ("1s1s", 2), (LONGEST, LONGEST),
    ],
)  # fmt: skip
def test_durations(written: float | str, found: float) -> None:
    assert seconds(written) == found


@pytest.mark.parametrize(
    "written",
    ["", "90", "s", "1", "1x", "-1s", "1h-30m", "h1", "1 h", "1e3s", "1:30", "1.s", "9" * 16 + "s", "9" * 15 + "d"],
)
def test_text_that_is_no_duration(written: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(written)


@pytest.mark.parametrize("written", [-1, -0.001, LONGEST * 1.01, float("inf"), float("nan"), 10**400, -(10**400)])
def test_numbers_that_are_no_duration(written: Any) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(written)


def test_the_longest_can_be_waited_for() -> None:
    assert seconds(LONGEST) < threading.TIMEOUT_MAX


@pytest.mark.parametrize("read", [seconds, moment])
@pytest.mark.parametrize("written", [True, False])
def test_true_is_no_number(read: Any, written: bool) -> None:
    with pytest.raises(ValueError, match="not a number"):
        read(written)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(list(UNITS))), min_size=1, max_size=5))
def test_parts_add_up(parts: list[tuple[int, str]]) -> None:
    written = "".join(f"{number}{unit}" for number, unit in parts)
    assert seconds(written) == pytest.approx(sum(number * UNITS[unit] for number, unit in parts))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (0, 0), (1_800_000_000, 1_800_000_000), ("2027-01-15T08:00:00Z", 1_800_000_000),
        ("2027-01-15T09:00:00+01:00", 1_800_000_000), ("2027-01-15T08:00:00", 1_800_000_000),
        ("2027-01-15 08:00:00.250", 1_800_000_000.25), (" 2027-01-15 ", 1_799_971_200), ("1970-01-01", 0),
        ("9999-12-31T23:59:59Z", LATEST), (LATEST, LATEST),
    ],
)  # fmt: skip
def test_points_in_time(written: float | str, found: float) -> None:
    assert moment(written) == found


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "2027-02-30", "2027-01-15T25:00", "1969-12-31T23:59:59Z", "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59-01:00", "90s", -1, LATEST + 1, float("inf"), float("nan"), 10**400,
    ],
)  # fmt: skip
def test_what_is_no_point_in_time(written: Any) -> None:
    with pytest.raises(ValueError, match="not a time"):
        moment(written)


@given(st.integers(0, int(LATEST) * 1000))
def test_what_is_shown_can_be_read(thousandths: int) -> None:
    shown = iso(thousandths / 1000)
    assert shown.endswith("Z")
    # Shown to the millisecond, cut and not rounded; far from 1970 a float is not exact to it.
    assert moment(shown) == pytest.approx(thousandths / 1000, abs=0.0011)


def test_ranges() -> None:
    assert ordered((1, 1)) == (1, 1)
    assert ordered((1, 2)) == (1, 2)
    with pytest.raises(ValueError, match="an empty range"):
        ordered((2, 1))


def test_what_comes_after_the_year_9999_is_written_as_its_end() -> None:
    assert iso(2.0**53) == iso(LATEST) == "9999-12-31T23:59:59.000Z"
