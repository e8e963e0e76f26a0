"""Driven runs and data assets in the dashboard: who drives them, their log, and the forms that do it by hand."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane, World
from tests.ui.conftest import Browser, captured, started
from tests.ui.html import Page

DRIVEN = "version: 1\nscenarios: [{name: by-hand, like: driven, when: {name: '*'}}]"


@pytest.fixture
def plane(server: Server) -> Iterator[Plane]:
    with Plane(server.url) as plane:
        yield plane


@pytest.fixture
def world(plane: Plane) -> World:
    world = plane.of("default")
    world.load(DRIVEN)
    return world


@pytest.fixture
def run(world: World, client: Client) -> str:
    return started(client, ids.CAPSULE)


@pytest.fixture
def where(run: str) -> str:
    return f"/computations/{run}"


def claimed(plane: Plane, **more: Any) -> Any:
    return plane.ask("POST", "/work/claim", json={"runner": "tübingen-1"} | more)["work"]


def finished(browser: Browser, where: str, **fields: Any) -> Page:
    return browser.submit(browser.page(where), "/finish", **fields)


def log_of(page: Page) -> str:
    return re.sub(r"^.*<pre class=\"log\"[^>]*>\n<span>|</span></pre>.*$", "", page.html, flags=re.DOTALL)


def test_no_end_is_planned_for_a_driven_run(browser: Browser, where: str, clock: HandClock) -> None:
    clock.advance(4000)
    page = browser.page(where)
    assert "no planned end" in page.text
    [timeline] = [given["aria-label"] for tag, given in page.elements if given.get("class") == "timeline"]
    assert timeline == "initializing, then an end that is not planned"
    assert "planned for" not in page.text


def test_a_run_is_driven_from_its_start_to_its_end(browser: Browser, client: Client, run: str, where: str) -> None:
    page = browser.submit(browser.page(where), "/progress")
    assert "The run is running." in page.text
    assert client.ask("GET", where)["state"] == "running"
    assert "driven by hand" in page.text
    page = browser.submit(page, "/lines", text="first\r\n  second <b>")
    assert log_of(page) == "first\n  second &lt;b&gt;\n"
    page = browser.submit(page, "/results", path="deep/table.csv", content=" a,b\r\n1,2\r\n")
    assert "1 file of 9" in page.text
    page = browser.submit(page, "/progress")
    assert client.ask("GET", where)["state"] == "finalizing"
    assert [form for form in page.forms if form.action.endswith("/progress")] == []
    page = browser.submit(page, "/finish", exit_code=3)
    assert "The run has ended." in page.text
    assert "failed state completed, exit code 3" in page.text
    ended = client.ask("GET", where)
    assert (ended["end_status"], ended["exit_code"], ended["has_results"]) == ("failed", 3, True)
    assert log_of(page) == "first\n  second &lt;b&gt;\n"
    assert [form.action for form in page.forms if form.action.endswith(("/lines", "/finish", "/results"))] == []
    assert browser.get(f"/_ui/worlds/default{where}/raw?path=deep/table.csv").content == b" a,b\n1,2\n"
    assert browser.get(f"/_ui/worlds/default{where}/log").content == b"first\n  second <b>\n"


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, ("completed", "succeeded", 0, False)),
        ({"end_status": "stopped", "exit_code": ""}, ("completed", "stopped", None, False)),
        ({"exit_code": "-9", "has_results": "yes"}, ("completed", "failed", -9, True)),
        ({"state": "failed"}, ("failed", None, None, False)),
    ],
)
def test_a_run_ends_as_the_form_says(
    browser: Browser, client: Client, where: str, fields: dict[str, str], end: tuple[str, str | None, int | None, bool]
) -> None:
    finished(browser, where, **fields)
    run = client.ask("GET", where)
    assert tuple(run.get(name) for name in ("state", "end_status", "exit_code", "has_results")) == end


def test_results_that_were_put_in_can_be_dropped(browser: Browser, client: Client, where: str) -> None:
    browser.submit(browser.page(where), "/results", path="a.txt", content="a")
    page = finished(browser, where, has_results="no")
    assert client.ask("GET", where)["has_results"] is False
    assert "a.txt" not in page.text


@pytest.mark.parametrize(
    ("form", "fields", "problem"),
    [
        ("/progress", {"state": "completed"}, "the form: state: must be 'running' or 'finalizing'"),
        ("/lines", {"text": ""}, "Lines for the log: enter at least one line"),
        ("/results", {"path": " ", "content": "x"}, "Path of a result file: the path of a result file is empty"),
        ("/results", {"path": "output", "content": "x"}, '"output" is the log of the run'),
        ("/results", {"path": "../up", "content": "x"}, "path climbs out of the folder"),
        ("/finish", {"exit_code": "three"}, "Exit code: not a whole number"),
        ("/finish", {"exit_code": str(2**40)}, "Exit code: less than 2"),
        ("/finish", {"end_status": "great"}, "End status: must be"),
        ("/finish", {"exit_code": ""}, "Exit code: needs exit_code or end_status"),
    ],
)
def test_wrong_input_is_said_where_it_was_filled_in(
    browser: Browser, client: Client, where: str, form: str, fields: dict[str, str], problem: str
) -> None:
    before = client.ask("GET", where)
    refused = browser.submit(browser.page(where), form, 400, **fields)
    assert problem in refused.text
    assert "Drive it by hand" in refused.text
    kept = refused.form(form).fields
    assert kept | {name: fields[name] for name in ("exit_code", "path") if name in fields} == kept
    if "content" in fields:
        assert f"{fields['content']}</textarea>" in refused.html
    assert client.ask("GET", where) == before
    # Who comes back to the address of a form is led to the page.
    assert browser.at(str(refused.answer.url)).answer.url.path.endswith(where)


def test_a_run_that_has_ended_meanwhile_says_so(browser: Browser, client: Client, where: str) -> None:
    page = browser.page(where)
    finished(browser, where)
    refused = browser.submit(page, "/lines", 409, text="late")
    assert "the run has ended: completed, succeeded" in refused.text
    assert "Drive it by hand" not in refused.text
    client.ask("DELETE", where, 204)
    assert browser.submit(page, "/lines", 404, text="late").status == 404


def test_only_who_may_change_a_run_drives_it(browser: Browser, client: Client, where: str) -> None:
    page = browser.page(where)
    browser.submit(page, "/user", token="cop_demo_readonly")
    for form, fields in (("/progress", {}), ("/lines", {"text": "x"}), ("/results", {"path": "x"}), ("/finish", {})):
        refused = browser.submit(page, form, 403, **fields)
        assert "lacks the scope capsule:write" in refused.text
    assert client.ask("GET", where)["state"] == "initializing"


def test_who_executes_a_run_is_said_wherever_runs_are_listed(
    browser: Browser, client: Client, plane: Plane, world: World, where: str
) -> None:
    for path in ("", "/computations", f"/capsules/{ids.CAPSULE}", where):
        assert "waiting for a runner" in browser.page(path).text
    work = claimed(plane, retries=1)
    assert plane.ask("GET", f"/worlds/default{where}")["attempts"] == 1
    for path in ("", "/computations", where):
        assert "executed by tübingen-1" in browser.page(path).text
    assert "A runner executes this run" in browser.page(where).text
    plane.ask("DELETE", f"/worlds/default{where}/lease?lease={work['lease']}", 204)
    assert "waiting for a runner (attempt 2)" in browser.page(where).text
    claimed(plane)
    assert "executed by tübingen-1 , attempt 2" in browser.page("/computations").text
    finished(browser, where)
    for path in ("/computations", where):
        assert "executed by" not in browser.page(path).text


def test_a_stop_ends_a_run_that_a_runner_executes(
    browser: Browser, client: Client, plane: Plane, world: World, where: str
) -> None:
    work = claimed(plane)
    lease = f"{where}/lease?lease={work['lease']}"
    world.ask("POST", f"{where}/log?lease={work['lease']}", content="counting\n")
    assert world.ask("PUT", lease, json={})["go_on"] is True
    asked = browser.submit(browser.page(where), "/stop")
    assert "Its log and the files added to it are kept" in asked.text
    page = browser.agree(asked)
    assert client.ask("GET", where)["end_status"] == "stopped"
    assert log_of(page) == "counting\n"
    assert world.ask("PUT", lease, json={}) == {"go_on": False, "reason": "stopped"}


def test_of_a_long_log_the_end_is_shown(browser: Browser, world: World, where: str) -> None:
    lines = [f"line {number} é\n" for number in range(150_000)]
    whole = "".join(lines).encode()
    half = len(whole) // 2
    for piece in (whole[:half], whole[half:]):
        world.ask("POST", f"{where}/log", content=piece)
    page = browser.page(where)
    shown = log_of(page)
    assert len(page.html) < 100_000
    assert shown.startswith("line 1")
    assert shown.endswith(lines[-1])
    assert whole.endswith(shown.encode())
    assert "Showing its end." in page.text
    answer = browser.get(f"/_ui/worlds/default{where}/log")
    assert answer.content == whole
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in answer.headers["content-security-policy"]
    finished(browser, where)
    assert log_of(browser.page(where)) == shown


@pytest.mark.parametrize(
    "log", [b"\n\n first", b"\xff\xfe\x00 \x1b[31mred", "é".encode() * 100_000, b"x</pre><script>"]
)
def test_any_bytes_are_a_log(browser: Browser, world: World, where: str, log: bytes) -> None:
    world.ask("POST", f"{where}/log", content=log)
    page = browser.page(where)
    assert page.open == []
    assert len([tag for tag, _ in page.elements if tag == "script"]) == 5
    assert browser.get(f"/_ui/worlds/default{where}/log").content == log


def test_a_run_that_is_not_driven_has_no_forms(browser: Browser, client: Client) -> None:
    page = browser.page(f"/computations/{started(client, ids.CAPSULE)}")
    assert "Drive it by hand" not in page.text
    assert "Nothing has been written yet" in page.text


def test_a_run_without_a_log_has_none_on_its_page(browser: Browser, client: Client) -> None:
    where = f"/computations/{started(client, ids.CAPSULE)}"
    browser.agree(browser.submit(browser.page(where), "/stop"))
    assert 'sse-swap="log"' not in browser.page(where).html
    assert "the run has no log" in browser.page(f"{where}/log", 409).text


@pytest.fixture
def draft(client: Client) -> str:
    return f"/data_assets/{captured(client, ids.PAST_RUN, tags=['mock:scenario=driven'])}"


def test_a_data_asset_is_made_ready_by_hand(browser: Browser, client: Client, draft: str, clock: HandClock) -> None:
    clock.advance(4000)
    page = browser.page(draft)
    assert "Drive it by hand" in page.text
    page = browser.submit(page, "/finish")
    assert client.ask("GET", draft)["state"] == "ready"
    assert "The data asset is ready." in page.text
    assert "Drive it by hand" not in page.text


def test_a_data_asset_fails_by_hand_for_a_reason(browser: Browser, client: Client, draft: str) -> None:
    page = browser.page(draft)
    refused = browser.submit(page, "/finish", 400, state="failed")
    assert "Failure reason: fill this in" in refused.text
    assert client.ask("GET", draft)["state"] == "draft"
    failed = browser.submit(page, "/finish", state="failed", failure_reason="the disk is full")
    assert "the disk is full" in failed.text
    assert client.ask("GET", draft)["failure_reason"] == "the disk is full"
    refused = browser.submit(page, "/finish", 409)
    assert "the data asset is failed already" in refused.text


def test_a_data_asset_that_is_not_driven_has_no_forms(browser: Browser, client: Client) -> None:
    where = f"/data_assets/{captured(client, ids.PAST_RUN)}"
    assert "Drive it by hand" not in browser.page(where).text


def statements(server: Server, browser: Browser, path: str) -> list[str]:
    connection = server.app.worlds.default.db._connection
    traced: list[str] = []
    browser.page(path)
    connection.set_trace_callback(traced.append)
    browser.page(path)
    connection.set_trace_callback(None)
    return traced


def test_pages_of_runs_that_are_not_driven_read_nothing_more(browser: Browser, client: Client, server: Server) -> None:
    where = f"/computations/{started(client, ids.CAPSULE)}"
    for path in (where, "/computations", ""):
        assert not [sql for sql in statements(server, browser, path) if "driven" in sql.lower()]
