"""Forms about what has gone or changed since their page was shown."""

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.ui.conftest import Browser, started
from tests.ui.html import Page


def test_a_run_that_has_ended_meanwhile_was_not_stopped(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.CAPSULE)
    page = browser.submit(browser.page(f"/computations/{run}"), "/stop")
    clock.advance(100)
    assert "The run had already ended" in browser.agree(page).text


@pytest.fixture
def gone(browser: Browser, server: Server) -> Page:
    """A page of a world that is dropped by now."""
    server.app.worlds.create("short")
    page = browser.at("/_ui/worlds/short/world")
    server.app.worlds.drop("short")
    return page


@pytest.mark.parametrize("ending", ["/clock/step", "/faults/preset", "/clock/advance", "/save", "/reset", "/switch"])
def test_a_form_of_a_world_that_is_gone_gets_a_page_that_says_so(browser: Browser, gone: Page, ending: str) -> None:
    form = gone.form(ending)
    answer = browser.post(form.action, data=form.fields, headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "there is no such world" in answer.text
    assert (answer.headers["hx-retarget"], answer.headers["hx-reselect"]) == ("#main", "#main")


@pytest.mark.parametrize("ending", ["/snapshots/load", "/snapshots/delete"])
def test_nobody_is_asked_about_a_snapshot_that_is_gone(browser: Browser, server: Server, ending: str) -> None:
    worlds = server.app.worlds
    worlds.save(worlds.default, "kept")
    page = browser.page("/world")
    worlds.snapshots.delete("kept")
    answered = browser.submit(page, ending)
    assert "there is no snapshot called kept" in answered.text
    assert not [form for form in answered.forms if "confirmed" in form.fields]
