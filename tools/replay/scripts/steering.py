"""The control plane: worlds, clocks, scenarios, faults, the journal, snapshots; and what they do to the public API."""

from typing import Any

from tests import ids
from tools.replay.exchange import HOST, Request
from tools.replay.recorder import USER, Recorder
from tools.replay.servers import FROZEN, START

MINE = f"{USER}@w"
SCENARIOS = b"""
version: 1
scenarios:
  - {name: odd, when: {name: "Fast*", nth: 2}, exit_code: 3, results: [{path: odd.bin, size: 5000}]}
  - {name: sometimes, when: {name: "Fast*"}, mix: {fails: 1, succeeds: 1}}
  - {name: refused, kind: data_asset, when: {tag: refuse}, failure_reason: access denied}
  - {name: never, when: {capsule: 00000000-0000-4000-8000-000000000000}}
"""
BAD_SCENARIOS = (
    b"", b"{", b"version: 2\nscenarios: []",
    b"version: 1\nscenarios:\n  - {name: fails}\n  - {name: a, exit_code: x, no: 1}\n",
    b"version: 1\nscenarios:\n  - {name: a, like: nothing}\n  - {name: a, running: [2, 1]}\n", b"a: [1\nb: 2", b"\xff",
)  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"operation": "get_capsule", "first": 2, "status": 503},
    {"every": 2, "status": 429, "headers": {"Retry-After": "5"}},
    {"operation": "run_capsule", "nth": 1, "phase": "after", "close": True}, {"close": True, "times": 1},
    {"probability": 0.5, "status": 502, "message": "busy"}, {"after": "1s", "lasts": "5s", "status": 500},
    {"phase": "after", "truncate": 100}, {"malform": True, "entity": ids.CAPSULE.upper()}, {"latency": "5ms"},
    {"latency": [0, 0.01], "method": "get", "user": "demo-user@example.com"}, {"path": "/api/v1/cap*", "status": 418},
)  # fmt: skip
BAD_FAULTS: tuple[Any, ...] = (
    {}, [], {"status": 200}, {"status": 500, "close": True}, {"operation": "nothing", "status": 500},
    {"nth": 0, "close": True},
    {"truncate": 5}, {"status": 500, "headers": {"Date": "x"}}, {"message": "m", "close": True}, {"nosuch": 1}, b"{",
    {"nth": 1, "every": 1, "status": 500}, {"latency": "5x"}, {"probability": 2, "status": 500},
)  # fmt: skip
CLOCKS: tuple[Any, ...] = (
    {"mode": "frozen"}, {"mode": "frozen", "at": "2030-01-01"}, {"mode": "frozen", "at": START}, {"mode": "none"}, {},
    {"mode": "scaled"}, {"mode": "wall", "at": 1}, {"mode": "offset"}, {"mode": "frozen", "at": "5x"},
)  # fmt: skip
ADVANCES: tuple[Any, ...] = (
    {"by": "1h"}, {"by": 0}, {"to": "2031-01-01"}, {"to": 1}, {"next_change": True}, {"next_change": True, "by": "1s"},
    {},
    {"by": -1}, {"by": "5x"}, {"by": 1, "to": 2}, {"to": "2031-13-01"}, [],
)  # fmt: skip
CHECKS: tuple[Any, ...] = (
    {"check": "count", "match": {"operation": "run_capsule"}, "exactly": 1}, {"check": "count", "at_least": 1},
    {"check": "count", "match": {"status": "5xx"}, "at_most": 0}, {"check": "count"}, {"check": "none"},
    {"check": "order", "matches": [{"operation": "run_capsule"}, {"operation": "get_computation"}]},
    {"check": "order", "matches": [{"operation": "get_computation"}, {"operation": "delete_capsule"}]},
    {"check": "spacing", "match": {"operation": "get_capsule"}, "at_least": "5s"},
    {"check": "spacing", "match": {"operation": "delete_capsule"}, "at_most": "5s"},
    {"check": "final", "match": {"operation": "get_computation"}}, {"check": "retry_after", "clock": "world"},
    {"check": "unique"}, {"check": "unique", "match": {"operation": "run_capsule"}},
)  # fmt: skip
FILTERS = (
    "", "?limit=3", "?limit=0", "?operation=get_capsule", "?method=post&status=4xx", "?status=429", "?status=0",
    "?path=/api/v1/comp*", f"?entity={ids.CAPSULE}", "?user=demo-user@example.com", "?fault=*", "?fault=fault-1",
    "?after=5",
    "?after=x", "?nosuch=1",
)  # fmt: skip


def record(to: Recorder) -> None:
    """The control plane, on worlds of its own."""
    to.section = "worlds"
    _worlds(to)
    to.section = "clocks"
    for body in CLOCKS:
        to.control("PUT /worlds/w/clock", body)
        to.control("GET /worlds/w/clock")
    to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE)
    for body in ADVANCES:
        to.control("POST /worlds/w/clock/advance", body)
    to.section = "scenarios"
    _scenarios(to)
    to.section = "plans of runs"
    _plans(to)
    to.section = "faults"
    _faults(to)
    to.section = "the journal"
    _journal(to)
    to.section = "snapshots"
    _snapshots(to)
    to.section = "the end of worlds"
    _endings(to)


def _worlds(to: Recorder) -> None:
    for request in (
        "GET /health",
        "GET /openapi.json",
        "GET /nothing",
        "GET /",
        "DELETE /health",
        "GET /worlds",
        "GET /snapshots",
    ):
        to.control(request)
    for origin in ("https://example.com", "http://127.0.0.1:8000"):
        to.control("GET /worlds", headers=(("Origin", origin),))
    for host in ("example.com", "localhost:1", "[::1]:80", "x:y:z"):
        to.control("GET /worlds", headers=(("Host", host),))
    made: tuple[Any, ...] = (
        {"name": "w", "random_seed": 3, "clock": FROZEN}, {"name": "w"},
        {"name": "w", "random_seed": 3, "clock": FROZEN, "replace": True},
        {"name": "none", "seed": "empty", "clock": FROZEN}, {"name": "no good"},
        {"name": "x", "seed": "/nowhere.yaml"}, {},
        {"name": "x", "snapshot": "s"}, {"name": "x", "snapshot": "s", "seed": "demo"}, {"name": "x", "nosuch": 1},
        b"{",
        {"name": "x", "random_seed": -1}, {"name": "x", "clock": {"mode": "scaled"}},
    )  # fmt: skip
    for body in made:
        to.control("POST /worlds", body)
    for name in ("w", "none", "default", "nothing", "no%20good"):
        to.control(f"GET /worlds/{name}")
    for name in ("w", "none", "nothing", "no%20good"):
        to.control(f"GET /worlds/{name}/export")
    for token in (MINE, f"{USER}@none", "cop_demo_viewer@w", f"{USER}@", f"{USER}@no good", "cop_nobody@w"):
        to.api("POST /data_assets/search", {"limit": 2}, token=token)
        to.api(f"GET /capsules/{ids.CAPSULE}", token=token)


def _scenarios(to: Recorder) -> None:
    yaml = (("Content-Type", "application/yaml"),)
    to.control("GET /worlds/w/scenarios")
    for method in ("PUT", "POST"):
        to.control(f"{method} /worlds/w/scenarios?source=x.yaml", SCENARIOS, headers=yaml)
        for text in BAD_SCENARIOS:
            to.control(f"{method} /worlds/w/scenarios", text, headers=yaml)
    runs = [to.api("POST /computations", {"capsule_id": ids.FASTQC}, token=MINE).text("id") for _ in range(6)]
    asset = {"name": "n", "mount": "m", "tags": ["refuse"], "source": {"aws": {"bucket": "b"}}}
    refused = to.api("POST /data_assets", asset, token=MINE).text("id")
    to.control("GET /worlds/w/scenarios")
    to.control("POST /worlds/w/clock/advance", {"by": "1h"})
    for run in runs:
        to.api(f"GET /computations/{run}", token=MINE)
        to.api(f"POST /computations/{run}/results", token=MINE)
    to.api(f"GET /data_assets/{refused}", token=MINE)
    for request in ("DELETE /worlds/w/scenarios/odd", "DELETE /worlds/w/scenarios/odd", "GET /worlds/w/scenarios"):
        to.control(request)
    to.control("DELETE /worlds/w/scenarios")
    to.control("GET /worlds/w/scenarios")


def _plans(to: Recorder) -> None:
    run = to.api("POST /computations", {"capsule_id": ids.SLOW}, token=MINE).text("id")
    for key in (run, ids.PAST_RUN, ids.WORKSTATION, ids.NOBODYS, "x"):
        to.control(f"GET /worlds/w/computations/{key}")
    for key in (run, run, ids.PAST_RUN, ids.NOBODYS, "x"):
        to.control(f"POST /worlds/w/computations/{key}/stop")
    to.control(f"GET /worlds/w/computations/{run}")
    to.api(f"GET /computations/{run}", token=MINE)
    to.control("PUT /worlds/w/clock", {"mode": "skipping"})
    run = to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE).text("id")
    for _ in range(5):
        to.api(f"GET /computations/{run}", token=MINE)
        to.control("GET /worlds/w/clock")
    to.control("PUT /worlds/w/clock", {"mode": "frozen"})


def _faults(to: Recorder) -> None:
    for number, fault in enumerate(FAULTS):
        to.control("POST /worlds/w/faults", fault)
        for _ in range(4):
            to.api(f"GET /capsules/{ids.CAPSULE}", token=MINE)
            to.control("POST /worlds/w/clock/advance", {"by": "1s"})
        to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE)
        to.api("GET /nothing", token=MINE)
        to.control("GET /worlds/w/faults")
        to.control("DELETE /worlds/w/faults" if number % 2 else "DELETE /worlds/w/faults/fault-1")
    for body in BAD_FAULTS:
        to.control("POST /worlds/w/faults", body)
    cut = {"name": "cut", "operation": "get_file", "phase": "after", "truncate": 5}
    to.control("PUT /worlds/w/faults", {"faults": [cut]})
    url = to.api(f"GET /computations/{ids.PAST_RUN}/results/urls?path=table.csv", token=MINE).text("download_url")
    to.control("PUT /worlds/w/faults", {"faults": [{"name": "a", "status": 500, "operation": "nothing"}]})
    to.send(Request("GET", url.partition(HOST)[2] or "/missing"))
    to.control("DELETE /worlds/w/faults/nobody")
    to.control("PUT /worlds/w/faults", {"faults": []})


def _journal(to: Recorder) -> None:
    for query in FILTERS:
        to.control(f"GET /worlds/w/journal{query}")
    to.control("POST /worlds/w/journal/verify", {"checks": [one for one in CHECKS if len(one) > 1]})
    for check in CHECKS:
        to.control("POST /worlds/w/journal/verify", {"checks": [check]})
    for body in (
        {"match": {"operation": "run_capsule"}, "count": 2, "timeout": 0},
        {"match": {"operation": "x"}, "timeout": "0s"},
        {"match": {}, "count": 0}, {"match": {"nosuch": 1}}, {"match": {}, "timeout": "1h"}, {},
    ):  # fmt: skip
        to.control("POST /worlds/w/journal/wait", body)
    to.control("GET /worlds/default/journal?limit=10")
    to.control("DELETE /worlds/w/journal")
    to.control("GET /worlds/w/journal")


def _snapshots(to: Recorder) -> None:
    to.control("PUT /worlds/w/snapshots/s")
    to.control("GET /worlds/w/export")
    to.control("PUT /worlds/w/snapshots/no%20good")
    to.control("GET /snapshots")
    exported = to.control("GET /snapshots/s/file").body
    to.api(f"PATCH /computations/{ids.PAST_RUN}?name=after", token=MINE)
    to.control("POST /worlds/w/snapshots/nothing/load")
    to.control("POST /worlds/w/snapshots/s/load")
    to.api(f"GET /computations/{ids.PAST_RUN}", token=MINE)
    for name, content in (("copy", exported), ("broken", exported[:5000]), ("foreign", b"x" * 100), ("empty", b"")):
        to.control(f"PUT /snapshots/{name}/file", content, headers=(("Content-Type", "application/octet-stream"),))
    to.control("POST /worlds", {"name": "from-it", "snapshot": "copy"})
    for request in ("DELETE /snapshots/copy", "DELETE /snapshots/copy", "GET /snapshots/copy/file", "GET /snapshots"):
        to.control(request)


def _endings(to: Recorder) -> None:
    to.control("POST /worlds/w/reset")
    to.api(f"GET /computations/{ids.PAST_RUN}", token=MINE)
    to.api("POST /computations", {"capsule_id": ids.CAPSULE}, token=MINE)
    for name in ("from-it", "default", "nothing"):
        to.control(f"DELETE /worlds/{name}")
    to.control("POST /worlds/nothing/reset")
    to.control("GET /worlds")
    by_itself = Request("POST", "/api/v1/data_assets/search", f"{USER}@by-itself", {"limit": 1})
    to.send(by_itself, untimed=True)
