"""The checks of histories find what they are for: each of these histories has one answer that cannot be."""

from collections.abc import Callable
from typing import Any

import pytest

from mock_server import MockCodeOcean
from tests.steering.consistency import problems
from tests.steering.history import Call, Seen, falls, lost, stale
from tests.steering.load import history_of

W1, W2 = Seen(0, 1, "one"), Seen(4, 5, "two")


@pytest.mark.parametrize(
    ("reads", "right"),
    [
        ([], True),
        ([Seen(2, 3, "one"), Seen(6, 7, "two")], True),
        # What overlaps a writing may see the old value or the new one, but not first the new and then the old.
        ([Seen(4.1, 4.2, "one"), Seen(4.3, 4.4, "two")], True),
        ([Seen(4.1, 4.2, "two"), Seen(4.3, 4.4, "one")], False),
        ([Seen(4.1, 4.4, "two"), Seen(4.2, 4.5, "one")], True),
        ([Seen(6, 7, "one")], False),
        ([Seen(2, 3, "two")], False),
        ([Seen(2, 3, "three")], False),
    ],
)
def test_lost_writings(reads: list[Seen], right: bool) -> None:
    assert (not list(lost([W1, W2], reads))) is right


def test_a_writing_that_nobody_could_see() -> None:
    assert list(lost([W1, Seen(4, 5, "two")], [Seen(8, 9, "one")]))
    assert not list(lost([W1, Seen(4, 9, "two")], [Seen(8, 9, "one")]))


@pytest.mark.parametrize(
    ("read", "right"),
    [
        (Seen(2, 3, "one"), True),
        (Seen(2, 3, "two"), False),
        (Seen(4.5, 6, "one"), True),
        (Seen(4.5, 6, "two"), True),
        (Seen(6, 7, "one"), False),
        (Seen(9, 10, "one"), True),
    ],
)
def test_stale_readings(read: Seen, right: bool) -> None:
    assert (not list(stale([W1, W2, Seen(8, 8.5, "one")], [read]))) is right


def test_falling_values() -> None:
    assert not list(falls([Seen(0, 2, 5), Seen(1, 3, 4), Seen(4, 5, 5)]))
    assert list(falls([Seen(0, 2, 5), Seen(3, 4, 4)])) == ["4 was seen after 5"]


def last(calls: list[Call], fits: Callable[[Call], bool]) -> int:
    """The place of the last call that fits."""
    return max(place for place, call in enumerate(calls) if fits(call))


def got(action: str, **shown: object) -> Callable[[Call], bool]:
    return lambda call: (
        call.action == action and call.status == 200 and all(call.answer.get(key) == shown[key] for key in shown)
    )


def corrupted(calls: list[Call], fits: Callable[[Call], bool], **changed: object) -> list[Call]:
    """The history with something else in the last answer that fits."""
    place = last(calls, fits)
    answer = calls[place].answer | changed
    return [*calls[:place], calls[place]._replace(answer=answer), *calls[place + 1 :]]


def replaced(calls: list[Call], fits: Callable[[Call], bool], **changed: Any) -> list[Call]:
    """The history with something else of the last call that fits."""
    place = last(calls, fits)
    return [*calls[:place], calls[place]._replace(**changed), *calls[place + 1 :]]


found = got("search")


def ended_by_hand(call: Call) -> bool:
    """A driven run that has ended as no other run does."""
    return call.action == "get" and call.status == 200 and (call.answer.get("exit_code") or 0) >= 10_000


def said_again(calls: list[Call], action: str) -> Call:
    """The last such call that was acknowledged, once more after everything else."""
    call = calls[last(calls, got(action))]
    return call._replace(began=calls[-1].ended + 1, ended=calls[-1].ended + 2)


def listed(call: Call) -> bool:
    """The results of a run that has ended with some."""
    return call.action == "results" and call.status == 200 and len(call.answer["items"]) > 1


def listed_in(calls: list[Call]) -> Callable[[Call], bool]:
    """A file that was put in and is among the results."""
    names = {item["name"] for call in calls if listed(call) for item in call.answer["items"]}
    return lambda call: call.action == "put" and call.status == 200 and call.sent[0] in names


def refused(action: str) -> Callable[[Call], bool]:
    return lambda call: (call.action, call.status) == (action, 409)


def logged(call: Call) -> bool:
    """A log with something in it."""
    return call.action == "log" and call.status == 200 and bool(call.answer)


def missing(call: Call) -> bool:
    return call.action == "get" and call.status == 404


SPOILS: list[Callable[[list[Call]], list[Call]]] = [
    lambda calls: replaced(calls, got("get"), status=500),
    lambda calls: replaced(calls, got("get"), status=404),
    lambda calls: replaced(calls, got("get"), date=1),
    lambda calls: replaced(calls, missing, status=200, answer=calls[last(calls, got("get"))].answer),
    lambda calls: corrupted(calls, got("get"), name="Run 1"),
    lambda calls: corrupted(calls, got("get"), created=1),
    lambda calls: corrupted(calls, got("get"), run_time=-1),
    lambda calls: corrupted(calls, got("get", state="completed"), state="running"),
    lambda calls: corrupted(calls, got("get", state="completed"), state="failed"),
    lambda calls: corrupted(calls, got("get", end_status="succeeded"), end_status="stopped"),
    lambda calls: corrupted(calls, got("get", end_status="succeeded"), has_results=None),
    lambda calls: corrupted(calls, got("get", state="completed"), exit_code=2),
    lambda calls: corrupted(calls, got("look"), description="another"),
    lambda calls: corrupted(calls, got("look"), state="failed"),
    lambda calls: [call._replace(answer=call.answer | {"results": []}) if found(call) else call for call in calls],
    lambda calls: corrupted(calls, got("stop"), state="running"),
    lambda calls: corrupted(calls, got("advance"), now=1),
    lambda calls: corrupted(calls, ended_by_hand, exit_code=9),
    lambda calls: corrupted(calls, ended_by_hand, end_status="stopped"),
    lambda calls: corrupted(calls, ended_by_hand, has_results=None),
    lambda calls: corrupted(calls, ended_by_hand, run_time=10**9),
    lambda calls: corrupted(calls, got("finish"), state="finalizing"),
    lambda calls: corrupted(calls, got("finish"), end={"end_status": "failed", "exit_code": 9}),
    lambda calls: replaced(calls, got("finish"), status=409),
    lambda calls: replaced(calls, refused("finish"), status=200, answer=calls[last(calls, got("finish"))].answer),
    lambda calls: corrupted(calls, got("append"), length=1),
    lambda calls: [call for call in calls if call is not calls[last(calls, got("append"))]],
    lambda calls: [*calls, said_again(calls, "append")],
    lambda calls: [*calls, said_again(calls, "put")],
    lambda calls: replaced(calls, logged, answer="something else"),
    lambda calls: replaced(calls, logged, answer=""),
    lambda calls: [call for call in calls if call is not calls[last(calls, listed_in(calls))]],
    lambda calls: corrupted(calls, got("put"), files=0),
    lambda calls: corrupted(calls, listed, items=[{"name": "output", "size": 0}]),
    lambda calls: corrupted(calls, listed, items=[]),
    lambda calls: [*calls, calls[last(calls, got("start"))]],
    lambda calls: [*calls, calls[last(calls, lambda call: (call.action, call.status) == ("delete", 204))]],
    lambda calls: [*calls, calls[last(calls, lambda call: call.action == "advance")]],
]


def spoilable(calls: list[Call]) -> bool:
    """Whether there is in the history what each of `SPOILS` takes hold of."""
    try:
        return all(spoil(calls) for spoil in SPOILS)
    except ValueError:
        return False


@pytest.fixture(scope="module")
def history() -> list[Call]:
    """A history in which everything happened that can be spoiled: on a busy machine a short one may lack some of it."""
    for seed in range(7, 27):
        with MockCodeOcean(random_seed=seed) as mock:
            calls = history_of([mock.url], 4, 60)
        if spoilable(calls):
            return calls
    pytest.fail("none of 20 histories has everything that can be spoiled")


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_cannot_be_is_found(history: list[Call], spoil: Callable[[list[Call]], list[Call]]) -> None:
    assert problems(history) == []
    assert problems(spoil(history))
