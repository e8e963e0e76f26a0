"""Every bad request is told in one line, and nothing is changed by it."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import ids
from tests.conftest import Client
from tests.control.conftest import Plane, started

BODIES: list[tuple[str, str]] = [
    ("POST", "/worlds"),
    ("PUT", "/worlds/default/clock"),
    ("POST", "/worlds/default/clock/advance"),
    ("PUT", "/worlds/default/scenarios"),
    ("POST", "/worlds/default/scenarios"),
    ("POST", "/worlds/default/faults"),
    ("PUT", "/worlds/default/faults"),
    ("POST", "/worlds/default/journal/wait"),
    ("POST", "/worlds/default/journal/verify"),
    ("PUT", "/snapshots/s/file"),
]

each_body = pytest.mark.parametrize(("method", "path"), BODIES, ids=lambda given: given)


def content_of(plane: Plane) -> Any:
    """What there is on the server, but for how long nobody has used it."""
    worlds = [shown | {"idle": 0} for shown in plane.ask("GET", "/worlds")["worlds"]]
    own = [plane.ask("GET", f"/worlds/default/{part}") for part in ("faults", "scenarios", "clock")]
    return worlds, own, plane.ask("GET", "/snapshots")


def one_line(answer: httpx.Response) -> str:
    told = answer.json()
    assert set(told) <= {"message", "problems"}
    assert told["message"]
    assert "\n" not in told["message"]
    assert "Traceback" not in answer.text
    message: str = told["message"]
    return message


@each_body
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[", b"[]", b"null", b"7", b'"text"', b"{'name': 1}", b"\xff\xfe", b"\0", b"[" * 100_000,
        b'{"a": ' * 3000, b'{"mode": NaN}', b'{"by": 1e999}', b'{"name": "\\ud800"}', b"9" * 5000,
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_bodies_that_are_none(still: Plane, method: str, path: str, body: bytes) -> None:
    before = content_of(still)
    answer = still.request(method, path, content=body)
    assert answer.status_code == 400, answer.text
    one_line(answer)
    assert content_of(still) == before


@pytest.mark.parametrize("latency", ["soon", [1], [1, 2, 3], {"low": 1}, [5, 2], -1])
def test_a_wrong_latency_is_refused_without_words_of_python(still: Plane, latency: Any) -> None:
    answer = still.request("POST", "/worlds/default/faults", json={"latency": latency})
    assert answer.status_code == 400
    field, _, message = answer.json()["message"].partition(": ")
    assert field == "latency"
    assert "function" not in message
    assert " at 0x" not in message


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/worlds/default/clock", rb'{"mode": "frozen", "at": "\ud800"}'),
        ("POST", "/worlds/default/clock/advance", rb'{"by": "\ud800"}'),
        ("POST", "/worlds/default/faults", rb'{"latency": "\ud800"}'),
        ("POST", "/worlds/default/faults", rb'{"latency": ["\ud800", 1]}'),
        ("POST", "/worlds/default/journal/wait", rb'{"match": {}, "timeout": "\ud800"}'),
    ],
)
def test_half_a_surrogate_pair_is_quoted_as_it_was_written(still: Plane, method: str, path: str, body: bytes) -> None:
    answer = still.request(method, path, content=body)
    assert answer.status_code == 400, answer.text
    assert r'"\ud800"' in one_line(answer)


@pytest.mark.parametrize("status", [[1], {"code": 500}])
def test_a_match_is_refused_by_its_own_field(still: Plane, status: Any) -> None:
    checks = [{"check": "count", "match": {"status": status}, "exactly": 1}]
    answer = still.request("POST", "/worlds/default/journal/verify", json={"checks": checks})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("checks.0.match.status: ")


NAMES = (
    "name",
    "mode",
    "at",
    "by",
    "to",
    "seed",
    "faults",
    "status",
    "latency",
    "checks",
    "match",
    "count",
    "scenarios",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=3),
    max_leaves=8,
)


@each_body
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=VALUES)
def test_any_json_is_taken_or_refused_with_a_reason(plane: Plane, method: str, path: str, body: Any) -> None:
    if isinstance(body, dict) and path.endswith("/wait"):
        body["timeout"] = 0
    answer = plane.request(method, path, json=body) if not _not_json(body) else None
    if answer is not None:
        assert answer.status_code in (200, 201, 400), answer.text
        if answer.status_code == 400:
            one_line(answer)


def _not_json(value: Any) -> bool:
    """Whether the client itself would refuse to send it."""
    if isinstance(value, float):
        return value != value or abs(value) == float("inf")
    if isinstance(value, str):
        return not value.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, dict):
        return any(_not_json(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_not_json, value))


@pytest.mark.parametrize(
    ("path", "place", "body"),
    [
        ("/worlds", "random_seed", {"name": "w", "random_seed": -1}),
        ("/worlds", "random_seed", {"name": "w", "random_seed": 2**63}),
        ("/worlds", "random_seed", {"name": "w", "random_seed": "x"}),
        ("/worlds", "clock.mode", {"name": "w", "clock": {"mode": "x"}}),
        ("/worlds", "clock", {"name": "w", "clock": {"mode": "scaled"}}),
        ("/worlds", "nmae", {"name": "w", "nmae": "x"}),
        ("/worlds", "name", {}),
        ("/worlds/default/faults", "status", {"status": 200}),
        ("/worlds/default/faults", "headers.X Y", {"status": 500, "headers": {"X Y": "z"}}),
    ],
    ids=str,
)
def test_the_field_is_named(still: Plane, path: str, place: str, body: dict[str, Any]) -> None:
    assert still.refused("POST", path, json=body).startswith(f"{place}: ")


@pytest.mark.parametrize("more", [{"seed": "demo"}, {"random_seed": 1}])
def test_a_snapshot_brings_its_own_seed(still: Plane, more: dict[str, Any]) -> None:
    message = still.refused("POST", "/worlds", json={"name": "w", "snapshot": "s"} | more)
    assert message == "a snapshot brings its own seed and random_seed"


def test_a_body_needs_no_content_type(plane: Plane) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plane.ask("POST", "/worlds", 201, content=b'{"name": "w"}', headers=form)


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/worlds/w", "there is no world called w"),
        ("POST", "/worlds/w/reset", "there is no world called w"),
        ("GET", "/worlds/w/clock", "there is no world called w"),
        ("PUT", "/worlds/w/snapshots/s", "there is no world called w"),
        ("POST", "/worlds/default/snapshots/s/load", "there is no snapshot called s"),
        ("GET", "/snapshots/s/file", "there is no snapshot called s"),
        ("DELETE", "/snapshots/s", "there is no snapshot called s"),
        ("DELETE", "/worlds/default/scenarios/x", "there is no loaded scenario called x"),
        ("DELETE", "/worlds/default/scenarios/succeeds", "there is no loaded scenario called succeeds"),
        ("DELETE", "/worlds/default/faults/x", "there is no fault called x"),
        ("GET", f"/worlds/default/computations/{ids.NOBODYS}", "computation not found"),
        ("POST", f"/worlds/default/computations/{ids.NOBODYS}/stop", "computation not found"),
        ("GET", "/nothing", "not found"),
        ("GET", "", "not found"),
        ("GET", "/worlds/", "not found"),
    ],
)
def test_what_is_not_there(still: Plane, method: str, path: str, message: str) -> None:
    assert still.refused(method, path, 404) == message


def test_an_id_that_is_none(still: Plane) -> None:
    assert still.refused("GET", "/worlds/default/computations/7") == "invalid id"


def test_a_method_that_there_is_not(still: Plane) -> None:
    assert still.refused("PATCH", "/worlds", 405) == "method not allowed"
    assert still.request("PATCH", "/worlds/default/faults").headers["allow"] == "DELETE, GET, POST, PUT"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is missing"),
        (b'{\n "name": w}', "the body is not valid JSON: Expecting value (line 2, column 10)"),
        (b'{"name": "\xff"}', "the body is not UTF-8 text"),
        (b"[" * 100_000, "the body has too long a number, or is nested too deeply"),
        (b"[]", "must be a mapping, not a list"),
    ],
    ids=lambda given: repr(given[:12]),
)
def test_what_a_body_is_refused_for(still: Plane, body: bytes, message: str) -> None:
    assert still.refused("POST", "/worlds", content=body) == message


def test_an_operation_that_there_is_not(still: Plane) -> None:
    assert "get_computaton" in still.refused(
        "POST", "/worlds/default/faults", json={"operation": "get_computaton", "close": True}
    )
    assert still.ask("GET", "/worlds/default/faults")["faults"] == []


def test_a_scenario_file_that_is_not_utf_8(still: Plane) -> None:
    assert (
        still.refused("PUT", "/worlds/default/scenarios", content=b"scenarios: [{name: \xff}]")
        == "the body is not UTF-8 text"
    )


def test_health(client: Client, plane: Plane) -> None:
    started(client)
    shown = plane.ask("GET", "/health")
    assert (shown["status"], shown["data"], shown["worlds"]) == ("ok", "in memory", 1)
    assert shown["now"] == plane.ask("GET", "/worlds/default/clock")["now"]
