"""The client of the control plane: what it sends, what it makes of answers, and how it fails."""

import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mock_server.client import (
    ComputationControl,
    Control,
    ControlError,
    DataAssetControl,
    ForeignError,
    MatchFields,
    WorldControl,
    WrongArgumentError,
    is_loopback,
)
from mock_server.wire import control as wire
from mock_server.wire.journal import CountCheck, Match
from tests.process import PATIENCE

ROOT = Path(__file__).parent.parent
URL = "http://127.0.0.1:8000"

CLOCK = {
    "mode": "frozen",
    "now": 1.8e9,
    "iso": "2027-01-15T08:00:00.000Z",
    "scale": 0,
    "ahead": 0,
    "next_change": None,
}
COUNTS = dict.fromkeys(wire.Counts.model_fields, 0)
WORLD = {
    "name": "ci",
    "seed": "demo",
    "random_seed": 7,
    "clock": CLOCK,
    "counts": COUNTS,
    "tokens": {"t": "x"},
    "idle": 0,
}
ADVANCED = {"before": 1, "now": 2, "iso": "1970-01-01T00:00:02.000Z", "changes": []}
PLAN = {"id": "run 1", "scenario": "succeeds", "state": "running", "stages": [], "end": {}}
SCENARIOS: dict[str, Any] = {"scenarios": [], "built_in": ["succeeds"], "warnings": []}
FAULT = {"name": "f", "spec": {"status": 503}, "seen": 0, "applied": 0, "over": False}
JOURNAL: dict[str, Any] = {"requests": [], "dropped": 0, "last": 0}
WAITED: dict[str, Any] = {"met": True, "seen": 1, "requests": [], "nearest": []}
VERDICT: dict[str, Any] = {"passed": True, "results": [], "dropped": 0}
SNAPSHOT = {"name": "s", "world": "ci", "release": "0.1.0", "saved": 1, "hash": "0", "size": 1}
HEALTH = {"version": "0.1.0", "platform_version": "4.8.0", "data": "in memory", "worlds": 1, "now": 1}


class Sent(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: str
    body: bytes
    headers: httpx.Headers

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Recorder:
    """Answers every request the same way, and keeps what was asked."""

    def __init__(self, answer: Any = None, status: int = 200) -> None:
        self.answer, self.status = answer, status
        self.sent: list[Sent] = []
        self.timeouts: list[dict[str, float]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode().partition("?")
        self.sent.append(Sent(request.method, path, query, request.read(), request.headers))
        self.timeouts.append(request.extensions["timeout"])
        if isinstance(self.answer, bytes):
            return httpx.Response(self.status, content=self.answer)
        return httpx.Response(self.status, json=self.answer)

    def control(self, **more: Any) -> Control:
        return Control(URL, transport=httpx.MockTransport(self), **more)


class Case(NamedTuple):
    """A call of the client and what it is to send."""

    call: Callable[[Control], Any]
    route: str
    answer: Any = None
    body: Any = None
    query: str = ""


def world(control: Control) -> WorldControl:
    return control.world("ci")


def run(control: Control, lease: str | None = None) -> ComputationControl:
    return world(control).computation("run", lease=lease)


W = "/_mock/worlds/ci"
RUN = f"{W}/computations/run"
ASSET = {"id": "d", "scenario": "driven", "state": "ready"}
MORNING = datetime(2027, 1, 15, 8, tzinfo=UTC)

CASES = {
    "health": Case(lambda c: c.health(), "GET /_mock/health", HEALTH),
    "wait_until_ready": Case(lambda c: c.wait_until_ready(1), "GET /_mock/health", HEALTH),
    "worlds": Case(lambda c: c.worlds(), "GET /_mock/worlds", {"worlds": [WORLD]}),
    "create_world": Case(
        lambda c: c.create_world("ci", seed="empty", random_seed=0, clock={"mode": "frozen", "at": 1.8e9}),
        "POST /_mock/worlds",
        WORLD,
        {"name": "ci", "seed": "empty", "random_seed": 0, "clock": {"mode": "frozen", "at": 1_800_000_000.0}},
    ),
    "create_world from a snapshot": Case(
        lambda c: c.create_world("ci", snapshot="s", replace=True, clock=wire.SetClock(mode="wall")),
        "POST /_mock/worlds",
        WORLD,
        {"name": "ci", "snapshot": "s", "replace": True, "clock": {"mode": "wall"}},
    ),
    "delete_world": Case(lambda c: c.delete_world("ci"), f"DELETE {W}"),
    "snapshots": Case(lambda c: c.snapshots(), "GET /_mock/snapshots", {"snapshots": [SNAPSHOT]}),
    "delete_snapshot": Case(lambda c: c.delete_snapshot("s"), "DELETE /_mock/snapshots/s"),
    "export_snapshot": Case(lambda c: c.export_snapshot("s"), "GET /_mock/snapshots/s/file", b"\x00"),
    "import_snapshot": Case(lambda c: c.import_snapshot("s", b"5"), "PUT /_mock/snapshots/s/file", SNAPSHOT, 5),
    "info": Case(lambda c: world(c).info(), f"GET {W}", WORLD),
    "reset": Case(lambda c: world(c).reset(), f"POST {W}/reset", WORLD),
    "delete": Case(lambda c: world(c).delete(), f"DELETE {W}"),
    "clock": Case(lambda c: world(c).clock(), f"GET {W}/clock", CLOCK),
    "set_clock": Case(
        lambda c: world(c).set_clock("offset", offset=timedelta(hours=2)),
        f"PUT {W}/clock",
        CLOCK,
        {"mode": "offset", "offset": 7200.0},
    ),
    "set_clock scaled": Case(
        lambda c: world(c).set_clock("scaled", scale=60, at="2027-01-15T08:00:00Z"),
        f"PUT {W}/clock",
        CLOCK,
        {"mode": "scaled", "scale": 60.0, "at": 1_800_000_000.0},
    ),
    "freeze": Case(
        lambda c: world(c).freeze(MORNING.replace(tzinfo=None)),
        f"PUT {W}/clock",
        CLOCK,
        {"mode": "frozen", "at": 1_800_000_000.0},
    ),
    "advance": Case(lambda c: world(c).advance("1h"), f"POST {W}/clock/advance", ADVANCED, {"by": 3600.0}),
    "advance to": Case(lambda c: world(c).advance(to=MORNING), f"POST {W}/clock/advance", ADVANCED, {"to": 1.8e9}),
    "advance next": Case(
        lambda c: world(c).advance(5, next_change=True),
        f"POST {W}/clock/advance",
        ADVANCED,
        {"by": 5.0, "next_change": True},
    ),
    "runs": Case(
        lambda c: world(c).runs(state="failed", limit=2),
        f"GET {W}/computations",
        {"runs": []},
        query="state=failed&limit=2",
    ),
    "plan": Case(lambda c: world(c).plan("run 1"), f"GET {W}/computations/run%201", PLAN),
    "stop": Case(lambda c: world(c).stop("a/b%"), f"POST {W}/computations/a%2Fb%25/stop", PLAN),
    "scenarios": Case(lambda c: world(c).scenarios(), f"GET {W}/scenarios", SCENARIOS),
    "load_scenarios": Case(
        lambda c: world(c).load_scenarios({"scenarios": []}), f"POST {W}/scenarios", SCENARIOS, {"scenarios": []}
    ),
    "load_scenarios in place": Case(
        lambda c: world(c).load_scenarios("[1]", replace=True), f"PUT {W}/scenarios", SCENARIOS, [1]
    ),
    "clear_scenarios": Case(lambda c: world(c).clear_scenarios(), f"DELETE {W}/scenarios"),
    "delete_scenario": Case(lambda c: world(c).delete_scenario("s"), f"DELETE {W}/scenarios/s"),
    "faults": Case(lambda c: world(c).faults(), f"GET {W}/faults", {"faults": [FAULT]}),
    "set_fault": Case(
        lambda c: world(c).set_fault(status=429, headers={"Retry-After": "1"}, latency=[0.1, "200ms"], name=None),
        f"POST {W}/faults",
        FAULT,
        {"status": 429, "headers": {"Retry-After": "1"}, "latency": [0.1, 0.2]},
    ),
    "set_fault that is there": Case(
        lambda c: world(c).set_fault(wire.Fault(status=500, nth=2), nth=3),
        f"POST {W}/faults",
        FAULT,
        {"status": 500, "nth": 3},
    ),
    "set_faults": Case(
        lambda c: world(c).set_faults([wire.Fault(close=True), {"status": 503, "first": 2}]),
        f"PUT {W}/faults",
        {"faults": [FAULT]},
        {"faults": [{"close": True}, {"status": 503, "first": 2}]},
    ),
    "clear_faults": Case(lambda c: world(c).clear_faults(), f"DELETE {W}/faults"),
    "delete_fault": Case(lambda c: world(c).delete_fault("f"), f"DELETE {W}/faults/f"),
    "journal": Case(
        lambda c: world(c).journal(status="4xx", path="/capsules/*", after=0, limit=5),
        f"GET {W}/journal",
        JOURNAL,
        query="path=%2Fcapsules%2F%2A&status=4xx&after=0&limit=5",
    ),
    "clear_journal": Case(lambda c: world(c).clear_journal(), f"DELETE {W}/journal"),
    "wait": Case(
        lambda c: world(c).wait(3, "200s", operation="get_computation"),
        f"POST {W}/journal/wait",
        WAITED,
        {"match": {"operation": "get_computation"}, "count": 3, "timeout": 200.0},
    ),
    "wait for anything": Case(lambda c: world(c).wait(), f"POST {W}/journal/wait", WAITED, {"match": {}}),
    "verify": Case(
        lambda c: world(c).verify({"check": "unique"}, CountCheck(check="count", at_least=1)),
        f"POST {W}/journal/verify",
        VERDICT,
        {"checks": [{"check": "unique"}, {"check": "count", "at_least": 1}]},
    ),
    "claim": Case(
        lambda c: c.claim("me", world="ci", capsules=["c"], wait="2s", lease=timedelta(minutes=1), retries=2),
        "POST /_mock/work/claim",
        {},
        {"runner": "me", "world": "ci", "capsules": ["c"], "wait": 2.0, "lease": 60.0, "retries": 2},
    ),
    "download_snapshot": Case(lambda c: c.download_snapshot("s", io.BytesIO()), "GET /_mock/snapshots/s/file", b"\x00"),
    "computation plan": Case(lambda c: run(c).plan(), f"GET {RUN}", PLAN),
    "computation stop": Case(lambda c: run(c).stop(), f"POST {RUN}/stop", PLAN),
    "start": Case(lambda c: run(c).start(), f"POST {RUN}/progress", PLAN, {"state": "running"}),
    "finalize": Case(lambda c: run(c).finalize(), f"POST {RUN}/progress", PLAN, {"state": "finalizing"}),
    "finish": Case(lambda c: run(c).finish(exit_code=3), f"POST {RUN}/finish", PLAN, {"exit_code": 3}),
    "finish without a code": Case(
        lambda c: run(c).finish(exit_code=None, end_status="stopped"),
        f"POST {RUN}/finish",
        PLAN,
        {"exit_code": None, "end_status": "stopped"},
    ),
    "append_log": Case(
        lambda c: run(c).append_log("7", offset=2), f"POST {RUN}/log", {"length": 3}, 7, query="offset=2"
    ),
    "log": Case(lambda c: run(c).log(offset=5), f"GET {RUN}/log", b"x", query="offset=5"),
    "put_result": Case(
        lambda c: run(c).put_result("a b/c", "8"), f"PUT {RUN}/results/a%20b/c", {"files": 1, "size": 1}, 8
    ),
    "put_results": Case(lambda c: run(c).put_results([b"9"]), f"PUT {RUN}/results", {"files": 1, "size": 1}, 9),
    "renew": Case(
        lambda c: run(c, "l").renew("1m"), f"PUT {RUN}/lease", {"go_on": True}, {"seconds": 60.0}, query="lease=l"
    ),
    "give_back": Case(lambda c: run(c, "l").give_back(), f"DELETE {RUN}/lease", query="lease=l"),
    "data_asset plan": Case(lambda c: world(c).data_asset("d").plan(), f"GET {W}/data_assets/d", ASSET),
    "ready": Case(lambda c: world(c).data_asset("d").ready(), f"POST {W}/data_assets/d/finish", ASSET, {}),
    "fail": Case(
        lambda c: world(c).data_asset("d").fail("why"),
        f"POST {W}/data_assets/d/finish",
        ASSET,
        {"failure_reason": "why"},
    ),
    "download": Case(lambda c: world(c).data_asset("d").download(io.BytesIO()), f"GET {W}/data_assets/d/tar", b"\x00"),
    "export_seed": Case(lambda c: world(c).export_seed(), f"GET {W}/export", b"version: 1"),
    "download_seed": Case(lambda c: world(c).download_seed(io.BytesIO()), f"GET {W}/export", b"version: 1"),
    "save": Case(lambda c: world(c).save("s"), f"PUT {W}/snapshots/s", SNAPSHOT),
    "load": Case(lambda c: world(c).load("s"), f"POST {W}/snapshots/s/load", WORLD),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_sent(case: Case) -> None:
    recorder = Recorder(case.answer)
    with recorder.control() as control:
        case.call(control)
    [sent] = recorder.sent
    assert (f"{sent.method} {sent.path}", sent.query, sent.json) == (case.route, case.query, case.body)


def test_every_route_is_called_and_every_method_is_tried() -> None:
    routes = re.findall(r"^## `([A-Z]+ /_mock\S*)`$", (ROOT / "docs/control-plane.md").read_text(), re.MULTILINE)
    patterns = [re.sub(r"\{\w+\}", "[^/]+", route.replace("{path}", ".+")) for route in routes]
    assert len(patterns) > 25
    called = {case.route for case in CASES.values()}
    for pattern in patterns:
        assert any(re.fullmatch(pattern, route) for route in called), pattern
    for route in called:
        assert any(re.fullmatch(pattern, route) for pattern in patterns), route
    tried = {name.split()[0] for name in CASES} | {"close", "world", "token", "driving", "computation", "data_asset"}
    assert set().union(*map(public, CLIENTS)) == tried


CLIENTS = (Control, WorldControl, ComputationControl, DataAssetControl)


def public(kind: type) -> set[str]:
    return {name for name, _ in getmembers(kind, isfunction) if not name.startswith("_")}


def test_every_method_is_described() -> None:
    described = (ROOT / "docs/client.md").read_text()
    for name in set().union(*map(public, CLIENTS)):
        assert re.search(rf"`{name}\(", described), name


def test_the_fields_of_a_match_are_those_of_the_contract() -> None:
    assert MatchFields.__annotations__.keys() == Match.model_fields.keys()


def test_what_comes_out() -> None:
    with Recorder({**HEALTH, "of a later release": 1}).control() as control:
        assert control.health() == wire.Health.model_validate(HEALTH)
    with Recorder(b"\x00\xff").control() as control:
        assert control.export_snapshot("s") == b"\x00\xff"
    with Recorder(WORLD).control() as control:
        made = control.create_world("ci")
        assert (made.name, made.token("cop_demo_user")) == ("ci", "cop_demo_user@ci")
        assert made.info().clock.mode == "frozen"
        assert control.world().token("cop_demo_user") == "cop_demo_user"
        assert control.url == URL


def test_a_scenario_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "scenarios: []  # ü\n"
    (tmp_path / "s&1.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    recorder = Recorder(SCENARIOS)
    with recorder.control() as control:
        control.world().load_scenarios(Path("s&1.yaml"))
        control.world().load_scenarios(text)
        for wrong in (Path("nowhere.yaml"), tmp_path, Path("a\0b")):
            with pytest.raises(ControlError, match="cannot be read") as failure:
                control.world().load_scenarios(wrong)
            assert failure.value.status is None
        for unsendable in ({"at": {1}}, [float("nan")], "\ud800"):
            with pytest.raises(WrongArgumentError, match="cannot be sent"):
                control.world().load_scenarios(unsendable)
    from_file, from_text = recorder.sent
    assert from_file.body.decode() == from_text.body.decode() == text
    assert dict(httpx.QueryParams(from_file.query)) == {"source": str(tmp_path / "s&1.yaml")}
    assert from_text.query == ""
    assert from_file.headers["Content-Type"] == from_text.headers["Content-Type"] == "application/yaml"


def test_a_wait_outlasts_the_usual_timeout() -> None:
    recorder = Recorder(WAITED)
    with recorder.control(timeout=PATIENCE) as control:
        control.world().wait(timeout="10m")
        control.world().wait(timeout=timedelta(seconds=2))
    assert [one["read"] for one in recorder.timeouts] == [PATIENCE + 600, PATIENCE + 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c: c.world("a b"), "'a b' is not a valid world name"),
        (lambda c: c.world(""), "'' is not a valid world name"),
        (lambda c: c.world(".."), "'..' is not a valid world name"),
        (lambda c: run(c).put_result("", "x"), "'' is not a path of a result file"),
        (lambda c: run(c).put_result("/etc/x", "x"), "'/etc/x' is not a path of a result file"),
        (lambda c: c.delete_world("../x"), "is not a valid world name"),
        (lambda c: c.create_world("a/b"), "name: "),
        (lambda c: c.create_world("a", snapshot="s", seed="demo"), "a snapshot brings its own seed"),
        (lambda c: c.create_world("a", clock={"mode": "offset"}), "clock: the mode offset needs"),
        (lambda c: c.delete_snapshot(".."), "'..' is not a valid snapshot name"),
        (lambda c: world(c).save("a/b"), "'a/b' is not a valid snapshot name"),
        (lambda c: world(c).delete_scenario(""), "'' is not a valid scenario name"),
        (lambda c: world(c).delete_fault("ü"), "'ü' is not a valid fault name"),
        (lambda c: world(c).plan("\ud800"), "is not a valid computation id"),
        (lambda c: world(c).stop(".."), "'..' is not a valid computation id"),
        (lambda c: world(c).stop(""), "'' is not a valid computation id"),
        (lambda c: world(c).set_clock("scaled"), "the mode scaled needs scale"),
        (lambda c: world(c).advance("soon"), "by: not a duration"),
        (lambda c: world(c).advance(float("nan")), "by: not a duration"),
        (lambda c: world(c).advance(to="soon"), "to: not a time"),
        (lambda c: world(c).advance(), "needs by, to or next_change"),
        (lambda c: world(c).set_fault(status=200), "status: must be at least"),
        (lambda c: world(c).set_fault(statsu=500), "statsu: "),
        (lambda c: world(c).set_fault(latency=[5, 1]), "^latency: an empty range: the first is above the second$"),
        (lambda c: world(c).set_faults([{}]), "does nothing"),
        (lambda c: world(c).set_faults(["x"]), "'x' is no fault"),  # type: ignore[list-item]
        (lambda c: world(c).verify(), "checks: "),
        (lambda c: world(c).verify({"check": "order"}), "^checks.0.matches: is missing$"),
        (lambda c: world(c).verify({"check": "luck"}), "checks.0: "),
        (lambda c: world(c).wait(0), "count: "),
        (lambda c: world(c).wait(timeout=601), "timeout: "),
        (lambda c: world(c).journal(after="x"), "after: "),  # type: ignore[arg-type]
        (lambda c: world(c).journal(operation="\ud800"), "is not Unicode text"),
        (lambda c: world(c).set_fault(operation="\ud800", close=True), "is not Unicode text"),
        (lambda c: c.create_world("a", seed="\ud800"), "is not Unicode text"),
    ],
)
def test_what_cannot_be_is_not_sent(call: Callable[[Control], Any], words: str) -> None:
    recorder = Recorder({})
    with recorder.control() as control, pytest.raises(WrongArgumentError, match=words) as failure:
        call(control)
    assert recorder.sent == []
    assert failure.value.status is None
    assert "\n" not in failure.value.message


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8000", "localhost:8000", "", "http://", "ftp://x", "http://[::1", "http://h:99999", "http://\0", "/x"],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(WrongArgumentError, match="is not a valid server URL"):
        Control(url)


def test_a_token() -> None:
    recorder = Recorder(HEALTH)
    for token in ("sesame!~", None, ""):
        with recorder.control(token=token) as control:
            control.health()
    headers = [one.headers.get("Authorization") for one in recorder.sent]
    assert headers == ["Bearer sesame!~", None, None]
    for wrong in ("a b", "ü", "a\nb"):
        with pytest.raises(WrongArgumentError, match="the control token cannot be sent") as failure:
            Control(URL, wrong)
        assert wrong not in failure.value.message


def refused(
    answer: Any,
    status: int,
    content_type: str | None = None,
    path: str = "clock",
    kind: type[ControlError] = ControlError,
) -> ControlError:
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    headers = {"Content-Type": content_type or "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=headers))
    with Control(URL, transport=transport) as control, pytest.raises(ControlError) as failure:
        control.health() if path == "health" else control.world().clock()
    assert type(failure.value) is kind
    assert "\n" not in failure.value.message
    assert str(failure.value) == failure.value.message
    return failure.value


def test_a_refusal() -> None:
    problem = {"line": 3, "field": "scenarios.0", "message": "no", "column": 5, "what comes later": 1}
    failure = refused({"message": "not\n  this", "problems": [problem]}, 400)
    assert (failure.status, failure.message) == (400, "not this")
    assert failure.problems == [wire.Problem(line=3, field="scenarios.0", message="no", column=5)]
    assert refused({"message": "world not found"}, 404).problems == []
    assert refused({"message": "x" * 9000}, 409).message == "x" * 500


@pytest.mark.parametrize(
    ("answer", "status", "content_type", "path", "words"),
    [
        (b"<html>", 404, "text/html", "health", "it answered 404 and text/html to /_mock/health"),
        (b"<html>", 200, "text/html; charset=utf-8", "health", "it answered 200 and text/html to /_mock/health"),
        ({"message": "not found"}, 404, None, "health", "it answered 404 to /_mock/health"),
        ({"detail": "Not Found"}, 404, None, "clock", "it answered 404 to /_mock/worlds/default/clock"),
        ({"message": ""}, 500, None, "clock", "it answered 500 to /_mock/worlds/default/clock"),
        ({"status": "up"}, 200, None, "health", "it answered 200 to /_mock/health"),
        (b"{", 200, None, "health", "it answered 200 to /_mock/health"),
        (b"", 302, "", "health", "it answered 302 to /_mock/health"),
        (b"\xff\xfe", 502, "text/plain", "clock", "it answered 502 and text/plain to /_mock/worlds/default/clock"),
    ],
)
def test_another_server(answer: Any, status: int, content_type: str | None, path: str, words: str) -> None:
    failure = refused(answer, status, content_type, path, ForeignError)
    assert failure.message == f"{URL} is not codeocean-mock: {words}"
    assert failure.status == status


def test_another_release() -> None:
    failure = refused({**CLOCK, "mode": "lunar"}, 200)
    known = "answered /_mock/worlds/default/clock with something that this release does not know"
    assert failure.message.startswith(f"{URL} {known} (mode: ")
    assert not re.search(r"Clock|Info", failure.message)


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "nothing answers at {url} (connection refused); is the"),
        (httpx.ConnectError(""), "nothing answers at {url} (connectError); is the"),
        (httpx.ConnectTimeout("x"), "nothing answers at {url} (connecting timed out); is the server running?"),
        (httpx.ReadTimeout("x"), "{url} did not answer /_mock/health in time"),
        (httpx.ReadError("[Errno 104] Connection reset by peer"), "{url} broke off the request to /_mock/health: conn"),
        (httpx.DecodingError("bad gzip"), "{url} broke off the request to /_mock/health: bad gzip"),
    ],
)
def test_no_answer(raised: httpx.HTTPError, words: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    with Control(URL, transport=httpx.MockTransport(fail)) as control, pytest.raises(ControlError) as failure:
        control.health()
    assert failure.value.message.startswith(words.format(url=URL))
    assert failure.value.status is None


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def not_http() -> Iterator[str]:
    """A port that speaks something else."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            while True:
                try:
                    taken, _ = listener.accept()
                except OSError:
                    return
                with taken:
                    taken.recv(1000)
                    taken.sendall(b"220 mail.example.com ready\r\n")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def free_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("free", "nothing answers at .* \\(connection refused\\); is the server running\\?"),
        ("silent", "did not answer /_mock/health in time"),
        ("not_http", "broke off the request to /_mock/health"),
        ("tls", "does not speak TLS"),
        ("http://no-such-host.invalid", "nothing answers at http://no-such-host.invalid"),
        (f"http://{'a' * 70}.invalid", "label empty or too long"),
    ],
)
def test_real_sockets(url: str, words: str, silent: str, not_http: str) -> None:
    places = {"free": free_url(), "silent": silent, "not_http": not_http, "tls": not_http.replace("http:", "https:")}
    # The one that never answers is waited for as long as that, none of the others.
    client = Control(places.get(url, url), timeout=0.1 if url == "silent" else PATIENCE)
    with client as control, pytest.raises(ControlError, match=words) as failure:
        control.health()
    assert failure.value.status is None


def test_waiting_for_a_server_that_starts_late() -> None:
    answers: Iterator[httpx.Response | Exception] = iter(
        [
            httpx.ConnectError("[Errno 111] Connection refused"),
            httpx.Response(502, text="<html>"),
            httpx.Response(503, json={"message": "cannot write"}),
            httpx.Response(200, json=HEALTH),
        ]
    )

    def answer(_: httpx.Request) -> httpx.Response:
        one = next(answers)
        if isinstance(one, Exception):
            raise one
        return one

    with Control(URL, transport=httpx.MockTransport(answer)) as control:
        assert control.wait_until_ready(PATIENCE).data == "in memory"
    assert next(answers, None) is None


def test_waiting_in_vain() -> None:
    recorder = Recorder({"message": "cannot write"}, 503)
    with recorder.control() as control, pytest.raises(ControlError, match="cannot write"):
        control.wait_until_ready(0.35)
    assert 2 <= len(recorder.sent) <= 5
    once = Recorder({"message": "cannot write"}, 503)
    with once.control() as control, pytest.raises(ControlError, match="cannot write"):
        control.wait_until_ready(0)
    assert len(once.sent) == 1
    strict = Recorder({"message": "no token"}, 401)
    with strict.control() as control, pytest.raises(ControlError, match="no token"):
        control.wait_until_ready(PATIENCE)
    assert len(strict.sent) == 1


def test_waiting_asks_each_time_no_longer_than_there_is_time(silent: str) -> None:
    with Control(silent) as control, pytest.raises(ControlError, match="in time"):
        control.wait_until_ready(0.3)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", True),
        ("localhost", True),
        ("a.localhost", True),
        ("10.0.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one


def test_proxies_are_left_aside_on_loopback_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = free_url()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    here = free_url()
    with Control(here) as control, pytest.raises(ControlError, match="connection refused"):
        control.health()
    with (
        Control("http://192.0.2.1", timeout=PATIENCE) as control,
        pytest.raises(ControlError, match="connection refused"),
    ):
        control.health()  # The proxy refuses it: 192.0.2.1 itself would never answer.
    for wrong in ("gopher://x", "socks5://127.0.0.1:1"):
        monkeypatch.setenv("HTTP_PROXY", wrong)
        monkeypatch.setenv("http_proxy", wrong)
        with pytest.raises(ControlError, match="the proxy or certificates that the environment names cannot be used"):
            Control("http://192.0.2.1")
