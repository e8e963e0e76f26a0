"""Forms that a browser sends twice although one thing was asked for do it once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_server.services import world_info
from mock_server.ui import once
from tests import ids
from tests.conftest import Server
from tests.ui.conftest import WORLD, Browser
from tests.ui.html import Page

PAGES = (
    "",
    f"/capsules/{ids.CAPSULE}",
    f"/computations/{ids.PAST_RUN}",
    f"/data_assets/{ids.IRIS}",
    "/journal",
    "/world",
    "/worlds",
)


def runs(server: Server) -> int:
    return world_info.counts(server.app.worlds.default).computations


def sent(browser: Browser, page: Page, ending: str, **fields: str) -> str:
    """Send a form as it stands in a page; where the answer leads."""
    form = page.form(ending)
    referrer = {"Referer": str(page.answer.url)}
    answer = browser.post(form.action, data=form.fields | fields, headers=referrer, follow_redirects=False)
    return str(answer.headers.get("location", answer.status_code))


@pytest.mark.parametrize("path", PAGES)
def test_forms_can_be_told_apart(browser: Browser, path: str) -> None:
    page = browser.page(path)
    own = [form for form in page.forms if form.method == "post"]
    assert own
    marks = {form.fields.get(once.FIELD) for form in own}
    assert len(marks) == 1
    assert marks.isdisjoint({form.fields.get(once.FIELD) for form in browser.page(path).forms})


def test_a_run_is_started_once(browser: Browser, server: Server) -> None:
    before = runs(server)
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    with ThreadPoolExecutor(3) as pool:
        [one] = set(pool.map(lambda _: sent(browser, page, "/runs"), range(3)))
    assert one.startswith(f"{WORLD}/computations/")
    assert runs(server) == before + 1
    assert "The run has been started" in browser.at(one).text


def test_what_is_asked_for_again_is_done_again(browser: Browser, server: Server) -> None:
    before = runs(server)
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    found = {
        sent(browser, page, "/runs"),
        sent(browser, page, "/runs", **{"parameter.0": "7"}),
        sent(browser, browser.page(f"/capsules/{ids.CAPSULE}"), "/runs"),
    }
    assert len(found) == 3
    assert runs(server) == before + 3


def test_what_is_sent_again_after_a_while_is_done_again(
    browser: Browser, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "KEPT", -1.0)
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    assert sent(browser, page, "/runs") != sent(browser, page, "/runs")


def test_a_form_that_was_refused_is_tried_again(browser: Browser, server: Server) -> None:
    page = browser.page("/worlds")
    server.app.worlds.create("ci")
    assert sent(browser, page, "/make", name="ci") == "400"
    server.app.worlds.drop("ci")
    assert sent(browser, page, "/make", name="ci") == f"{WORLD}/worlds"
    assert sent(browser, page, "/make", name="ci") == f"{WORLD}/worlds"


def test_a_world_that_is_dropped_by_a_double_click_is_gone(browser: Browser, server: Server) -> None:
    server.app.worlds.create("ci")
    page = browser.submit(browser.page("/worlds"), "/ci/world/drop")
    assert {sent(browser, page, "/ci/world/drop") for _ in range(2)} == {f"{WORLD}/worlds"}
    assert "The world ci has been dropped" in browser.page("/worlds").text
