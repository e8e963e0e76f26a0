"""Steering worlds in the dashboard: each change asks first, and is what the control plane would do."""

import pytest

from tests import ids
from tests.conftest import START, Client, Server
from tests.control.conftest import Plane
from tests.ui.conftest import WORLD, Browser, started


def now(server: Server) -> float:
    return server.app.worlds.default.clock.now()


@pytest.mark.parametrize(
    ("ending", "fields", "question"),
    [
        ("/world/clock", {"mode": "frozen"}, "Change how the clock runs?"),
        ("/world/clock/advance", {"by": "1h", "next_change": ""}, "Move the clock?"),
        ("/world/faults", {"status": "503"}, "Set this fault?"),
        ("/world/scenarios", {"text": "version: 1"}, "Load these scenarios?"),
        ("/world/snapshots/save", {"name": "kept"}, "Save the world as kept?"),
        ("/world/reset", {}, "Reset the world default?"),
    ],
)
def test_what_changes_asks_first(
    browser: Browser, server: Server, ending: str, fields: dict[str, str], question: str
) -> None:
    world = server.app.worlds.default
    before = (world.db.changes, world.clock.anchor, len(world.faults), server.app.worlds.snapshots.all())
    page = browser.submit(browser.page("/world"), ending, **fields)
    assert question in page.text
    assert "Cancel" in page.text
    assert f"{WORLD}/world" in page.paths
    assert (world.db.changes, world.clock.anchor, len(world.faults), server.app.worlds.snapshots.all()) == before


def test_the_clock(browser: Browser, client: Client, server: Server) -> None:
    run = started(client, ids.CAPSULE)
    page = browser.act("/world", "/clock", mode="frozen")
    assert "The clock is frozen" in page.text
    page = browser.act("/world", "/clock/advance")
    assert "initializing → running" in page.text
    assert START < now(server) < START + 5
    page = browser.agree(browser.submit(browser.page("/world"), "/clock/advance", next_change="", by="1h30m"))
    assert "completed" in page.text
    assert now(server) > START + 5400
    assert client.ask("GET", f"/computations/{run}")["state"] == "completed"
    browser.agree(browser.submit(browser.page("/world"), "/clock/advance", next_change="", to="2030-01-01T00:00:00Z"))
    assert now(server) == 1893456000
    back = browser.submit(browser.page("/world"), "/clock/advance", next_change="", to="2020-01-01")
    assert "run backwards" in browser.agree(back, 400).text
    page = browser.act("/world", "/clock", mode="scaled", scale="60")
    assert "60 times" in page.text
    assert "needs scale" in browser.submit(page, "/clock", 400, mode="scaled", scale="").text
    assert "not a duration" in browser.submit(page, "/clock/advance", 400, next_change="", by="soon").text


def test_faults(browser: Browser, client: Client) -> None:
    page = browser.act(
        "/world",
        "/faults",
        operation="get_computation",
        status=503,
        message="busy",
        times=1,
        name="b",
        headers="Retry-After: 7\n X-Note:a:b",
    )
    assert "The fault b is set" in page.text
    answer = client.get(f"/computations/{ids.PAST_RUN}")
    assert (answer.status_code, answer.json()["message"]) == (503, "busy")
    assert (answer.headers["retry-after"], answer.headers["x-note"]) == ("7", "a:b")
    client.ask("GET", f"/computations/{ids.PAST_RUN}")
    page = browser.page("/world")
    assert "over" in page.text
    assert "fault: b" in browser.page("/journal?fault=b").text
    assert "the operation itself" not in browser.page("/journal/2").text
    browser.act("/world", "/faults", close="1", name="c")
    assert "Forgot the fault b" in browser.act("/world", "/faults/forget").text
    last = browser.submit(browser.page("/world"), "/faults/forget", name="")
    assert "Forgot all faults" in browser.agree(last).text
    assert "the form: does nothing" in browser.submit(browser.page("/world"), "/faults", 400).text
    assert "whole number" in browser.submit(browser.page("/world"), "/faults", 400, status="bad").text


def test_scenarios(browser: Browser, client: Client) -> None:
    text = f"version: 1\nscenarios:\n  - name: quick\n    like: fails\n    when: {{capsule: {ids.CAPSULE}}}\n"
    page = browser.act("/world", "/scenarios", text=text)
    assert "1 scenario loaded" in page.text
    run = started(client, ids.CAPSULE)
    assert "scenario quick" in browser.page(f"/computations/{run}").text
    wrong = browser.submit(page, "/scenarios", text="version: 1\nscenarios:\n  - nonsense: 1\n")
    assert "line 3" in browser.agree(wrong, 400).text
    assert "Forgot the scenario quick" in browser.act("/world", "/scenarios/forget").text


def test_snapshots_and_reset(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    assert "saved as kept" in browser.act("/world", "/snapshots/save", name="kept").text
    assert "as it was at first" in browser.act("/world", "/world/reset").text
    client.ask("GET", f"/computations/{run}", 404)
    assert "as it was saved as kept" in browser.act("/world", "/snapshots/load").text
    client.ask("GET", f"/computations/{run}")
    assert "takes the place" in browser.submit(browser.page("/world"), "/snapshots/save", name="kept").text
    assert "has been deleted" in browser.act("/world", "/snapshots/delete").text
    missing = browser.submit(browser.page("/world"), "/snapshots/save", name="../x")
    assert "the name of" in browser.agree(missing, 400).text


def test_worlds(browser: Browser, server: Server) -> None:
    page = browser.submit(browser.page("/worlds"), "/make", name="ci", random_seed=3, mode="frozen")
    assert page.answer.url.path == "/_ui/worlds/ci"
    assert "cop_demo_user@ci" in page.text
    assert "frozen" in page.text
    again = browser.submit(browser.page("/worlds"), "/make", 409, name="ci")
    assert "there is a world called ci" in again.text
    back = browser.submit(page, "/switch", name="default")
    assert back.answer.url.path == WORLD
    with Plane(server.url) as plane:
        assert [world["name"] for world in plane.ask("GET", "/worlds")["worlds"]] == ["default", "ci"]
    asked = browser.submit(browser.at("/_ui/worlds/ci/world"), "/drop")
    assert "has been dropped" in browser.agree(asked).text
    assert browser.at("/_ui/worlds/ci", 404).status == 404
    assert not [form for form in browser.page("/world").forms if form.action.endswith("/drop")]


def test_a_world_from_a_snapshot(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    browser.act("/world", "/snapshots/save", name="kept")
    page = browser.submit(browser.page("/worlds"), "/make", name="copy", snapshot="kept")
    assert page.answer.url.path == "/_ui/worlds/copy"
    assert browser.at(f"/_ui/worlds/copy/computations/{run}").status == 200
