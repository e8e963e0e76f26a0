"""The documentation in Chromium: whole without another host, light and dark, on a phone, and for everybody."""

import pytest
from playwright.sync_api import Browser, Page, expect

from mock_server.manual.pages import is_built
from tests.browser.chromium import PHONE, WIDE, window
from tests.browser.conftest import Window
from tests.browser.test_accessibility import violations
from tests.conftest import Server

PAGES = ["", "control-plane/", "python-api/", "fidelity/", "dashboard/", "decisions/"]
"""One of each kind: prose, what is made from the program, long tables, pictures."""

ON_A_PHONE = ["", "control-plane/", "dashboard/"]
"""Those on which a phone shows what a desktop does not: boxes that scroll, the navigation as a drawer."""


@pytest.fixture(autouse=True)
def built() -> None:
    assert is_built(), "run `make docs`"


def go(shown: Window, path: str) -> Page:
    shown.page.goto(f"{shown.url}/_docs/{path}")
    expect(shown.page.get_by_role("heading", level=1)).to_be_visible()
    return shown.page


@pytest.mark.parametrize(("size", "paths"), [(WIDE, PAGES), (PHONE, ON_A_PHONE)], ids=["desktop", "phone"])
def test_axe_finds_nothing(shown: Window, size: tuple[int, int], paths: list[str]) -> None:
    shown.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert [problem for path in paths for problem in violations(go(shown, path))] == []


def test_a_phone_shows_every_page_without_scrolling_sideways(shown: Window) -> None:
    shown.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for path in [*PAGES, "cli/", "settings/", "performance/"]:
        page = go(shown, path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_pictures_are_there(shown: Window) -> None:
    page = go(shown, "dashboard/")
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("main img").count() >= 8


def test_the_search_finds_a_page_and_leads_there(shown: Window) -> None:
    page = go(shown, "")
    page.keyboard.press("/")
    page.keyboard.type("Retry-After")
    found = page.locator(".md-search-result__link, [role=dialog] a[href*='/_docs/']").first
    expect(found).to_be_visible()
    found.click()
    expect(page.get_by_role("main")).to_contain_text("Retry-After")
    assert page.url.startswith(f"{shown.url}/_docs/")
    assert page.url != f"{shown.url}/_docs/"


def test_it_follows_the_system_and_can_be_switched(chromium: Browser, server: Server) -> None:
    context = window(chromium, scheme="dark")
    page = context.new_page()
    page.goto(f"{server.url}/_docs/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    page.get_by_title("Switch to light mode").click()
    page.get_by_title("Switch to dark mode").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    context.close()


def test_the_dashboard_leads_there(shown: Window) -> None:
    shown.go()
    shown.page.get_by_role("link", name="Documentation", exact=True).click()
    expect(shown.page.get_by_role("heading", level=1)).to_contain_text("codeocean-mock")
