"""The plain model that a history of many clients is held against: what a Code Ocean with one clock can answer."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from tests import ids
from tests.steering import consistency_of_driven
from tests.steering.history import Call, Seen, falls, lost, stale
from tests.steering.load import DRIVEN

RUN_STATES = ("initializing", "running", "finalizing", "completed")
ASSET_STATES = ("draft", "ready")

STOPPED = ("stopped", 0, False)
ENDS = {
    ids.CAPSULE: ("succeeded", 0, True),
    ids.FAILS: ("failed", 1, False),
    ids.SILENT: ("succeeded", 1, False),
    ids.SLOW: ("succeeded", 0, True),
}
"""How the runs of a capsule end that nobody stops: end_status, exit_code, has_results."""

ALLOWED = {200, 204, 404}


def problems(calls: list[Call]) -> list[str]:
    """All that cannot have been in one world with one clock."""
    allowed = {action: ALLOWED | {409} for action in consistency_of_driven.REFUSABLE}
    wrong = (call for call in calls if call.status not in allowed.get(call.action, ALLOWED))
    found = [f"{call.action} was answered {call.status}" for call in wrong]
    found += _clock(calls)
    started = [call for call in calls if call.action == "start"]
    created = [call for call in calls if call.action == "create"]
    twice = Counter(call.answer["id"] for call in [*started, *created])
    found += [f"{key} was given out {number} times" for key, number in twice.items() if number > 1]
    for call in started:
        found += [f"run {call.answer['id']}: {problem}" for problem in _run(call, calls)]
    for call in created:
        found += [f"data asset {call.answer['id']}: {problem}" for problem in _asset(call, calls)]
    return found


def _clock(calls: list[Call]) -> Iterator[str]:
    """Time never runs backwards, whoever tells it: the date of an answer, the answer to an advance. And no two
    advances are the same stretch of time.
    """
    dates = [Seen.by(call, call.date) for call in calls if call.date is not None]
    jumps = [call for call in calls if call.action == "advance"]
    told = [Seen.by(call, int(call.answer["now"])) for call in jumps]
    yield from (f"the clock: {problem}" for problem in falls([*dates, *told]))
    stretches = sorted((call.answer["before"], call.answer["now"]) for call in jumps)
    for one, two in pairwise(stretches):
        if two[0] < one[1]:
            yield f"the clock: moved from {one[0]} to {one[1]}, and from {two[0]} to {two[1]}"
    for call in jumps:
        if call.answer["now"] < call.answer["before"] + call.sent.get("by", 0):
            yield f"the clock: {call.sent} moved it from {call.answer['before']} to {call.answer['now']}"


def _run(start: Call, calls: list[Call]) -> Iterator[str]:
    key, capsule = start.answer["id"], start.sent
    of_run = [call for call in calls if call.target == key]
    shown = [Seen.by(start, start.answer), *_shown(key, calls)]
    yield from _existence(start, of_run, shown, _absent(key, calls, "list", capsule), "delete")
    yield from _created(start, shown, calls)
    stops = [call for call in of_run if call.action == "stop" and call.status == 200]
    plans = (call for call in of_run if call.action in ("stop", "progress", "finish") and call.status == 200)
    yield from _lifetime([*_states(shown), *(Seen.by(one, one.answer["state"]) for one in plans)], shown, RUN_STATES)
    yield from falls(one._replace(value=one.value["run_time"]) for one in shown)
    if capsule == DRIVEN:
        yield from consistency_of_driven.problems(of_run, shown)
    else:
        yield from _ends(capsule, shown, stops)
    names = [Seen.by(start, start.answer["name"]), *_written(of_run, "rename")]
    yield from lost(names, [one._replace(value=one.value["name"]) for one in shown])


def _asset(create: Call, calls: list[Call]) -> Iterator[str]:
    key = create.answer["id"]
    of_asset = [call for call in calls if call.target == key]
    shown = [Seen.by(create, create.answer), *_shown(key, calls)]
    yield from _existence(create, of_asset, shown, [], "remove")
    yield from _created(create, shown, calls)
    yield from _lifetime(_states(shown), shown, ASSET_STATES)
    updates = [Seen.by(create, create.sent), *_written(of_asset, "update")]
    for field in ("name", "tags", "description"):
        writes = [one._replace(value=str(one.value[field])) for one in updates if field in one.value]
        yield from lost(writes, [one._replace(value=str(one.value[field])) for one in shown])
    yield from _hiding(create, of_asset, calls)


def _shown(key: str, calls: Iterable[Call]) -> Iterator[Seen]:
    """Every answer that shows the run or data asset: its own, those to changes, lists and searches."""
    for call in calls:
        if call.target == key and call.status == 200 and call.action in ("get", "look", "update"):
            yield Seen.by(call, call.answer)
        elif call.action in ("list", "search"):
            yield from (Seen.by(call, entry) for entry in entries(call) if entry["id"] == key)


def _absent(key: str, calls: Iterable[Call], action: str, sent: Any) -> list[Call]:
    """The lists that could have shown it, and do not."""
    lists = (call for call in calls if (call.action, call.sent) == (action, sent))
    return [call for call in lists if key not in {entry["id"] for entry in entries(call)}]


def entries(call: Call) -> list[dict[str, Any]]:
    """What a list or a search showed."""
    found: list[dict[str, Any]] = call.answer if call.action == "list" else call.answer["results"]
    return found


def _written(of_one: Iterable[Call], action: str) -> Iterator[Seen]:
    return (Seen.by(call, call.sent) for call in of_one if call.action == action and call.status in (200, 204))


def _existence(made: Call, of_one: list[Call], shown: list[Seen], absent: list[Call], deleting: str) -> Iterator[str]:
    """It is there from when it was made until it is deleted, which succeeds once, and never again."""
    deletes = [Seen.by(call, "gone") for call in of_one if call.action == deleting and call.status == 204]
    if len(deletes) > 1:
        yield f"was deleted {len(deletes)} times"
    found = [Seen.by(call, "there") for call in of_one if call.status != 404 and call.action != deleting]
    missed = [Seen.by(call, "gone") for call in of_one if call.status == 404]
    # A list that began before it was made tells nothing by not showing it.
    missed += [Seen.by(call, "gone") for call in absent if call.began > made.ended]
    yield from lost([Seen.by(made, "there"), *deletes[:1]], [one._replace(value="there") for one in shown])
    yield from lost([Seen.by(made, "there"), *deletes[:1]], [*found, *missed])


def _created(made: Call, shown: list[Seen], calls: list[Call]) -> Iterator[str]:
    """The time of its making lies between those that were told before and afterwards, and does not change."""
    created = made.answer["created"]
    if any(one.value["created"] != created for one in shown):
        yield "`created` changed"
    told = [call for call in calls if call.date is not None]
    before = max((call.date or 0 for call in told if call.ended < made.began), default=0)
    after = min(call.date or 0 for call in told if call is made or call.began > made.ended)
    if not before <= created <= after:
        yield f"`created` is {created}, and was between {before} and {after}"


def _lifetime(told: list[Seen], shown: list[Seen], states: tuple[str, ...]) -> Iterator[str]:
    """States come in their order, and the last one stays, with all that is shown then."""
    ranks = {state: rank for rank, state in enumerate(states)}
    yield from (f"was {one.value}" for one in told if one.value not in ranks)
    yield from falls(one._replace(value=ranks.get(one.value, -1)) for one in told)
    fields = ("end_status", "exit_code", "has_results", "run_time", "failure_reason", "size", "files")
    ended = {tuple(one.value.get(name) for name in fields) for one in shown if one.value["state"] == states[-1]}
    if len(ended) > 1:
        yield f"ended in several ways: {ended}"


def _states(shown: list[Seen]) -> list[Seen]:
    return [one._replace(value=one.value["state"]) for one in shown]


def _ends(capsule: str, shown: list[Seen], stops: list[Call]) -> Iterator[str]:
    """A run that has not ended shows no end; it ends as its capsule's runs do, unless somebody stops it."""
    for one in shown:
        run = one.value
        end = (run.get("end_status"), run.get("exit_code"), run["has_results"])
        may_be_stopped = any(stop.began < one.ended for stop in stops)
        ends = [ENDS[capsule], STOPPED] if may_be_stopped else [ENDS[capsule]]
        if end not in (ends if run["state"] == RUN_STATES[-1] else [(None, None, False)]):
            yield f"{run['state']} with {end}"
    told = {one.value.get("end_status") for one in shown if one.value["state"] == RUN_STATES[-1]}
    told |= {stop.answer.get("end_status") for stop in stops}
    if len(told) > 1:
        yield f"was told to have ended in several ways: {told}"
    if any(stop.answer["state"] != RUN_STATES[-1] for stop in stops):
        yield "was stopped, and goes on"


def _hiding(create: Call, of_asset: list[Call], calls: list[Call]) -> Iterator[str]:
    """A search shows it as long as it is there and as archived as the search asks for."""
    writes = [Seen.by(create, False), *_written(of_asset, "archive")]
    writes += [Seen.by(call, None) for call in of_asset if call.action == "remove" and call.status == 204]
    key = create.answer["id"]
    for archived in (False, True):
        absent = [call for call in _absent(key, calls, "search", archived) if call.began > create.ended]
        showing = [call for call in calls if (call.action, call.sent) == ("search", archived) and call not in absent]
        showing = [call for call in showing if any(entry["id"] == key for entry in entries(call))]
        yield from stale(writes, [Seen.by(call, archived) for call in showing])
        hidden = [one._replace(value=one.value == archived) for one in writes]
        yield from stale(hidden, [Seen.by(call, False) for call in absent])
