"""Names that the service makes up."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.naming import is_uuid, run_name

KEY = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"


@given(st.uuids())
def test_a_uuid_is_known_in_both_cases(key: UUID) -> None:
    assert is_uuid(str(key))
    assert is_uuid(str(key).upper())


@pytest.mark.parametrize(
    "text",
    ["", "some-computation-id", KEY[:-1], f"{KEY}0", f"{KEY}\n", f" {KEY}", KEY.replace("-", ""), f"g{KEY[1:]}"],
)
def test_other_texts_are_not_uuids(text: str) -> None:
    assert not is_uuid(text)


@pytest.mark.parametrize(
    ("created", "expected"),
    [(1646690405, "6690405"), (1646690405.999, "6690405"), (1650000042, "42"), (1650000000, "0"), (0, "0")],
)
def test_a_run_is_named_by_its_time_without_zeros_in_front(created: float, expected: str) -> None:
    assert run_name(created, with_parameters=False) == f"Run {expected}"
    assert run_name(created, with_parameters=True) == f"Run With Parameters {expected}"
