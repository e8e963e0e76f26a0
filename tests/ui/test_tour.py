"""The guided tour on the overview of the demo world: steps are ticked when they are done, and it can be dismissed."""

import re

import pytest

from mock_server.ui.tour import STEPS
from tests import ids
from tests.conftest import Server
from tests.control.conftest import Plane
from tests.ui.conftest import WORLD, Browser
from tests.ui.html import Page

QC = f"/capsules/{ids.SESSION_QC}"


def steps(page: Page) -> list[str]:
    """The steps of the tour, in order."""
    found = [given.get("id") or "" for tag, given in page.elements if tag == "a"]
    return [name for name in found if name.startswith("tour-")]


def done(page: Page) -> list[str]:
    """The numbers of the steps that are ticked."""
    return re.findall(r'<li class="done">.*?<a id="tour-(\d)"', page.html)


def test_every_step_leads_to_its_page(browser: Browser) -> None:
    page = browser.page()
    assert steps(page) == [f"tour-{key}" for key in STEPS]
    assert done(page) == []
    for key, step in STEPS.items():
        [link] = [given["href"] or "" for _, given in page.elements if given.get("id") == f"tour-{key}"]
        shown = browser.at(link)
        _, _, fragment = link.partition("#")
        assert fragment == step.fragment
        assert not fragment or f'id="{fragment}"' in shown.html


def test_the_link_to_the_runs_finds_those_of_the_capsule(browser: Browser) -> None:
    [link] = [given["href"] or "" for _, given in browser.page().elements if given.get("id") == "tour-2"]
    assert "Session QC" in browser.at(link).html.partition("<tbody>")[2]


def test_steps_are_ticked_as_they_are_done(browser: Browser) -> None:
    started = browser.submit(browser.page(QC), "/runs")
    run = started.answer.url.path.rpartition("/")[2]
    assert done(browser.page()) == ["1"]
    browser.post(f"{WORLD}/clock/step", data={"by": "1h"})
    assert done(browser.page()) == ["1", "3"]
    browser.page(f"/computations/{run}/files?path=output")
    browser.submit(browser.page("/world"), "/faults/preset", preset="rate-limit")
    browser.page("/journal?fault=*")
    page = browser.page()
    assert done(page) == ["1", "2", "3", "4", "5"]
    assert "Tour complete" in page.text


def test_what_was_refused_or_only_looked_at_is_no_step(browser: Browser) -> None:
    for path in (QC, "/computations", "/world", "/journal", "/journal?operation=&entity=&status=&fault="):
        browser.page(path)
    browser.submit(browser.page(f"/capsules/{ids.CAPSULE}"), "/runs")
    browser.submit(browser.page(QC), "/runs", find="712034", enter="1")
    browser.submit(browser.page("/world"), "/clock/mode", 400, mode="scaled")
    browser.submit(browser.page("/world"), "/world/faults", 400, status="5")
    browser.page(f"/computations/{ids.NOBODYS}/files", 404)
    assert done(browser.page()) == []


def test_it_is_dismissed_for_good(browser: Browser, server: Server) -> None:
    answer = browser.post(f"{WORLD}/tour/dismiss", follow_redirects=False)
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if "_tour_" in value]
    assert int(cookie.lower().partition("max-age=")[2].partition(";")[0]) > 300 * 86400
    assert "httponly; max-age=" in cookie.lower()
    assert steps(browser.page()) == []
    browser.post(f"{WORLD}/clock/step", data={"by": "1h"})
    assert steps(browser.page()) == []
    with Browser(server.url) as another:
        assert len(steps(another.page())) == len(STEPS)


def test_a_world_that_is_not_the_demo_has_none(browser: Browser, server: Server) -> None:
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "other", "seed": "empty"})
    assert steps(browser.at("/_ui/worlds/other")) == []
    browser.post("/_ui/worlds/other/clock/step", data={"by": "1h"})
    assert done(browser.page()) == []


@pytest.mark.parametrize(("kept", "ticked"), [("off", None), ("31", ["1", "3"]), ("x9%00", []), ("", [])])
def test_what_the_browser_kept_is_only_read_for_steps(browser: Browser, kept: str, ticked: list[str] | None) -> None:
    name = f"codeocean_mock_tour_{browser.base_url.port}"
    page = Page(browser.get(WORLD, headers={"Cookie": f"{name}={kept}"}))
    assert done(page) == (ticked or [])
    assert bool(steps(page)) is (ticked is not None)
