"""Numbers as cells: a range covers all numbers in it, with few cells and few others."""

import math

from hypothesis import given
from hypothesis import strategies as st

from mock_server.store.index.numeric_ranges import STEP, cells_of, cover

numbers = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**63 - 1).map(float)
    | st.sampled_from((0.0, -0.0, 1.0, -1.0, 1.7e9, 5e-324))
)
ends = numbers | st.sampled_from((math.inf, -math.inf))


@given(numbers, ends, ends)
def test_what_is_in_a_range_is_in_one_of_its_cells(number: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    if low <= number <= high:
        assert len(set(cells_of(number)) & set(cover(low, high))) == 1


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_what_is_further_away_is_not(one: float, other: float) -> None:
    low, high = sorted((one, other))
    cells = set(cover(low, high))
    for outside in (low - abs(low) / 1e5 - 1e-300, high + abs(high) / 1e5 + 1e-300):
        assert not set(cells_of(outside)) & cells or abs(outside) < 1e-290


@given(ends, ends)
def test_there_are_few_cells(one: float, other: float) -> None:
    cells = list(cover(*sorted((one, other))))
    assert len(cells) == len(set(cells)) <= 2 * 8 * (2**STEP - 1)
