"""Steering worlds in the dashboard without scripts: everything is done on the page, and what destroys asks first."""

import httpx
import pytest

from mock_server.domain.scenarios import NAMES
from mock_server.ui.steering.scenario_words import DOES
from tests import ids
from tests.conftest import START, Client, HandClock, Server
from tests.control.conftest import Plane
from tests.ui.conftest import WORLD, Browser, started
from tests.ui.html import Page


def now(server: Server) -> float:
    return server.app.worlds.default.clock.now()


def key(browser: Browser, page: Page, ending: str, /, **fields: object) -> Page:
    """Press a key of the bar: of the buttons of its form, it alone is sent."""
    answer = browser.post(page.form(ending).action, data=fields, headers={"Referer": str(page.answer.url)})
    return Page(answer)


def described(page: Page, field: str) -> str:
    """What a page says of a field that is wrong: it has to be marked, tied to the text, and to have the keyboard."""
    [given] = [given for _, given in page.elements if given.get("id") == field]
    assert given["aria-invalid"] == "true"
    assert "autofocus" in given
    said = (given["aria-describedby"] or "").split()[0]
    assert [1 for _, given in page.elements if given.get("id") == said]
    return page.html.partition(f'id="{said}">')[2].partition("<")[0].replace("&#34;", '"')


@pytest.mark.parametrize(
    ("ending", "fields", "question"),
    [
        ("/world/reset", {}, "Reset the world default?"),
        ("/snapshots/save", {"name": "kept"}, "Replace the snapshot kept?"),
        ("/snapshots/load", {}, "Load the snapshot kept?"),
        ("/snapshots/delete", {}, "Delete the snapshot kept?"),
        ("/clock/real", {}, "Reset the world for real time?"),
    ],
)
def test_what_destroys_asks_first(
    browser: Browser, server: Server, ending: str, fields: dict[str, str], question: str
) -> None:
    browser.submit(browser.page("/world"), "/snapshots/save", name="kept")
    key(browser, browser.page("/world"), "/clock/step", by="1h")
    world = server.app.worlds.default
    before = (world.db.changes, world.clock.anchor, server.app.worlds.snapshots.all())
    page = browser.submit(browser.page("/world"), ending, **fields)
    assert question in page.text
    assert "Cancel" in page.text
    assert f"{WORLD}/world" in page.paths
    assert (world.db.changes, world.clock.anchor, server.app.worlds.snapshots.all()) == before
    assert question not in browser.agree(page).text


def test_a_question_is_for_the_dialog_of_a_page_with_scripts(browser: Browser) -> None:
    answer = browser.post(f"{WORLD}/world/reset", headers={"HX-Request": "true"})
    assert (answer.headers["hx-retarget"], answer.headers["hx-reselect"]) == ("#ask", "#question")
    assert "hx-retarget" not in browser.post(f"{WORLD}/world/reset").headers


@pytest.mark.parametrize("path", ["", "/capsules", f"/capsules/{ids.CAPSULE}", "/journal?status=5xx", "/world"])
def test_the_keys_of_the_clock_leave_the_browser_where_it_is(browser: Browser, server: Server, path: str) -> None:
    for by, seconds in (("1m", 60), ("1h", 3600), ("1d", 86400)):
        before = now(server)
        page = key(browser, browser.page(path), "/clock/step", by=by)
        assert page.answer.url.raw_path.decode() == f"{WORLD}{path}"
        assert "The clock moved by" in page.text
        assert now(server) == before + seconds


def test_the_clock_moves_to_the_next_change(browser: Browser, client: Client, server: Server) -> None:
    nothing = browser.page()
    assert [given for _, given in nothing.elements if given.get("id") == "step-next" and "disabled" in given]
    started(client, ids.CAPSULE)
    page = key(browser, browser.page(), "/clock/step", next_change=1)
    assert "initializing → running" in page.text
    assert START < now(server) < START + 5
    assert "finalizing → completed" in key(browser, page, "/clock/step", by="1h").text


def test_the_clock_runs_faster_stands_and_goes_on(browser: Browser, server: Server, clock: HandClock) -> None:
    page = key(browser, browser.page("/journal"), "/clock/pace", pace=60)
    assert "Running at 60 times real time" in page.text
    clock.advance(1)
    assert now(server) == START + 60
    page = key(browser, page, "/clock/pace", pace="freeze")
    assert "Frozen at" in page.text
    clock.advance(10)
    assert now(server) == START + 60
    page = key(browser, page, "/clock/pace", pace=1)
    clock.advance(1)
    assert now(server) == START + 61
    assert "49 s ahead of real time" in page.text
    assert "must be a number" in key(browser, page, "/clock/pace", pace="x").text


def test_a_clock_that_is_behind_shows_real_time_again(browser: Browser, server: Server, clock: HandClock) -> None:
    key(browser, browser.page(), "/clock/pace", pace="freeze")
    clock.advance(60)
    page = browser.submit(browser.page("/capsules"), "/clock/real")
    assert "The clock shows real time" in page.text
    assert page.answer.url.path == f"{WORLD}/capsules"
    assert now(server) == START + 60
    assert "in-force" not in page.html


def test_one_that_is_ahead_needs_a_reset(browser: Browser, server: Server, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    page = key(browser, browser.page("/capsules"), "/clock/step", by="1h")
    asked = browser.submit(page, "/clock/real")
    assert "1 h ahead of real time" in asked.text
    page = browser.agree(asked)
    assert page.answer.url.path == f"{WORLD}/capsules"
    assert now(server) == START
    client.ask("GET", f"/computations/{run}", 404)


def test_the_clock_is_moved_and_changed_by_what_is_typed(browser: Browser, server: Server) -> None:
    page = browser.submit(browser.page("/world"), "/clock/advance", by="1h30m")
    assert "by 1 h 30 min" in page.text
    assert now(server) == START + 5400
    browser.submit(browser.page("/world"), "/clock/advance", to="2030-01-01T00:00:00Z")
    assert now(server) == 1893456000
    assert "mode is frozen" in browser.submit(page, "/clock/mode", mode="frozen").text
    assert "60 times" in browser.submit(page, "/clock/mode", mode="scaled", scale="60").text


@pytest.mark.parametrize(
    ("ending", "fields", "field", "said"),
    [
        ("/clock/advance", {"by": "soon"}, "advance-by", 'By: not a duration: "soon"'),
        ("/clock/advance", {"to": "2020-01-01"}, "advance-to", "To: the clock would run backwards"),
        ("/clock/advance", {}, "advance-by", "By: fill in this"),
        ("/clock/mode", {"mode": "scaled"}, "mode-scale", "Speed (scaled): fill this in"),
        ("/clock/mode", {"mode": "scaled", "scale": "-1"}, "mode-scale", "Speed (scaled): more than 0"),
        ("/clock/mode", {"mode": "frozen", "offset": "1h"}, "mode-offset", "Ahead by (offset): does not go with"),
        ("/clock/mode", {"mode": "offset"}, "mode-offset", "Ahead by (offset): fill in this"),
        ("/clock/mode", {"mode": "frozen", "at": "2020-01-01"}, "mode-at", "Start at: the clock would run"),
        ("/world/faults", {"status": "99"}, "faults-status", "Status: at least 400"),
        ("/world/faults", {"status": "bad"}, "faults-status", "Status: not a whole number"),
        ("/world/faults", {"status": "503", "after": "x"}, "faults-after", "Start after: not a duration"),
        ("/world/faults", {"status": "503", "lasts": "x"}, "faults-lasts", "Duration: not a duration"),
        ("/world/faults", {"status": "503", "times": "0"}, "faults-times", "Max. hits: at least 1"),
        ("/world/faults", {"status": "503", "probability": "x"}, "faults-probability", "Probability: not a number"),
        (
            "/world/faults",
            {"status": "503", "nth": "1", "every": "2"},
            "faults-nth",
            "Only the nth: goes without Every",
        ),
        ("/world/faults", {"message": "busy"}, "faults-status", "Status: fill this in for a message"),
        ("/world/faults", {"status": "503", "headers": "x"}, "faults-headers", "Headers: not a header"),
        ("/world/faults", {}, "faults-status", "Status: say what happens"),
        (
            "/world/scenarios",
            {"text": "version: 1\nscenarios:\n  - nonsense: 1\n"},
            "scenarios-text",
            "Scenario file (YAML): ",
        ),
        ("/world/snapshots/save", {"name": "../x"}, "save-name", "Save this world as: "),
        ("/worlds/make", {"name": "default"}, "make-name", "Name: there is a world called default"),
        ("/worlds/make", {"name": "a b"}, "make-name", "Name: "),
        ("/worlds/make", {"name": "a", "random_seed": "x"}, "make-random_seed", "Random seed: not a whole number"),
        ("/worlds/make", {"name": "a", "seed": "none.yaml"}, "make-seed", "Seed: "),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    browser: Browser, ending: str, fields: dict[str, str], field: str, said: str
) -> None:
    page = browser.page("/worlds" if ending == "/worlds/make" else "/world")
    refused = browser.submit(page, ending, 400, **fields)
    assert said in described(refused, field)
    for name, typed in fields.items():
        assert refused.form(ending).fields.get(name) == typed or f">\n{typed}</textarea>" in refused.html
    assert browser.at(str(refused.answer.url)).answer.url.path == page.answer.url.path


def test_faults(browser: Browser, client: Client) -> None:
    page = browser.submit(
        browser.page("/world"),
        "/world/faults",
        operation="get_computation",
        status=503,
        message="busy",
        times=1,
        name="b",
        headers="Retry-After: 7\n X-Note:a:b",
    )
    assert "The fault b is set" in page.text
    assert "1 fault in force" in page.text
    answer = client.get(f"/computations/{ids.PAST_RUN}")
    assert (answer.status_code, answer.json()["message"]) == (503, "busy")
    assert (answer.headers["retry-after"], answer.headers["x-note"]) == ("7", "a:b")
    client.ask("GET", f"/computations/{ids.PAST_RUN}")
    page = browser.page("/world")
    assert "over" in page.text
    assert "in force" not in page.text
    assert "fault: b" in browser.page("/journal?fault=b").text
    assert "the operation itself" not in browser.page("/journal/2").text
    assert "The fault b has been removed" in browser.submit(browser.page("/world"), "/faults/remove", name="b").text
    browser.submit(browser.page("/world"), "/world/faults", close="1", name="c")
    assert "no fault called b" in browser.submit(browser.page("/world"), "/faults/remove", name="b").text


def test_a_fault_rests_and_goes_on(browser: Browser, client: Client) -> None:
    browser.submit(browser.page("/world"), "/world/faults", operation="get_computation", status=503, name="b")
    client.ask("GET", f"/computations/{ids.PAST_RUN}", 503)
    page = browser.submit(browser.page("/world"), "/faults/pause")
    assert "The fault b is paused" in page.text
    assert "in force" not in page.text
    client.ask("GET", f"/computations/{ids.PAST_RUN}")
    page = browser.submit(page, "/faults/pause")
    assert "The fault b goes on" in page.text
    assert "1 seen, 1 hit" in page.text
    client.ask("GET", f"/computations/{ids.PAST_RUN}", 503)


def test_presets_are_set_with_one_button_and_removed_with_another(
    browser: Browser, client: Client, clock: HandClock
) -> None:
    page = key(browser, browser.page("/world"), "/faults/preset", preset="rate-limit")
    answer = client.get(f"/computations/{ids.PAST_RUN}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    key(browser, page, "/faults/preset", preset="outage")
    client.ask("GET", f"/capsules/{ids.CAPSULE}", 503)
    clock.advance(11)
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    key(browser, page, "/faults/preset", preset="lost-answer")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/computations", json={"capsule_id": ids.CAPSULE})
    assert len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")) > 0
    key(browser, page, "/faults/preset", preset="slow")
    page = browser.page("/capsules")
    assert "2 faults in force" in page.text
    page = browser.submit(page, "/faults/remove")
    assert page.answer.url.path == f"{WORLD}/capsules"
    assert "All faults have been removed" in page.text
    assert "in force" not in page.text
    assert "no such preset" in key(browser, browser.page("/world"), "/faults/preset", preset="x").text


def test_scenarios(browser: Browser, client: Client) -> None:
    text = f"version: 1\nscenarios:\n  - name: quick\n    like: fails\n    when: {{capsule: {ids.CAPSULE}}}\n"
    page = browser.submit(browser.page("/world"), "/world/scenarios", text=text)
    assert "1 scenario loaded" in page.text
    run = started(client, ids.CAPSULE)
    assert "scenario quick" in browser.page(f"/computations/{run}").text
    page = browser.submit(browser.page("/world"), "/scenarios/forget")
    assert "The scenario quick has been removed" in page.text


def test_every_scenario_that_can_be_chosen_says_what_it_does() -> None:
    assert list(DOES) == list(NAMES)


@pytest.mark.parametrize("kind", ["capsule", "pipeline"])
def test_a_scenario_is_chosen_for_the_next_run(browser: Browser, client: Client, clock: HandClock, kind: str) -> None:
    which = {"capsule": ids.CAPSULE, "pipeline": ids.PIPELINE}[kind]
    page = browser.page(f"/{kind}s/{which}")
    page = key(browser, page, "/scenarios/choose", capsule=which, kind=kind, scenario="out-of-memory", span="next")
    assert page.answer.url.path == f"{WORLD}/{kind}s/{which}"
    assert "The next run: out-of-memory" in page.text
    other = ids.FASTQC if kind == "capsule" else ids.BOTH_PIPELINE
    runs = [client.ask("POST", "/computations", json={f"{kind}_id": one})["id"] for one in (other, which, which)]
    clock.advance(100)
    codes = [client.ask("GET", f"/computations/{run}")["exit_code"] for run in runs]
    assert codes == [0, 137, 0]
    assert "The next run:" not in browser.page(f"/{kind}s/{which}").text


def test_the_next_run_goes_before_all_and_one_capsule_before_any(
    browser: Browser, client: Client, clock: HandClock
) -> None:
    text = "version: 1\nscenarios:\n  - {name: odd, exit_code: 7, when: {name: '*'}}\n  - {name: odder, exit_code: 8}\n"
    browser.submit(browser.page("/world"), "/world/scenarios", text=text)
    world, own = browser.page("/world"), browser.page(f"/capsules/{ids.CAPSULE}")
    key(browser, own, "/scenarios/choose", capsule=ids.CAPSULE, kind="capsule", scenario="odder", span="all")
    key(browser, world, "/scenarios/choose", scenario="fails", span="next")
    key(browser, world, "/scenarios/choose", scenario="stopped", span="next")
    page = key(browser, world, "/scenarios/choose", scenario="out-of-memory", span="all")
    assert "The next run of any capsule or pipeline: stopped" in page.text
    runs = [started(client, one) for one in (ids.CAPSULE, ids.CAPSULE, ids.FASTQC)]
    clock.advance(100)
    found = [client.ask("GET", f"/computations/{run}") for run in runs]
    assert [(run["end_status"], run.get("exit_code")) for run in found][1:] == [("succeeded", 8), ("failed", 137)]
    assert found[0]["end_status"] == "stopped"
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    assert "All runs: odder" in page.text
    page = browser.submit(page, "/scenarios/forget")
    assert "has been removed" in page.text
    assert "All runs:" not in page.text
    odd = key(browser, world, "/scenarios/choose", capsule="a b" * 99, scenario="fails", span="next")
    assert "the form: line 1" in odd.text
    assert odd.answer.url.path == f"{WORLD}/world"
    assert "no scenario of runs called x" in key(browser, world, "/scenarios/choose", scenario="x", span="all").text


def test_snapshots_and_reset(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    assert "saved as kept" in browser.submit(browser.page("/world"), "/snapshots/save", name="kept").text
    assert "has been reset" in browser.act("/world", "/world/reset").text
    client.ask("GET", f"/computations/{run}", 404)
    assert "kept has been loaded" in browser.act("/world", "/snapshots/load").text
    client.ask("GET", f"/computations/{run}")
    assert "has been deleted" in browser.act("/world", "/snapshots/delete").text


def test_worlds(browser: Browser, server: Server) -> None:
    page = browser.submit(browser.page("/worlds"), "/make", name="ci", random_seed=3, mode="frozen")
    assert page.answer.url.path == f"{WORLD}/worlds"
    assert "The world ci has been created" in page.text
    page = browser.at("/_ui/worlds/ci")
    assert "cop_demo_user@ci" in page.text
    assert "Frozen at" in page.text
    back = browser.submit(page, "/switch", name="default")
    assert back.answer.url.path == WORLD
    with Plane(server.url) as plane:
        assert [world["name"] for world in plane.ask("GET", "/worlds")["worlds"]] == ["default", "ci"]
    reset = browser.agree(browser.submit(browser.page("/worlds"), "/ci/world/reset"))
    assert reset.answer.url.path == f"{WORLD}/worlds"
    assert "The world ci has been reset" in reset.text
    asked = browser.submit(browser.page("/worlds"), "/ci/world/drop")
    assert "has been dropped" in browser.agree(asked).text
    assert browser.at("/_ui/worlds/ci", 404).status == 404
    assert not [form for form in browser.page("/world").forms if form.action.endswith("/drop")]


def test_a_world_from_a_snapshot(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    browser.submit(browser.page("/world"), "/snapshots/save", name="kept")
    browser.submit(browser.page("/worlds"), "/make", name="copy", snapshot="kept")
    assert browser.at(f"/_ui/worlds/copy/computations/{run}").status == 200
