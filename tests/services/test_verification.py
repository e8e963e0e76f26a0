"""Checks of the journal: what passes, what fails, and what a failure says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mock_server.domain.versions import OPERATIONS
from mock_server.services.journal.verification import READING, verify
from mock_server.services.journal.waiting import NEAREST
from mock_server.wire.journal import Check, CheckResult, Entry
from tests.conftest import START

RUN, OTHER = "/api/v1/computations/1", "/api/v1/computations/2"
CHECK: TypeAdapter[Check] = TypeAdapter(Check)


def requests(*given: dict[str, Any]) -> list[Entry]:
    """Polls with some fields as they are given; `at` is how many seconds after the start they came, by all clocks."""
    made = []
    for number, fields in enumerate(given, start=1):
        at = START + fields.get("at", 0)
        usual: dict[str, Any] = {
            "number": number,
            "time": at,
            "real": at,
            "took": 0.0,
            "method": "GET",
            "path": RUN,
            "query": "",
            "operation": "get_computation",
            "user": None,
            "entity": None,
            "names": [],
            "status": 200,
            "outcome": None,
            "state": None,
            "fault": None,
            "unread": [],
            "retry_after": None,
            "headers": {},
            "body": "",
            "answer": "",
        }
        made.append(Entry(**(usual | {name: value for name, value in fields.items() if name != "at"})))
    return made


def result(entries: list[Entry], **check: Any) -> CheckResult:
    """What comes of one check."""
    verdict = verify(entries, [CHECK.validate_python(check)], 3)
    [found] = verdict.results
    assert (verdict.passed, verdict.dropped, found.check) == (found.passed, 3, check["check"])
    assert len(found.nearest) <= NEAREST
    return found


def failure(entries: list[Entry], **check: Any) -> tuple[str, list[int]]:
    """The message of a check that fails, and which requests it shows."""
    found = result(entries, **check)
    assert not found.passed, found.message
    return found.message, [entry.number for entry in found.nearest]


def message(entries: list[Entry], **check: Any) -> str:
    """The message of a check that passes."""
    found = result(entries, **check)
    assert found.passed, found.message
    assert found.nearest == []
    return found.message


def test_a_verdict_is_good_when_all_checks_are() -> None:
    checks = [CHECK.validate_python({"check": "count", "exactly": number}) for number in (1, 2, 1)]
    verdict = verify(requests({}), checks, 0)
    assert [one.passed for one in verdict.results] == [True, False, True]
    assert (verdict.passed, verdict.dropped) == (False, 0)
    assert str(verdict) == "<Verdict: count: 1 request matches, wanted exactly 2>"
    good = verify(requests({}), checks[::2], 0)
    assert good.passed
    assert repr(good) == "<Verdict: passed>"


BUSY = {"match": {"status": 429}}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"exactly": 2}, "exactly 2"),
        ({"at_least": 1}, "at least 1"),
        ({"at_most": 2}, "at most 2"),
        ({"at_least": 2, "at_most": 3}, "at least 2 and at most 3"),
    ],
)
def test_count(limits: dict[str, int], words: str) -> None:
    entries = requests({"status": 429}, {}, {"status": 429})
    assert message(entries, check="count", **BUSY, **limits) == f"2 requests match, wanted {words}"


def test_too_few_show_those_that_almost_match() -> None:
    entries = requests({"status": 429}, {"status": 500, "method": "PUT"}, {}, {"status": 429, "method": "PUT"})
    match = {"status": 429, "method": "GET"}
    for limits in ({"exactly": 2}, {"at_least": 2}, {"exactly": 2, "at_most": 9}):
        words, near = failure(entries, check="count", match=match, **limits)
        assert words.startswith("1 request matches, wanted ")
        assert near == [3, 4]


def test_too_many_show_the_last_of_them() -> None:
    entries = requests(*({"status": 429} for _ in range(9)))
    for limits in ({"exactly": 0}, {"at_most": 8}, {"at_least": 1, "at_most": 2}):
        words, near = failure(entries, check="count", **BUSY, **limits)
        assert words.startswith("9 requests match, wanted ")
        assert near == [5, 6, 7, 8, 9]


def test_none_may_be_wanted() -> None:
    assert message([], check="count", exactly=0) == "0 requests match, wanted exactly 0"


STEPS = [{"method": "POST"}, {"status": 429}, {"method": "GET", "status": 200}]


def test_order_with_others_in_between() -> None:
    entries = requests({}, {"method": "POST"}, {"method": "PUT"}, {"status": 429}, {"status": 500}, {})
    assert message(entries, check="order", matches=STEPS) == "requests 2, 4, 6 came in this order"


@pytest.mark.parametrize(
    ("given", "words", "near"),
    [
        ([], "came as far as 0 of 3: no request matches number 1", []),
        ([{"method": "PUT"}], "came as far as 0 of 3: no request matches number 1", [1]),
        ([{"method": "POST"}, {}], "came as far as 1 of 3: no request after request 1 matches number 2", [1, 2]),
        (
            [{"status": 429}, {"method": "POST"}, {}],
            "came as far as 1 of 3: no request after request 2 matches number 2",
            [2, 1],
        ),
        (
            [{}, {"method": "POST"}, {"status": 429}, {"status": 429}],
            "came as far as 2 of 3: no request after request 3 matches number 3",
            [3, 1],
        ),
        (
            [{"method": "POST"}, *({} for _ in range(9))],
            "came as far as 1 of 3: no request after request 1 matches number 2",
            [1, 7, 8, 9, 10],
        ),
    ],
)
def test_order_that_is_broken(given: list[dict[str, Any]], words: str, near: list[int]) -> None:
    assert failure(requests(*given), check="order", matches=STEPS) == (words, near)


def test_one_request_is_not_two_steps() -> None:
    words, near = failure(requests({}), check="order", matches=[{"method": "GET"}, {"method": "GET"}])
    assert words.startswith("came as far as 1 of 2")
    assert near == [1]


def test_the_order_is_that_in_which_they_came_not_in_which_they_were_answered() -> None:
    entries = requests({"at": 5, "method": "PUT"}, {"at": 1, "method": "POST", "took": 9.0})
    assert message(entries, check="order", matches=[{"method": "POST"}, {"method": "PUT"}])
    failure(entries, check="order", matches=[{"method": "PUT"}, {"method": "POST"}])


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), min_size=2, max_size=4))
def test_order_is_that_of_a_subsequence(paths: list[str], wanted: list[str]) -> None:
    rest = iter(paths)
    expected = all(path in rest for path in wanted)
    check = {"check": "order", "matches": [{"path": path} for path in wanted]}
    assert result(requests(*({"path": path} for path in paths)), **check).passed == expected


def test_spacing() -> None:
    entries = requests({"at": 0}, {"at": 1, "path": OTHER}, {"at": 5.1}, {"at": 6, "path": OTHER}, {"at": 10.2})
    for limits in ({"at_least": 5}, {"at_most": 5.1}, {"at_least": 5, "at_most": 5.1}):
        words = message(entries, check="spacing", **limits)
        assert words == "3 pairs of requests for the same thing, all as far apart as wanted"
    assert failure(entries, check="spacing", at_least=5.1) == (
        "requests 2 and 4 are 5 s apart, wanted at least 5.1 s",
        [2, 4],
    )
    assert failure(entries, check="spacing", match={"path": RUN}, at_most=5) == (
        "requests 1 and 3 are 5.1 s apart, wanted at most 5 s",
        [1, 3],
    )


def test_spacing_by_either_clock() -> None:
    entries = requests({"time": 0.0, "real": 0.0}, {"time": 60.0, "real": 1.0})
    assert message(entries, check="spacing", at_least="1m")
    assert message(entries, check="spacing", at_most="1m", clock="world")
    assert failure(entries, check="spacing", at_least="1m", clock="real")[1] == [1, 2]


def test_spacing_needs_two_for_the_same_thing() -> None:
    assert failure(requests({}), check="spacing", match={"method": "PUT"}, at_least=1) == ("no request matches", [1])
    different = requests({}, {"path": OTHER}, {"method": "PUT"}, {"query": "a=1"})
    words = "no two requests for the same thing match"
    assert failure(different, check="spacing", at_least=1) == (words, [1, 2, 3, 4])


ENDED: dict[str, Any] = {"state": "completed"}


@pytest.mark.parametrize("state", ["completed", "failed", "ready", "canceled"])
def test_what_has_ended_is_not_to_be_asked_again(state: str) -> None:
    entries = requests({"state": "running"}, {"at": 1, "state": state}, {"at": 2, "path": OTHER, "state": "running"})
    assert message(entries, check="final") == "1 answer with a terminal state, and nothing was asked again"
    again = [*entries, *requests({"at": 3, "number": 9})]
    assert failure(again, check="final") == (f"request 9 asks again for what request 2 had shown as {state}", [2, 9])


@pytest.mark.parametrize("state", ["initializing", "running", "finalizing", "draft", "created", "started", "canceling"])
def test_what_has_not_ended_may_be_asked_again(state: str) -> None:
    words = "no request that matches was answered with a terminal state"
    assert failure(requests({"state": state}, {"at": 1, "state": state}), check="final") == (words, [1, 2])


def test_only_gets_for_the_same_thing_ask_again() -> None:
    others: list[dict[str, Any]] = [{"method": "DELETE"}, {"path": OTHER}, {"query": "a=1"}, {"path": f"{RUN}/results"}]
    assert message(requests(ENDED, *({"at": 1, **other} for other in others)), check="final")
    words, near = failure(requests({"method": "PUT", "state": "ready"}), check="final", match={"method": "PUT"})
    assert (words, near) == ("no request matches", [])


def test_what_was_on_its_way_could_not_know() -> None:
    slow = ENDED | {"took": 2.0}
    assert message(requests(slow, slow | {"at": 1}), check="final")
    assert failure(requests(slow, {"at": 1}, {"at": 2}), check="final")[1] == [1, 3]


def test_retry_after() -> None:
    entries = requests({"retry_after": 5.0, "took": 0.5}, {"at": 1, "path": OTHER}, {"at": 5.5}, {"at": 5.6})
    words = "1 answer with Retry-After, and nothing was asked again too early"
    assert message(entries, check="retry_after") == words
    assert message(requests({"retry_after": 5.0}), check="retry_after") == words


def test_retry_after_that_was_not_waited_for() -> None:
    entries = requests({"retry_after": 1.0}, {"at": 2, "retry_after": 5.0, "took": 0.5}, {"at": 4.5}, {"at": 5})
    assert failure(entries, check="retry_after") == (
        "request 3 came 2 s after request 2, which was answered Retry-After: 5 s",
        [2, 3],
    )


def test_what_the_match_says_of_the_answer_is_not_asked_of_the_next() -> None:
    entries = requests({"status": 429, "fault": "busy", "retry_after": 5.0, "user": "ada@example.com"}, {"at": 1})
    for match in ({"status": 429}, {"fault": "*"}, {"path": RUN}):
        assert failure(entries, check="retry_after", match=match)[1] == [1, 2]
    assert message(entries, check="retry_after", match={"user": "ada@example.com"})
    ended = requests(ENDED | {"fault": "slow"}, {"at": 1, "status": 404})
    for match in ({"status": 200}, {"fault": "slow"}):
        assert failure(ended, check="final", match=match)[1] == [1, 2]


@pytest.mark.parametrize(("came", "passes"), [(5.0, True), (4.96, True), (4.94, False), (0.0, False)])
def test_retry_after_allows_for_an_error_of_measuring(came: float, passes: bool) -> None:
    assert result(requests({"retry_after": 5.0}, {"at": came}), check="retry_after").passed == passes


def test_retry_after_by_the_worlds_clock() -> None:
    entries = requests({"retry_after": 60.0, "real": 0.0, "time": 0.0}, {"real": 1.0, "time": 60.0})
    assert message(entries, check="retry_after", clock="world")
    assert failure(entries, check="retry_after", clock="real")[0].startswith("request 2 came 1 s after request 1")
    frozen = requests({"retry_after": 60.0, "real": 0.0, "time": 0.0}, {"real": 99.0, "time": 0.0})
    assert message(frozen, check="retry_after")
    assert failure(frozen, check="retry_after", clock="world")[1] == [1, 2]


def test_retry_after_of_many_at_once_concerns_what_comes_later() -> None:
    burst: list[dict[str, Any]] = [{"at": 0.01 * at, "took": 0.2, "retry_after": 5.0} for at in range(5)]
    assert message(requests(*burst, {"at": 5.3}), check="retry_after")
    assert failure(requests(*burst, {"at": 1}), check="retry_after")[1] == [1, 6]


@pytest.mark.parametrize("kind", ["final", "retry_after", "unique"])
def test_having_seen_nothing_is_not_enough(kind: str) -> None:
    assert failure([], check=kind) == ("no request matches", [])
    assert failure(requests({}, {"path": OTHER}), check=kind, match={"status": 500})[0] == "no request matches"


def test_retry_after_needs_one() -> None:
    words = "no request that matches was answered with Retry-After"
    assert failure(requests({}, {}), check="retry_after") == (words, [1, 2])


NEW_RUN: dict[str, Any] = {"method": "POST", "path": "/api/v1/computations", "operation": "run_capsule", "body": "a"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"outcome": 200}, {"outcome": 200}),
        ({"status": 0, "outcome": 200, "fault": "lost"}, {}),
        ({"status": 503, "outcome": 200, "fault": "lost"}, {"status": 204}),
    ],
)
def test_the_same_taking_effect_twice(first: dict[str, Any], second: dict[str, Any]) -> None:
    entries = requests(NEW_RUN | first, {}, NEW_RUN | second)
    assert failure(entries, check="unique") == ("requests 1 and 3 are the same and both took effect", [1, 3])


@pytest.mark.parametrize(
    "other",
    [
        {"body": "b"},
        {"path": OTHER},
        {"method": "PUT"},
        {"query": "archive=true"},
        {"status": 503},
        {"status": 0},
        {"status": 200, "outcome": 409, "fault": "odd"},
        {"status": 200, "outcome": None, "fault": "garbled"},
        {"operation": "search_capsules"},
    ],
)
def test_what_is_not_the_same_taking_effect_twice(other: dict[str, Any]) -> None:
    assert "took effect, no two of them the same" in message(requests(NEW_RUN, NEW_RUN | other), check="unique")


def test_unique_is_about_what_changes_something() -> None:
    reading = [{"method": "POST", "operation": name} for name in sorted(READING)] * 2
    looking = [{}, {}, {"method": "HEAD"}, {"method": "HEAD"}]
    assert failure(requests(*reading, *looking), check="unique") == ("no request matches", [])
    failed = requests(NEW_RUN | {"status": 503}, NEW_RUN | {"status": 400})
    assert failure(failed, check="unique") == ("no request that matches took effect", [1, 2])
    assert set(OPERATIONS) >= READING
