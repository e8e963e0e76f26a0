"""Names that the service makes up, and those that are left out."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.naming import DEMO_TOKEN, USUAL_URL, command_line, exporting, is_uuid, run_name

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


def test_what_is_as_usual_is_left_out() -> None:
    assert command_line("journal list", url=USUAL_URL, world="default") == "codeocean-mock journal list"
    assert exporting(url=USUAL_URL, token=DEMO_TOKEN, ca_file=None) == 'eval "$(codeocean-mock env)"'


def test_what_is_not_is_given() -> None:
    url = "http://127.0.0.1:8001"
    assert command_line("clock show", url=url, world="ci") == f"codeocean-mock clock show --url {url} --world ci"
    exported = exporting(url=url, token="it's", ca_file="/a b/ca.pem")
    options = f"""--url {url} --token 'it'"'"'s' --ca-file '/a b/ca.pem'"""
    assert exported == f'eval "$(codeocean-mock env {options})"'
