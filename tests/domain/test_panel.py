"""What an app panel allows, and what runs show of it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.panel import Panel, defaults, fill
from mock_server.errors import BadRequestError

PANEL: Panel = [
    {"name": "Rows", "param_name": "rows", "type": "text", "default_value": "3", "value_type": "integer"},
    {"name": "Label", "type": "text"},
    {"name": "Mode", "param_name": "mode", "type": "list", "value_options": ["fast", "exact"]},
]


def one(**fields: Any) -> Panel:
    return [{"name": "One", "param_name": "one", "type": "text"} | fields]


def test_ordered_values_get_the_labels_and_the_rest_its_defaults() -> None:
    assert fill(PANEL, ["5", "x"], []) == [
        {"name": "Rows", "param_name": "rows", "value": "5"},
        {"name": "Label", "value": "x"},
    ]
    assert fill(PANEL, [], [("mode", "fast")]) == [
        {"name": "Mode", "param_name": "mode", "value": "fast"},
        {"name": "Rows", "param_name": "rows", "value": "3"},
    ]
    assert fill(PANEL, ["1", "", "exact", "beyond"], [])[-1] == {"name": "", "value": "beyond"}


def test_a_run_that_is_given_nothing_shows_nothing() -> None:
    assert fill(PANEL, [], []) == []
    assert defaults(PANEL) == [{"name": "Rows", "param_name": "rows", "value": "3"}]


@given(st.lists(st.text(max_size=5), max_size=6), st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3))))
def test_without_a_panel_everything_is_taken(ordered: list[str], named: list[tuple[str, str]]) -> None:
    shown = fill([], ordered, named)
    assert [entry["value"] for entry in shown] == ordered + [value for _, value in named]


@pytest.mark.parametrize(
    ("panel", "named", "message"),
    [
        (PANEL, [("nothing", "x")], 'unknown parameter "nothing"'),
        (PANEL, [("None", "x")], 'unknown parameter "None"'),
        (PANEL, [("rows", "1"), ("rows", "2")], 'parameter "rows" is given twice'),
        (PANEL, [("rows", "many")], 'parameter "rows" has to be an integer'),
        (PANEL, [("rows", "1.5")], 'parameter "rows" has to be an integer'),
        (PANEL, [("rows", "٣")], 'parameter "rows" has to be an integer'),
        (PANEL, [("mode", "slow")], 'parameter "mode" has to be one of: fast, exact'),
        (one(required=True), [], 'parameter "one" is required'),
        (one(required=True), [("one", "")], 'parameter "one" is required'),
        (one(pattern="[a-z]+"), [("one", "abc1")], 'parameter "one" has to match [a-z]+'),
        (one(minimum=2.5), [("one", "2")], 'parameter "one" has to be at least 2.5'),
        (one(maximum=10), [("one", "1e2")], 'parameter "one" has to be at most 10'),
        (one(maximum=1234567.0), [("one", "1234568")], 'parameter "one" has to be at most 1234567'),
        (one(maximum=10), [("one", "nan")], 'parameter "one" has to be a number'),
        (one(minimum=0, maximum=10), [("one", "-1")], 'parameter "one" has to be at least 0'),
    ],
)
def test_what_is_refused(panel: Panel, named: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(BadRequestError, match=f"^{re.escape(message)}$"):
        fill(panel, [], named)


@pytest.mark.parametrize(
    ("panel", "value"),
    [
        (one(required=True, default_value="x"), ""),
        (one(pattern="[a-z]+"), "abc"),
        (one(value_type="number"), "-.5e-3"),
        (one(minimum=-1, maximum=1), "0.5"),
        (one(value_type="integer"), "+7"),
        (one(type="list", value_options=["a"]), ""),
        (one(type="file"), "x" * 4096),
    ],
)
def test_what_is_taken(panel: Panel, value: str) -> None:
    assert fill(panel, [], [("one", value)])[0]["value"] == value


def test_the_same_parameter_by_place_and_by_name() -> None:
    with pytest.raises(BadRequestError, match="twice"):
        fill(PANEL, ["5"], [("rows", "6")])


def test_no_pattern_runs_away() -> None:
    """What takes a backtracking engine years is answered at once."""
    with pytest.raises(BadRequestError):
        fill(one(pattern="(a+)+b"), [], [("one", "a" * 4096)])
