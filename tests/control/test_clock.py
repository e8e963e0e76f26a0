"""The clock over HTTP: five modes, jumps, what happens on the way, and everything that follows it."""

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import START, Client, HandClock
from tests.control.conftest import Plane, World, asset_of, started

LATEST = 253_402_300_799.0

MODES: list[dict[str, Any]] = [
    {"mode": "wall"},
    {"mode": "frozen"},
    {"mode": "frozen", "at": START + 5},
    {"mode": "offset", "offset": "1h"},
    {"mode": "offset", "at": START + 3600},
    {"mode": "scaled", "scale": 60},
    {"mode": "scaled", "scale": 0.5, "at": "2027-01-15T09:00:00Z"},
    {"mode": "skipping"},
    {"mode": "skipping", "at": START + 5},
]

SPEED = {"wall": 1.0, "frozen": 0.0, "offset": 1.0, "skipping": 0.0}


def state(client: Client, run: str) -> str:
    found: str = client.ask("GET", f"/computations/{run}")["state"]
    return found


@pytest.mark.parametrize("wish", MODES, ids=str)
def test_modes(world: World, clock: HandClock, wish: dict[str, Any]) -> None:
    shown = world.ask("PUT", "/clock", json=wish)
    begin = {"offset": START + 3600, "scaled": START + 3600}.get(wish["mode"], wish.get("at", START))
    begin = START if wish == {"mode": "scaled", "scale": 60} else begin
    speed = wish["scale"] if "scale" in wish else SPEED[wish["mode"]]
    assert (shown["mode"], shown["now"], shown["scale"]) == (wish["mode"], begin, speed)
    assert world.ask("GET", "/clock") == shown
    clock.advance(10)
    later = world.ask("GET", "/clock")
    assert later["now"] == pytest.approx(begin + 10 * speed)
    assert later["ahead"] == pytest.approx(later["now"] - clock.now)


def test_how_a_time_is_shown(own: World) -> None:
    shown = own.ask("PUT", "/clock", json={"mode": "frozen", "at": START + 0.25})
    assert shown == {
        "mode": "frozen", "now": START + 0.25, "iso": "2027-01-15T08:00:00.250Z",
        "scale": 0.0, "ahead": 0.25, "next_change": None,
    }  # fmt: skip


def test_a_change_of_mode_is_no_jump(world: World, clock: HandClock) -> None:
    world.ask("PUT", "/clock", json={"mode": "scaled", "scale": 100})
    clock.advance(10)
    for mode in ("frozen", "skipping"):
        assert world.ask("PUT", "/clock", json={"mode": mode})["now"] == START + 1000
        clock.advance(10)
    assert world.ask("PUT", "/clock", json={"mode": "scaled", "scale": 1})["now"] == START + 1000


def test_a_skipping_clock_moves_with_each_poll(client: Client, world: World, clock: HandClock) -> None:
    world.ask("PUT", "/clock", json={"mode": "skipping"})
    run = started(client)
    plan = world.ask("GET", f"/computations/{run}")
    seen = []
    for _ in range(6):
        now = world.ask("GET", "/clock")["now"]
        seen.append((state(client, run), now))
    edges = [stage["until"] for stage in plan["stages"]]
    times = [START, *edges, edges[-1], edges[-1]]
    states = ["initializing", "running", "finalizing", *["completed"] * 3]
    assert seen == list(zip(states, times, strict=True))


@pytest.mark.parametrize("kind", ["data_asset", "release"])
def test_a_skipping_clock_moves_with_polls_of_other_things(user: Client, own: World, kind: str) -> None:
    own.ask("PUT", "/clock", json={"mode": "skipping"})
    if kind == "data_asset":
        path, field = f"/data_assets/{asset_of(user)}", "state"
    else:
        started(user)
        own.advance(by=60)
        job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release")["job_id"]
        path, field = f"/capsules/{ids.CAPSULE}/release/{job}", "status"
    before = own.ask("GET", "/clock")["now"]
    seen = [user.ask("GET", path)[field] for _ in range(4)]
    assert seen == (["draft", *["ready"] * 3] if kind == "data_asset" else ["created", "started", *["completed"] * 2])
    assert own.ask("GET", "/clock")["now"] > before


def test_a_search_moves_no_skipping_clock(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "skipping"})
    asset_of(user)
    for _ in range(3):
        user.ask("POST", "/data_assets/search", json={})
        user.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    assert own.ask("GET", "/clock")["now"] == START


@pytest.mark.parametrize(
    ("wish", "reached"),
    [
        ({"by": 1}, START + 1),
        ({"by": 0}, START),
        ({"by": "1h30m"}, START + 5400),
        ({"by": "250ms"}, START + 0.25),
        ({"to": START}, START),
        ({"to": START + 7}, START + 7),
        ({"to": "2027-01-15T08:00:07Z"}, START + 7),
        ({"to": "2027-01-15T09:00:07+01:00"}, START + 7),
        ({"to": "2027-01-15T08:00:07"}, START + 7),
        ({"to": "2027-01-16"}, START + 57600),
        ({"to": LATEST}, LATEST),
        ({"next_change": True}, START),
        ({"by": 3, "next_change": True}, START + 3),
    ],
    ids=str,
)
def test_advance(own: World, wish: dict[str, Any], reached: float) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    moved = own.ask("POST", "/clock/advance", json=wish)
    assert (moved["before"], moved["now"], moved["changes"], moved["more"]) == (START, reached, [], 0)
    assert own.ask("GET", "/clock")["now"] == reached


def test_a_running_clock_runs_on_after_a_jump(world: World, clock: HandClock) -> None:
    world.ask("PUT", "/clock", json={"mode": "scaled", "scale": 10})
    clock.advance(1)
    assert world.advance(by=100)["now"] == START + 110
    clock.advance(1)
    shown = world.ask("GET", "/clock")
    assert (shown["mode"], shown["now"], shown["ahead"]) == ("scaled", START + 120, 118)


def test_advance_tells_what_happened(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    own.load("version: 1\nscenarios: [{name: own, kind: attachment, when: {name: '*'}, mounting: 5}]")
    run = started(user)
    asset = asset_of(user, name="my data")
    [attached] = user.ask("POST", f"/capsules/{ids.ORDERED}/data_assets", json=[{"id": ids.IRIS, "mount": "flowers"}])
    name = user.ask("GET", f"/computations/{run}")["name"]
    moved = own.advance(by="1m")
    assert [change["at"] for change in moved["changes"]] == sorted(change["at"] for change in moved["changes"])
    assert all(START < change["at"] < START + 60 for change in moved["changes"])
    told = [tuple(change[key] for key in ("kind", "entity", "before", "after")) for change in moved["changes"]]
    assert [change for change in told if change[0] == "computation"] == [
        ("computation", run, "initializing", "running"),
        ("computation", run, "running", "finalizing"),
        ("computation", run, "finalizing", "completed"),
    ]
    assert ("data_asset", asset, "draft", "ready") in told
    assert ("attachment", attached["id"], "mounting", "mounted") in told
    assert len(told) == 5
    by_kind = {change["kind"]: change for change in moved["changes"]}
    assert {kind: (change["name"], change["of"]) for kind, change in by_kind.items()} == {
        "computation": (name, ids.CAPSULE),
        "data_asset": ("my data", None),
        "attachment": ("flowers", ids.ORDERED),
    }
    assert own.advance(by="1m")["changes"] == []


def test_a_release_is_told_of_too(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    started(user)
    own.advance(by="1m")
    job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release")["job_id"]
    changes = own.advance(by="1m")["changes"]
    told = [(change["kind"], change["entity"], change["of"], change["after"]) for change in changes]
    assert [change for change in told if change[0] == "release"] == [
        ("release", job, ids.CAPSULE, "started"),
        ("release", job, ids.CAPSULE, "completed"),
    ]
    [run] = user.ask("GET", f"/capsules/{ids.RELEASE}/computations")
    assert [change for change in told if change[0] != "release"] == [
        ("computation", run["id"], ids.RELEASE, "running"),
        ("computation", run["id"], ids.RELEASE, "completed"),
    ]


def test_from_change_to_change(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    runs = [started(user) for _ in range(3)]
    seen = []
    while (due := own.ask("GET", "/clock")["next_change"]) is not None:
        moved = own.advance(next_change=True)
        assert moved["now"] == due
        assert moved["changes"]
        for change in moved["changes"]:
            assert change["at"] == due
            assert state(user, change["entity"]) == change["after"]
        seen += [(change["entity"], change["after"]) for change in moved["changes"]]
    assert sorted(seen) == sorted((run, after) for run in runs for after in ("running", "finalizing", "completed"))
    assert own.advance(next_change=True)["changes"] == []


def test_the_later_of_a_duration_and_the_next_change(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    run = started(user, capsule_id=ids.SLOW)
    due = own.ask("GET", "/clock")["next_change"]
    assert START + 1 <= due <= START + 1.5
    assert own.advance(by=0.5, next_change=True)["now"] == due
    assert state(user, run) == "running"
    assert own.advance(by="9h", next_change=True)["now"] == due + 9 * 3600
    assert state(user, run) == "completed"


def test_many_changes_are_counted_and_a_thousand_are_listed(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    for _ in range(350):
        started(user)
    moved = own.advance(by="1m")
    assert (len(moved["changes"]), moved["more"]) == (1000, 50)


@pytest.mark.parametrize(
    ("method", "path", "wish"),
    [
        ("PUT", "/clock", {"mode": "wall"}),
        ("PUT", "/clock", {"mode": "frozen", "at": START + 99.9}),
        ("PUT", "/clock", {"mode": "offset", "offset": 0}),
        ("PUT", "/clock", {"mode": "offset", "at": START}),
        ("PUT", "/clock", {"mode": "scaled", "scale": 2, "at": 0}),
        ("PUT", "/clock", {"mode": "skipping", "at": "1970-01-01"}),
        ("POST", "/clock/advance", {"to": START + 99.9}),
    ],
    ids=str,
)
def test_never_backwards(own: World, method: str, path: str, wish: dict[str, Any]) -> None:
    before = own.ask("PUT", "/clock", json={"mode": "frozen", "at": START + 100})
    message = own.refused(method, path, json=wish)
    assert message.startswith("the clock would run backwards by ")
    assert ("; scaled with scale 1 " in message) == (wish.get("mode") in ("wall", "offset"))
    assert own.ask("GET", "/clock") == before


def test_a_clock_that_stood_can_catch_up_with_real_time(world: World, clock: HandClock) -> None:
    world.ask("PUT", "/clock", json={"mode": "frozen"})
    clock.advance(50)
    shown = world.ask("PUT", "/clock", json={"mode": "wall"})
    assert (shown["mode"], shown["now"], shown["ahead"]) == ("wall", START + 50, 0)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({}, "mode: "),
        ({"mode": "fast"}, "mode: "),
        ({"mode": "wall", "at": START}, "at does not go with the mode wall"),
        ({"mode": "frozen", "scale": 2}, "scale does not go with the mode frozen"),
        ({"mode": "offset"}, "the mode offset needs either offset or at"),
        ({"mode": "offset", "offset": 1, "at": START}, "the mode offset needs either offset or at"),
        ({"mode": "scaled"}, "the mode scaled needs scale"),
        ({"mode": "scaled", "scale": 0}, "scale: "),
        ({"mode": "scaled", "scale": -1}, "scale: "),
        ({"mode": "scaled", "scale": 1e7}, "scale: "),
        ({"mode": "frozen", "at": "soon"}, "at: not a time"),
        ({"mode": "frozen", "at": -1}, "at: not a time"),
        ({"mode": "frozen", "at": LATEST + 1}, "at: not a time"),
        ({"mode": "frozen", "at": True}, "at: not a number"),
        ({"mode": "frozen", "at": 10**400}, "at: not a time"),
        ({"mode": "offset", "offset": "-1h"}, "offset: not a duration"),
        ({"mode": "offset", "offset": 1e11}, "offset: not a duration"),
        ({"mode": "wall", "speed": 1}, "speed: "),
    ],
    ids=str,
)
def test_wishes_that_make_no_sense(still: Plane, wish: dict[str, Any], message: str) -> None:
    world = still.of("default")
    before = world.ask("GET", "/clock")
    assert world.refused("PUT", "/clock", json=wish).startswith(message)
    assert world.ask("GET", "/clock") == before


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({}, "needs by, to or next_change"),
        ({"next_change": False}, "needs by, to or next_change"),
        ({"by": 1, "to": START}, "to goes with nothing else"),
        ({"to": START, "next_change": True}, "to goes with nothing else"),
        ({"by": "1 fortnight"}, "by: not a duration"),
        ({"by": ""}, "by: not a duration"),
        ({"by": -1}, "by: not a duration"),
        ({"by": False}, "by: not a number"),
        ({"by": [1]}, "by: "),
        ({"by": 10**400}, "by: not a duration"),
        ({"to": "2027-13-01"}, "to: not a time"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "to: not a time"),
        ({"to": 1e300}, "to: not a time"),
    ],
    ids=str,
)
def test_jumps_that_make_no_sense(still: Plane, wish: dict[str, Any], message: str) -> None:
    world = still.of("default")
    assert world.refused("POST", "/clock/advance", json=wish).startswith(message)
    assert world.ask("GET", "/clock")["now"] == START


def test_there_is_nothing_after_the_last_time(client: Client, world: World, clock: HandClock) -> None:
    run = started(client, capsule_id=ids.SLOW)
    world.ask("PUT", "/clock", json={"mode": "scaled", "scale": 1_000_000, "at": LATEST})
    clock.advance(10)
    assert world.ask("GET", "/clock")["now"] == LATEST
    assert world.refused("POST", "/clock/advance", json={"by": 1}) == "the clock stops at the end of the year 9999"
    assert state(client, run) == "completed"
    started(client)
    assert client.get(f"/capsules/{ids.CAPSULE}").headers["Date"] == "Fri, 31 Dec 9999 23:59:59 GMT"


def test_a_skipping_clock_stands_at_the_end_of_time(client: Client, world: World) -> None:
    world.ask("PUT", "/clock", json={"mode": "skipping", "at": LATEST - 2})
    run = started(client)
    seen = [state(client, run) for _ in range(4)]
    assert seen == ["initializing", *["running"] * 3]
    clock = world.ask("GET", "/clock")
    assert (clock["now"] < LATEST, clock["next_change"]) == (True, None)
    assert world.ask("POST", "/clock/advance", json={"next_change": True})["changes"] == []


def test_everything_follows_the_clock(user: Client, own: World) -> None:
    run = started(user)
    there = START + 1000
    own.ask("PUT", "/clock", json={"mode": "frozen", "at": there})
    later = user.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert later["created"] == there
    answer = user.get(f"/computations/{run}")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == there
    assert answer.json()["state"] == "completed"
    asset = user.ask("GET", f"/data_assets/{asset_of(user)}")
    assert asset["created"] == there
    own.advance(by=3)
    assert user.ask("GET", f"/computations/{later['id']}")["run_time"] == 3
    user.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}]})
    assert user.ask("GET", f"/data_assets/{ids.IRIS}")["last_used"] == there + 3


def test_signed_urls_expire_on_the_clock(user: Client, own: World) -> None:
    own.ask("PUT", "/clock", json={"mode": "frozen"})
    run = started(user)
    own.advance(by="1m")
    urls = user.ask("GET", f"/computations/{run}/results/urls", params={"path": "table.csv"})
    lasts = int(httpx.URL(urls["download_url"]).params["X-Amz-Expires"])
    own.advance(by=lasts - 1)
    assert httpx.get(urls["download_url"]).status_code == 200
    own.advance(by=2)
    expired = httpx.get(urls["download_url"])
    assert expired.status_code == 403
    assert parsedate_to_datetime(expired.headers["Date"]).timestamp() == START + 60 + lasts + 1
