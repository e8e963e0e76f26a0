"""Faults as the official SDK meets them, without and with retries, and what the journal says of it afterwards."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import httpx
import pytest
import requests
from codeocean import CodeOcean
from codeocean.computation import Computation, RunParams
from codeocean.error import Error
from requests.exceptions import ChunkedEncodingError, JSONDecodeError
from urllib3.util import Retry

from mock_server.client import CodeOceanWorld, ControlError
from mock_server.wire.journal import CheckResult, Entry
from tests import ids
from tests.process import PATIENCE

Outcome = type[Exception] | None
"""What a call of the SDK comes to: the failure that it raises, or None when it succeeds."""

REFUSED: dict[str, Any] = {"status": 503, "message": "down for maintenance", "headers": {"X-Outage": "planned"}}
LIMITED: dict[str, Any] = {"status": 429, "headers": {"Retry-After": "0"}}
DELAYED: dict[str, Any] = {"latency": 0.05}
VARIED: dict[str, Any] = {"latency": ["20ms", "60ms"]}
CLOSED: dict[str, Any] = {"close": True}
CUT: dict[str, Any] = {"truncate": 20}
BROKEN: dict[str, Any] = {"malform": True}

ANY_METHOD = None
"""As `allowed_methods` of `Retry`: POST too, which it leaves alone by itself."""


TIMER_ERROR = 0.002
"""By how many seconds a timer of the event loop, which counts milliseconds, may come too early."""


def run(sdk: CodeOcean) -> Computation:
    return sdk.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))


def outcome(call: Callable[[], object]) -> Outcome:
    try:
        call()
    except Exception as problem:
        return type(problem)
    return None


def starts(world: CodeOceanWorld) -> list[Entry]:
    """The requests for runs that the journal holds."""
    return world.control.journal(operation="run_capsule").requests


def new_runs(world: CodeOceanWorld, before: set[str]) -> set[str]:
    return run_ids(world) - before


def run_ids(world: CodeOceanWorld) -> set[str]:
    return {one.id for one in world.client.capsules.list_computations(ids.CAPSULE)}


def verified(world: CodeOceanWorld, check: str, **fields: Any) -> CheckResult:
    return world.control.verify({"check": check, "match": {"operation": "run_capsule"}, **fields}).results[0]


@pytest.mark.parametrize(
    ("fault", "phase", "raised", "status"),
    [
        (REFUSED, "before", Error, 503),
        (REFUSED, "after", Error, 503),
        (LIMITED, "before", Error, 429),
        (LIMITED, "after", Error, 429),
        (DELAYED, "before", None, 200),
        (DELAYED, "after", None, 200),
        (VARIED, "before", None, 200),
        (VARIED, "after", None, 200),
        (CLOSED, "before", requests.ConnectionError, 0),
        (CLOSED, "after", requests.ConnectionError, 0),
        (CUT, "after", ChunkedEncodingError, 200),
        (BROKEN, "before", JSONDecodeError, 200),
        (BROKEN, "after", JSONDecodeError, 200),
    ],
)
def test_what_a_client_without_retries_sees(
    world: CodeOceanWorld, fault: dict[str, Any], phase: str, raised: Outcome, status: int
) -> None:
    before = run_ids(world)
    world.control.set_fault(operation="run_capsule", name="rehearsed", phase=phase, times=1, **fault)
    assert outcome(lambda: run(world.client)) is raised
    started = phase == "after" or raised is None
    assert len(new_runs(world, before)) == started
    [entry] = starts(world)
    assert (entry.status, entry.outcome, entry.fault) == (status, 200 if started else None, "rehearsed")
    assert outcome(lambda: run(world.client)) is None
    assert [fault.applied for fault in world.control.faults()] == [1]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_the_words_and_headers_of_a_refusal_reach_the_client(world: CodeOceanWorld, phase: str) -> None:
    world.control.set_fault(operation="run_capsule", phase=phase, **REFUSED)
    with pytest.raises(Error, match="down for maintenance") as caught:
        run(world.client)
    assert (caught.value.status_code, caught.value.data) == (503, {"message": "down for maintenance"})
    assert caught.value.http_err.response.headers["X-Outage"] == "planned"


def test_a_page_that_is_no_json_says_so_itself(world: CodeOceanWorld) -> None:
    world.control.set_fault(status=502, headers={"content-type": "text/html", "X-Outage": "planned"})
    answer = httpx.get(f"{world.url}/api/v1/capsules/{ids.CAPSULE}", auth=(world.token, ""))
    assert answer.headers.get_list("Content-Type") == ["text/html"]
    assert answer.headers["X-Outage"] == "planned"


@pytest.mark.parametrize("name", ["Content-Length", "date", "TRANSFER-ENCODING"])
def test_headers_that_would_break_http_are_refused(world: CodeOceanWorld, name: str) -> None:
    with pytest.raises(ControlError, match=f"the header {name} is the server's own"):
        world.control.set_fault(status=500, headers={name: "3"})


@pytest.mark.parametrize("status", [400, 418, 423, 500, 599])
def test_any_failing_status_has_the_form_of_all_failures(world: CodeOceanWorld, status: int) -> None:
    world.control.set_fault(operation="get_capsule", status=status)
    with pytest.raises(Error) as caught:
        world.client.capsules.get_capsule(ids.CAPSULE)
    assert caught.value.status_code == status
    assert list(caught.value.data) == ["message"]


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(("latency", "least"), [(0.05, 0.05), (["30ms", "60ms"], 0.03)])
def test_a_delayed_answer_takes_that_long(world: CodeOceanWorld, phase: str, latency: Any, least: float) -> None:
    world.control.set_fault(operation="run_capsule", phase=phase, latency=latency)
    for _ in range(3):
        run(world.client)
    took = [entry.took for entry in starts(world)]
    assert min(took) >= least - TIMER_ERROR


def test_a_delay_adds_to_a_failure(world: CodeOceanWorld) -> None:
    world.control.set_fault(operation="run_capsule", name="slow", latency=0.04)
    world.control.set_fault(operation="run_capsule", name="down", **REFUSED)
    assert outcome(lambda: run(world.client)) is Error
    [entry] = starts(world)
    assert entry.fault == "down"
    assert entry.took >= 0.04 - TIMER_ERROR


def test_a_client_that_gives_up_does_not_know_that_its_run_was_started(
    world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]
) -> None:
    before = run_ids(world)
    world.control.set_fault(operation="run_capsule", phase="after", latency=0.4)
    sdk = sdk_with()
    with pytest.raises(requests.ReadTimeout):
        sdk.session.post("computations", json={"capsule_id": ids.CAPSULE}, timeout=0.1)
    assert len(new_runs(world, before)) == 1


def test_a_download_that_breaks_off(world: CodeOceanWorld) -> None:
    started = run(world.client)
    world.control.advance("1h")
    url = world.client.computations.get_result_file_urls(started.id, "table.csv").download_url
    whole = requests.get(url, timeout=PATIENCE).content
    world.control.set_fault(operation="get_file", phase="after", truncate=5, times=1)
    with requests.get(url, timeout=PATIENCE, stream=True) as response:
        assert response.headers["Content-Length"] == str(len(whole))
        rest = response.iter_content(1)
        assert b"".join(islice(rest, 5)) == whole[:5]
        with pytest.raises(ChunkedEncodingError):
            next(rest)
    assert requests.get(url, timeout=PATIENCE).content == whole


@pytest.mark.parametrize(
    ("fault", "phase", "raised", "sent", "started"),
    [
        (REFUSED, "before", None, 3, 1),
        (REFUSED, "after", None, 3, 3),
        (LIMITED, "before", None, 3, 1),
        (LIMITED, "after", None, 3, 3),
        (CLOSED, "before", None, 3, 1),
        (CLOSED, "after", None, 3, 3),
        # The head of these answers is good, and the SDK's retries look no further.
        (CUT, "after", ChunkedEncodingError, 1, 1),
        (BROKEN, "before", JSONDecodeError, 1, 0),
        (BROKEN, "after", JSONDecodeError, 1, 1),
    ],
)
def test_what_a_client_that_retries_everything_sees(
    world: CodeOceanWorld,
    sdk_with: Callable[..., CodeOcean],
    fault: dict[str, Any],
    phase: str,
    raised: Outcome,
    sent: int,
    started: int,
) -> None:
    before = run_ids(world)
    world.control.set_fault(operation="run_capsule", phase=phase, first=2, **fault)
    sdk = sdk_with(retries=Retry(3, status_forcelist=[429, 503], allowed_methods=ANY_METHOD))
    assert outcome(lambda: run(sdk)) is raised
    assert len(starts(world)) == sent
    assert len(new_runs(world, before)) == started


@pytest.mark.parametrize(("fault", "raised"), [(REFUSED, Error), (LIMITED, Error), (CLOSED, requests.ConnectionError)])
def test_a_number_of_retries_leaves_posts_alone(
    world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean], fault: dict[str, Any], raised: Outcome
) -> None:
    world.control.set_fault(operation="run_capsule", phase="after", first=2, **fault)
    assert outcome(lambda: run(sdk_with(retries=3))) is raised
    assert len(starts(world)) == 1


@pytest.mark.parametrize(
    ("fault", "raised", "sent"),
    [
        (REFUSED, Error, 1),
        (LIMITED, None, 3),
        (CLOSED, None, 3),
    ],
)
def test_a_number_of_retries_repeats_reads(
    world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean], fault: dict[str, Any], raised: Outcome, sent: int
) -> None:
    world.control.set_fault(operation="get_capsule", first=2, **fault)
    sdk = sdk_with(retries=3)
    assert outcome(lambda: sdk.capsules.get_capsule(ids.CAPSULE)) is raised
    assert len(world.control.journal(operation="get_capsule").requests) == sent


def test_retries_that_run_out(world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]) -> None:
    world.control.set_fault(operation="get_capsule", **REFUSED)
    sdk = sdk_with(retries=Retry(2, status_forcelist=[503]))
    with pytest.raises(requests.exceptions.RetryError):
        sdk.capsules.get_capsule(ids.CAPSULE)
    assert [entry.status for entry in world.control.journal(operation="get_capsule").requests] == [503] * 3


@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"nth": 3}, [3]),
        ({"first": 3}, [1, 2, 3]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 3}, [2, 4, 6]),
        ({"after": 20}, [3, 4, 5, 6, 7, 8]),
        ({"lasts": 20}, [1, 2]),
        ({"after": "15s", "lasts": "30s"}, [3, 4, 5]),
        ({"after": 20, "nth": 2}, [4]),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_which_of_eight_calls_are_hit(world: CodeOceanWorld, when: dict[str, Any], hit: list[int]) -> None:
    """Ten seconds of the world's clock lie between two calls."""
    world.control.set_fault(operation="get_capsule", **REFUSED, **when)
    assert calls_that_are_hit(world, 8) == hit


def calls_that_are_hit(world: CodeOceanWorld, number: int) -> list[int]:
    hit = []
    for call in range(1, number + 1):
        if outcome(lambda: world.client.capsules.get_capsule(ids.CAPSULE)) is Error:
            hit.append(call)
        world.control.advance(10)
    return hit


def test_a_share_of_the_calls_is_drawn_from_the_seed(world: CodeOceanWorld) -> None:
    shares = []
    for name in ("drawn", "drawn", "drawn-otherwise"):
        world.control.set_fault(operation="get_capsule", name=name, probability=0.5, **REFUSED)
        shares.append(calls_that_are_hit(world, 40))
        world.control.clear_faults()
    assert shares[0] == shares[1]
    assert shares[0] != shares[2]
    assert all(10 <= len(share) <= 30 for share in shares)


def test_retries_that_honour_retry_after(world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]) -> None:
    world.control.set_fault(operation="run_capsule", first=1, status=429, headers={"Retry-After": "1"})
    run(sdk_with(retries=Retry(3, status_forcelist=[429], allowed_methods=ANY_METHOD)))
    assert [entry.retry_after for entry in starts(world)] == [1, None]
    assert verified(world, "retry_after").passed
    assert verified(world, "spacing", clock="real", at_least=1).passed
    assert not verified(world, "spacing", clock="real", at_least=60).passed


def test_retries_that_come_too_early(world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]) -> None:
    world.control.set_fault(operation="run_capsule", first=1, status=429, headers={"Retry-After": "30"})
    retries = Retry(3, status_forcelist=[429], allowed_methods=ANY_METHOD, respect_retry_after_header=False)
    run(sdk_with(retries=retries))
    result = verified(world, "retry_after")
    assert not result.passed
    assert "Retry-After: 30 s" in result.message
    assert [(entry.status, entry.retry_after) for entry in result.nearest] == [(429, 30), (200, None)]


def test_back_off_that_grows(world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]) -> None:
    """urllib3 sends the first retry at once, and only then backs off."""
    world.control.set_fault(operation="run_capsule", first=3, **REFUSED)
    run(sdk_with(retries=Retry(5, status_forcelist=[503], allowed_methods=ANY_METHOD, backoff_factor=0.1)))
    result = verified(world, "spacing", clock="real", at_least=0.2)
    assert not result.passed
    assert [entry.number for entry in result.nearest] == [entry.number for entry in starts(world)[:2]]
    later = {"operation": "run_capsule", "after": starts(world)[0].number}
    assert world.control.verify({"check": "spacing", "match": later, "clock": "real", "at_least": 0.2}).passed


def test_an_answer_that_is_lost_makes_two_runs_and_verification_finds_it(
    world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]
) -> None:
    before = run_ids(world)
    world.control.set_fault(operation="run_capsule", name="lost", nth=1, phase="after", close=True)
    known = run(sdk_with(retries=Retry(1, allowed_methods=ANY_METHOD)))
    made = new_runs(world, before)
    assert known.id in made
    assert len(made) == 2
    result = verified(world, "unique")
    assert not result.passed
    one, two = result.nearest
    assert [(entry.status, entry.outcome, entry.fault) for entry in (one, two)] == [(0, 200, "lost"), (200, 200, None)]
    assert one.body == two.body
    assert two.entity == known.id
    assert f"requests {one.number} and {two.number}" in result.message


def test_an_answer_that_is_lost_before_it_counts_makes_one_run(
    world: CodeOceanWorld, sdk_with: Callable[..., CodeOcean]
) -> None:
    before = run_ids(world)
    world.control.set_fault(operation="run_capsule", nth=1, phase="before", close=True)
    known = run(sdk_with(retries=Retry(1, allowed_methods=ANY_METHOD)))
    assert new_runs(world, before) == {known.id}
    assert verified(world, "unique").passed


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"operation": "run_capsul"}, "did you mean run_capsule"),
        ({"operation": "no-such-thing"}, "there is no operation no-such-thing"),
    ],
)
def test_an_operation_that_there_is_not_is_refused_when_it_is_set(
    world: CodeOceanWorld, fault: dict[str, Any], told: str
) -> None:
    with pytest.raises(ControlError, match=told) as caught:
        world.control.set_fault(status=500, **fault)
    assert caught.value.status == 400
    with pytest.raises(ControlError, match=told):
        world.control.set_faults([{"status": 500}, {"status": 500, **fault}])
    assert world.control.faults() == []
