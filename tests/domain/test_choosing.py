"""Conditions of scenarios: what they fit, what they count, and which leave nothing for others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.scenario_matching import Subject, When

NAMES = ["RNA", "RNA-2", "DNA"]

SUBJECTS = st.builds(
    Subject,
    kind=st.just("computation"),
    capsule=st.sampled_from(["a", "b", None]),
    pipeline=st.booleans(),
    name=st.sampled_from(NAMES),
    tags=st.lists(st.sampled_from(["x", "y"]), max_size=2),
    processes=st.just(()),
    parameters=st.lists(
        st.builds(
            lambda label, argument, value: {"name": label, "param_name": argument, "value": value},
            st.sampled_from(["Rows", "Columns"]),
            st.sampled_from(["rows", "cols"]),
            st.sampled_from(["1", "2"]),
        ),
        max_size=2,
    ),
)

CONDITIONS = st.builds(
    When,
    capsule=st.sampled_from(["a", "b", None]),
    pipeline=st.sampled_from(["a", "b", None]),
    tag=st.sampled_from(["x", "y", None]),
    name=st.sampled_from(["*", "RNA*", "?NA", *NAMES, None]),
    parameter=st.dictionaries(st.sampled_from(["rows", "Rows", "1", "2"]), st.sampled_from(["1", "2"]), max_size=2),
)

COUNTED = st.one_of(
    st.just(When()),
    st.builds(When, nth=st.integers(1, 5)),
    st.builds(When, first=st.integers(1, 5)),
    st.builds(When, every=st.integers(1, 5)),
)


def subject(**changes: Any) -> Subject:
    given: dict[str, Any] = {
        "kind": "computation", "capsule": "a", "pipeline": False, "name": "RNA", "tags": [], "parameters": [],
    }  # fmt: skip
    return Subject(**given | changes)


@given(SUBJECTS)
def test_no_condition_fits_everything(thing: Subject) -> None:
    assert When().fits(thing)
    assert When(name="*").fits(thing)


@given(CONDITIONS, SUBJECTS)
def test_all_conditions_must_hold(when: When, thing: Subject) -> None:
    parts = [
        When(capsule=when.capsule),
        When(pipeline=when.pipeline),
        When(tag=when.tag),
        When(name=when.name),
        *(When(parameter={key: value}) for key, value in when.parameter.items()),
    ]
    assert when.fits(thing) == all(part.fits(thing) for part in parts)


@given(CONDITIONS, COUNTED, CONDITIONS, COUNTED, SUBJECTS, st.integers(1, 20))
def test_what_is_covered_is_never_left_over(
    one: When, counts: When, other: When, others: When, thing: Subject, number: int
) -> None:
    first = When(one.capsule, one.pipeline, one.tag, one.name, one.parameter, counts.nth, counts.first, counts.every)
    second = When(
        other.capsule, other.pipeline, other.tag, other.name, other.parameter, others.nth, others.first, others.every
    )
    if first.covers(second) and second.fits(thing):
        assert first.fits(thing)
        assert first.counts(number)


@given(CONDITIONS)
def test_conditions_cover_themselves(when: When) -> None:
    assert when.covers(when)


@given(COUNTED)
def test_counting(when: When) -> None:
    meant = [number for number in range(1, 21) if when.counts(number)]
    if when.nth:
        assert meant == [when.nth]
    elif when.first:
        assert meant == list(range(1, when.first + 1))
    else:
        assert meant == list(range(when.every or 1, 21, when.every or 1))


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("rows", "5", True), ("Number of rows", "5", True), ("1", "5", True), ("2", "b", True), ("Label", "b", True),
        ("rows", "6", False), ("label", "b", False), ("3", "b", False), ("0", "b", False), ("-1", "b", False),
        ("", "b", False), ("²", "b", False),
        ("rows", "> 4", True), ("rows", ">5", False), ("rows", ">=5", True), ("rows", "< 5.5", True),
        ("rows", "<= 4", False), ("rows", "> -1", True), ("Label", "> 4", False), ("Label", "< 4", False),
        ("rows", "> x", False), ("rows", "=> 4", False), ("rows", "> 1e3", False),
    ],
)  # fmt: skip
def test_a_parameter_by_argument_label_or_place(key: str, value: str, fits: bool) -> None:
    parameters = [{"name": "Number of rows", "param_name": "rows", "value": "5"}, {"name": "Label", "value": "b"}]
    assert When(parameter={key: value}).fits(subject(parameters=parameters)) == fits


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("sort.threads", "8", True), ("sort.threads", "> 4", True), ("sort.Threads", "8", True), ("sort.1", "8", True),
        ("sort.threads", "> 8", False), ("other.threads", "8", False), ("threads", "8", False), ("sort", "8", False),
        ("sort.", "8", False), (".threads", "8", False), ("none.threads", "8", False),
    ],
)  # fmt: skip
def test_a_parameter_of_a_process_behind_its_name(key: str, value: str, fits: bool) -> None:
    parameters = [{"name": "Threads", "param_name": "threads", "value": "8"}]
    processes = [{"name": "sort", "parameters": parameters}, {"name": "none"}]
    assert When(parameter={key: value}).fits(subject(pipeline=True, processes=processes)) == fits


def test_an_id_is_of_a_capsule_or_a_pipeline() -> None:
    assert When(capsule="a").fits(subject())
    assert not When(capsule="a").fits(subject(pipeline=True))
    assert When(pipeline="a").fits(subject(pipeline=True))
    assert not When(pipeline="a").fits(subject())
    assert not When(capsule="a").fits(subject(capsule=None))
